/** Other programs, which this one starts and which end with it. */
import { dirname, join } from "node:path";
import { exists } from "./files.ts";

/** A program that runs beside this one. */
export interface Helper {
  /** What it writes to its standard error. */
  readonly stderr: ReadableStream<Uint8Array>;
  /** Asks it to end, and waits. */
  close(): Promise<void>;
}

/** Why no program can be started here; empty where one can. */
export const whyNoPrograms: string = "";

/** This process, by its number. */
export const processNumber: number = Deno.pid;

/**
 * Ends the program when its input ends, and so also when the process that holds it is killed. Stop, which
 * interrupts all processes of a kernel, and a batch system's warning leave it running. Its standard error ends with
 * it: what watches the input does not hold that.
 */
const untilInputEnds = `trap '' INT USR1
exec 3<&0
(cat <&3 > /dev/null; kill $$) 2> /dev/null &
exec "$0" "$@" 3<&- < /dev/null`;

/** Starts a program that runs until it is closed, or this one ends. */
export function startHelper(program: string, args: readonly string[]): Helper {
  const process = new Deno.Command("sh", {
    args: ["-c", untilInputEnds, program, ...args],
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  return {
    stderr: process.stderr,
    async close() {
      await process.stdin.close();
      await process.status;
    },
  };
}

/** Python: the one that is installed beside Deno, elsewhere what the search path has. */
export function pythonProgram(): string {
  const beside = join(dirname(Deno.execPath()), "python");
  return exists(beside) ? beside : "python3";
}
