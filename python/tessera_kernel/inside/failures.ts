/** Errors that no cell throws: of timers, of promises that nobody awaits, of values that cannot be shown. */
import { cellInStack, currentCell } from "./cell.ts";
import { Error, JSON, Object } from "./language.ts";
import { kind, type Pipe } from "./pipe.ts";
import { Stopped } from "./stopped.ts";
import { told, whereThrown } from "./thrown.ts";
import { failWatcher } from "./watchers.ts";

/** Tells the door of an error, which becomes that of a cell: the one its trace names, unless it is said. */
export function sendFailure(pipe: Pipe, error: unknown, explanation = "", cell?: number): void {
  const failure = { ...told(error, whereThrown(error)), explanation };
  const number = cell ?? cellInStack(failure.stack) ?? currentCell().id;
  pipe.send(kind.note, number, JSON.stringify({ failure }));
}

/** An error of which only V8's words are there. */
function errorOf(words: string): Error {
  const [, name = "Error", message] = /^(?:Uncaught )?(?:\(in promise\) )?(?:(\w+): )?([^]*)$/.exec(
    words,
  )!;
  return Object.assign(new Error(message), { name, stack: "" });
}

/** Listens for such errors; a running call of the library gets them first. */
export function watchFailures(pipe: Pipe): void {
  const take = (error: unknown, explanation: string) => {
    if (error instanceof Stopped || failWatcher(error)) return;
    sendFailure(pipe, error, explanation);
  };
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    const isOfWorker = event.error === null && event.message !== "Uncaught null";
    if (isOfWorker) return take(errorOf(event.message), "Thrown in a worker.");
    take(event.error, "Thrown by a timer or another callback.");
  });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    take(event.reason, "Thrown in a promise that nothing awaits.");
  });
}
