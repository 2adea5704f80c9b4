import { kernel } from "../platform/environment.ts";
import { atEnd, kernelDoor } from "../platform/kernel_door.ts";
import { outliveOutput } from "../platform/output.ts";
import {
  endProgram,
  endSignals,
  exitCodeOf,
  onSignals,
  type Signal,
  warning,
} from "../platform/signals.ts";

/** What may end a long call early: Stop (or Ctrl-C), and errors that nobody else would see. */
export interface Interruption {
  /** Whether the user, or the system, asked to stop since this watch began; in a notebook, since its cell began. */
  readonly stopRequested: boolean;
  /** Whether it was warned, since this was asked last, that it may be ended soon. */
  takeWarning(): boolean;
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

interface Watch {
  stopRequested: boolean;
  isWarned: boolean;
  failure: { error: unknown } | undefined;
}

const watches = new Set<Watch>();

/**
 * Begins to watch for Stop. In a notebook the kernel's door tells of it, and of errors that no cell
 * throws. In a terminal SIGTERM and SIGHUP are like Ctrl-C, but for a second Ctrl-C, which ends the process at
 * once; SIGUSR1 warns.
 */
export function watchForInterruption(): Interruption {
  const watch: Watch = { stopRequested: false, isWarned: false, failure: undefined };
  const endListening = kernelDoor()?.watch({
    stop: () => void (watch.stopRequested = true),
    warn: () => void (watch.isWarned = true),
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
    takeWarning() {
      const { isWarned } = watch;
      watch.isWarned = false;
      return isWarned;
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

let endListening = () => {};
let stoppedBy: Signal = "SIGINT";

function listenInTerminal(): () => void {
  if (kernel()) return () => {}; // one without a door, which ends at Stop
  if (watches.size === 0) {
    outliveOutput();
    const ends = [onSignals(endSignals, onEndSignal), onSignals([warning], onWarning)];
    endListening = () => ends.forEach((end) => end());
  }
  return () => {
    if (watches.size === 0) endListening();
  };
}

function onEndSignal(signal: Signal): void {
  if ([...watches].some((watch) => watch.stopRequested)) {
    // A terminal that is closed, and the end of a batch job, may send several signals.
    if (signal === "SIGINT") endProgram(exitCodeOf(signal));
    return;
  }
  stoppedBy = signal;
  for (const watch of watches) watch.stopRequested = true;
  const again = signal === "SIGINT" ? "; Ctrl-C again ends at once" : ` (${signal})`;
  console.error(`\nStopping after this step${again}.`);
}

function onWarning(): void {
  for (const watch of watches) watch.isWarned = true;
}

/** The exit code of a program that has ended because it was asked to stop. */
export function stoppedExitCode(): number {
  return exitCodeOf(stoppedBy);
}
