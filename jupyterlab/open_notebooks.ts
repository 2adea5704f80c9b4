/** Notices a notebook that is open twice or was changed elsewhere, and keeps what would be lost. */
import type { Application, Context, NotebookTracker, Notifications } from "./lab.ts";
import { Watch, type Windows } from "./watch.ts";

/** What the menus' and the toolbar's "run all cells" call in the end. */
const runAll = ["notebook:run-all-cells", "notebook:restart-run-all"];

/** Watches over all notebooks that the window opens. */
export function watchNotebooks(
  application: Application,
  tracker: NotebookTracker,
  notifications: Notifications,
  windows: Windows,
): void {
  const watches = new Map<Context, Watch>();

  tracker.widgetAdded.connect((_, { context }) => {
    context.ready.then(() => {
      if (watches.has(context) || context.isDisposed) return; // a second view of the same notebook
      watches.set(context, new Watch(context, windows, notifications));
      context.disposed.connect(() => watches.delete(context));
    });
  });
  windows.listen(
    (word) => watches.forEach((watch) => watch.hear(word)),
    // Jupyter says so before the window that saved knows that it has.
    (path) => setTimeout(() => lookAt(path), 1000),
  );
  const lookAt = (path?: string) =>
    watches.forEach((watch, context) => {
      if (path === undefined || context.path === path) watch.look();
    });
  // Other programs say nothing: look whenever someone comes back to the window.
  addEventListener("focus", () => {
    lookAt();
    watches.forEach((watch) => watch.ask());
  });
  addEventListener("pagehide", () => watches.forEach((watch) => watch.close()));

  application.commands.commandExecuted.connect((_, { id }) => {
    const context = tracker.currentWidget?.context;
    if (context && runAll.includes(id)) windows.snapshot(context, "run-all");
  });
}
