/** What a test has started, and what that has started, by a mark in its environment (Linux). */

/** The processes whose environment holds `mark`. */
export function marked(mark: string): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
    try {
      return pid > 0 && pid !== Deno.pid &&
        Deno.readTextFileSync(`/proc/${pid}/environ`).includes(mark);
    } catch {
      return false; // ended meanwhile, or another user's
    }
  });
}

/** Asks again and again, for some seconds, whether something is so; says whether it is. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  seconds: number,
): Promise<boolean> {
  const end = performance.now() + seconds * 1000;
  while (!await isSo()) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}

export function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A server that tests start: it ends with them, also where they are killed (Linux). */
export function server(
  program: string,
  { args, ...options }: Deno.CommandOptions & { args: readonly string[] },
): Deno.Command {
  const bound = ["--pdeathsig", "TERM", program, ...args];
  return exists(setpriv)
    ? new Deno.Command(setpriv, { ...options, args: bound })
    : new Deno.Command(program, { ...options, args: [...args] });
}

const setpriv = "/usr/bin/setpriv";
