/** Functions of a module that never end, for cells that Stop ends. */

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export async function* everySecond(): AsyncGenerator<number> {
  for (let count = 0;; count++) {
    yield count;
    await sleep(1000);
  }
}

export async function readAgain(): Promise<never> {
  while (true) await Deno.stat(".");
}

export async function turn(): Promise<never> {
  while (true) await Promise.resolve();
}
