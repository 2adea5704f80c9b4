/** Errors that no cell throws: of timers, of promises that nobody awaits, of values that cannot be shown. */
import { cellInStack, currentCell } from "./cell.ts";
import { kind, type Pipe } from "./pipe.ts";
import { Stopped, type Watcher } from "./stopping.ts";

/** Tells the door of an error, which becomes that of its cell. */
export function sendFailure(pipe: Pipe, error: unknown, cell: number, explanation = ""): void {
  const told = error instanceof Error
    ? { name: error.name, message: error.message, stack: error.stack ?? "" }
    : { name: "", message: String(error), stack: "" };
  pipe.send(kind.note, cell, JSON.stringify({ failure: { ...told, explanation } }));
}

/** Listens for such errors; a running call of the library gets them first. */
export function watchFailures(pipe: Pipe, watchers: Set<Watcher>): void {
  const take = (error: unknown, explanation: string) => {
    if (error instanceof Stopped) return;
    const watcher = [...watchers].at(-1);
    if (watcher) return watcher.fail(error);
    const stack = error instanceof Error ? error.stack ?? "" : "";
    sendFailure(pipe, error, cellInStack(stack) ?? currentCell().id, explanation);
  };
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    take(event.error ?? new Error(event.message), "Thrown by a timer or another callback.");
  });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    take(event.reason, "Thrown in a promise that nothing awaits.");
  });
}
