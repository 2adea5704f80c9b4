/** When the system ends this process, whatever it is doing just then. */
import { cLibrary } from "../../../platform/c_library.ts";

/** Counts what all threads of the process compute, and what the system does for them. */
const ITIMER_PROF = 2;
const PR_SET_PDEATHSIG = 1, SIGKILL = 9;

/** Ends this process, by the signal SIGPROF, once it has computed for so many seconds from now on. */
export function limitProcessorTime(seconds: number): void {
  const libc = Deno.dlopen(cLibrary, {
    setitimer: { parameters: ["i32", "buffer", "pointer"], result: "i32" },
  });
  // Seconds and microseconds, twice: until the next time, never, and until the first.
  const value = BigInt64Array.of(0n, 0n, BigInt(seconds), 0n);
  libc.symbols.setitimer(ITIMER_PROF, new Uint8Array(value.buffer), null);
  libc.close();
}

/** Ends this process when the thread that started it has ended, however that was; Linux alone does this. */
export function endWithParent(): void {
  if (Deno.build.os !== "linux") return;
  const libc = Deno.dlopen(cLibrary, { prctl: { parameters: ["i32", "u64"], result: "i32" } });
  libc.symbols.prctl(PR_SET_PDEATHSIG, BigInt(SIGKILL));
  libc.close();
}
