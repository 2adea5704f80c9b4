import { environment, kernel } from "../platform/environment.ts";

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
/** How long the kernel needs to pass on its last messages. */
const settleMilliseconds = 100;

interface Watch {
  stopRequested: boolean;
  failure: { error: unknown } | undefined;
}

const watches = new Set<Watch>();
let installed = false;

/**
 * Makes a notebook's kernel survive Stop, and show errors from timers and from promises that nothing
 * awaits; without this, Stop ends the kernel, and such errors are lost or block it. Does nothing
 * outside a kernel, or a second time.
 */
export function installKernelListeners(): void {
  if (installed || !kernel()) return;
  installed = true;
  Deno.addSignalListener("SIGINT", onInterrupt);
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    onFailure(event.error ?? new Error(event.message));
  });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    onFailure(event.reason);
  });
}

/** Begins to watch for Stop; in a terminal, a second Ctrl-C ends the process at once. */
export function watchForInterruption(): Interruption {
  installKernelListeners();
  const watch: Watch = { stopRequested: false, failure: undefined };
  const inTerminal = !kernel();
  if (inTerminal && watches.size === 0) Deno.addSignalListener("SIGINT", onInterrupt);
  watches.add(watch);
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
    end() {
      if (!watches.delete(watch)) return;
      if (inTerminal && watches.size === 0) Deno.removeSignalListener("SIGINT", onInterrupt);
      // Nothing will ask this watch any more.
      if (watch.failure) onFailure(watch.failure.error);
    },
  };
}

function onInterrupt(): void {
  if (!kernel()) {
    if ([...watches].some((watch) => watch.stopRequested)) Deno.exit(interruptedExitCode);
    console.error("\nStopping after this step; Ctrl-C again ends at once.");
  }
  for (const watch of watches) watch.stopRequested = true;
}

function onFailure(error: unknown): void {
  const waiting = [...watches].at(-1);
  // A running call of the library throws the error itself, so that its cell fails.
  if (waiting) waiting.failure ??= { error };
  // Its own failure must not come back here as an unhandled rejection.
  else reportFailure(error).catch((reason) => console.error(error, reason));
}

/** Shows an error that no cell can throw; a headless run must not pass over it. */
async function reportFailure(error: unknown): Promise<void> {
  const { name, message, stack } = error instanceof Error
    ? error
    : { name: "Uncaught", message: String(error), stack: undefined };
  const explanation = "Thrown by a timer or by a promise that nothing awaits.";
  const traceback = [stack ?? `${name}: ${message}`, explanation];
  await kernel()?.broadcast("error", { ename: name, evalue: message, traceback });
  // nbgrader goes on with the next cell and counts a cell with an error as failed.
  if (environment() !== "headless" || Deno.env.has("NBGRADER_EXECUTION")) return;
  setTimeout(() => Deno.exit(1), settleMilliseconds);
  // The runner reports nothing but a dead kernel, and the kernel's `Deno.stderr` leads nowhere.
  Deno.writeTextFileSync("/dev/stderr", `${traceback.join("\n")}\nThe run ends here.\n`);
}
