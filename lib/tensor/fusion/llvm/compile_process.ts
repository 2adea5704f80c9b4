/**
 * A process of its own in which LLVM makes kernels, one after another, until its input ends or has nothing for it
 * for a while. Where LLVM takes too long over one the system ends the process, in whatever LLVM is just then.
 *
 * Its arguments: the path of LLVM's library, and for how many seconds it may compute for one kernel.
 */
import { Llvm } from "./compiler.ts";
import { Answer, LENGTH_BYTES } from "./compiler_process.ts";
import { targetOf } from "./processor.ts";
import { endWithParent, limitProcessorTime } from "./process_limits.ts";

/** For so long it waits for more to do: loading LLVM takes longer than making a kernel. */
const IDLE_MILLISECONDS = 10_000;

async function main([library, seconds]: string[]): Promise<void> {
  const llvm = new Llvm(library);
  const target = targetOf(llvm.host());
  answer(Answer.ready, new Uint8Array(0));
  while (true) {
    const idle = setTimeout(() => Deno.exit(), IDLE_MILLISECONDS);
    const text = await nextText();
    clearTimeout(idle);
    if (text === undefined) return;
    limitProcessorTime(Number(seconds));
    try {
      answer(Answer.object, llvm.objectOf(text, target));
    } catch (error) {
      answer(Answer.error, new TextEncoder().encode((error as Error).message));
    }
  }
}

async function nextText(): Promise<string | undefined> {
  const length = await read(LENGTH_BYTES);
  const text = length && await read(new DataView(length.buffer).getUint32(0));
  return text && new TextDecoder().decode(text);
}

/** So many bytes of the input; undefined where it ends before. */
async function read(count: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = new Uint8Array(count);
  for (let done = 0; done < count;) {
    const more = await Deno.stdin.read(bytes.subarray(done));
    if (more === null) return undefined;
    done += more;
  }
  return bytes;
}

function answer(kind: Answer, bytes: Uint8Array): void {
  const head = new Uint8Array(1 + LENGTH_BYTES);
  head[0] = kind;
  new DataView(head.buffer).setUint32(1, bytes.length);
  for (const part of [head, bytes]) {
    for (let done = 0; done < part.length;) done += Deno.stdout.writeSync(part.subarray(done));
  }
}

// What LLVM does just then would go on for a while without the program that wanted it.
endWithParent();
// Ctrl-C is for the program that wants kernels: where that goes on, so does this, and else its input ends.
Deno.addSignalListener("SIGINT", () => {});
try {
  await main(Deno.args);
} catch (error) {
  answer(Answer.error, new TextEncoder().encode((error as Error).message));
}
Deno.exit();
