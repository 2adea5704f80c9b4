/** Signals by which a program is asked to end, or warned that it will be. */
import { readTextIfThere } from "./files.ts";

const numbers = { SIGHUP: 1, SIGINT: 2, SIGUSR1: 10, SIGTERM: 15 } as const;
export type Signal = keyof typeof numbers;

/** What asks a program to end: Ctrl-C, `kill` or a time limit, and a terminal that is closed. */
export const endSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const satisfies readonly Signal[];
/** A batch system's warning that the end is near. */
export const warning = "SIGUSR1" satisfies Signal;

/** The exit code by which shells know that a signal ended a program. */
export function exitCodeOf(signal: Signal): number {
  return 128 + numbers[signal];
}

/** Ends the program at once. */
export function endProgram(exitCode: number): never {
  Deno.exit(exitCode);
}

/** One bit for each signal that does not concern this program, as `nohup` has it; none where nobody tells. */
const ignored = BigInt(
  "0x" + (/^SigIgn:\s*([\da-f]+)/m.exec(readTextIfThere("/proc/self/status") ?? "")?.[1] ?? "0"),
);

/** A warning always concerns it: `tessera` has it ignored only until somebody listens. */
const isIgnored = (signal: Signal) =>
  signal !== warning && (ignored >> BigInt(numbers[signal] - 1) & 1n) === 1n;

let isKeptIgnored = false;

/** The first signal that Deno is to listen to makes it listen to them all, and end at those it does not know. */
function keepIgnored(): void {
  if (isKeptIgnored) return;
  isKeptIgnored = true;
  Deno.addSignalListener(warning, () => {});
  for (const signal of Object.keys(numbers) as Signal[]) {
    if (isIgnored(signal)) Deno.addSignalListener(signal, () => {});
  }
}

const listening = new Map<Signal, number>();

/** How many calls of {@link onSignals} a signal reaches. */
export function listenersOf(signal: Signal): number {
  return listening.get(signal) ?? 0;
}

/** Calls `take` at each of these signals that concern this program; returns how to end that. */
export function onSignals(
  signals: readonly Signal[],
  take: (signal: Signal) => void,
): () => void {
  keepIgnored();
  const listeners = signals.filter((signal) => !isIgnored(signal))
    .map((signal) => [signal, () => take(signal)] as const);
  for (const [signal, listener] of listeners) {
    listening.set(signal, listenersOf(signal) + 1);
    Deno.addSignalListener(signal, listener);
  }
  return () => {
    for (const [signal, listener] of listeners) {
      listening.set(signal, listenersOf(signal) - 1);
      Deno.removeSignalListener(signal, listener);
    }
  };
}
