import { kernel } from "../platform/environment.ts";
import { atEnd, kernelDoor } from "../platform/kernel_door.ts";

/** What may end a long call early: Stop (or Ctrl-C), and errors that nobody else would see. */
export interface Interruption {
  /** Whether the user asked to stop since this watch began. */
  readonly stopRequested: boolean;
  /** Throws an error that was thrown in a timer or a promise that nothing awaits, if there was one. */
  throwIfFailed(): void;
  /** Ends the watch. */
  end(): void;
}

/** A user's Stop left nothing to go on with. It is no mistake of the program, so it shows no call stack. */
export class Stopped extends Error {
  override readonly name = "Stopped";

  constructor(message: string) {
    super(message);
    this.stack = `${this.name}: ${message}`;
  }
}

/** Ends the process as shells expect it after SIGINT. */
const interruptedExitCode = 130;
interface Watch {
  stopRequested: boolean;
  failure: { error: unknown } | undefined;
}

const watches = new Set<Watch>();

/**
 * Begins to watch for Stop. In a notebook the kernel's door tells of it, and of errors that no cell
 * throws; in a terminal, a second Ctrl-C ends the process at once.
 */
export function watchForInterruption(): Interruption {
  const watch: Watch = { stopRequested: false, failure: undefined };
  const endListening = kernelDoor()?.watch({
    stop: () => void (watch.stopRequested = true),
    fail: (error) => void (watch.failure ??= { error }),
  }) ?? listenInTerminal();
  watches.add(watch);
  const end = atEnd(() => {
    watches.delete(watch);
    endListening();
    // Nothing will ask this watch any more: back to where unseen errors go.
    if (watch.failure) Promise.reject(watch.failure.error);
  });
  return {
    get stopRequested() {
      return watch.stopRequested;
    },
    throwIfFailed() {
      if (!watch.failure) return;
      const { error } = watch.failure;
      watch.failure = undefined;
      throw error;
    },
    end,
  };
}

function listenInTerminal(): () => void {
  if (kernel()) return () => {}; // one without a door, which ends at Stop
  if (watches.size === 0) Deno.addSignalListener("SIGINT", onInterrupt);
  return () => {
    if (watches.size === 0) Deno.removeSignalListener("SIGINT", onInterrupt);
  };
}

function onInterrupt(): void {
  if ([...watches].some((watch) => watch.stopRequested)) Deno.exit(interruptedExitCode);
  console.error("\nStopping after this step; Ctrl-C again ends at once.");
  for (const watch of watches) watch.stopRequested = true;
}
