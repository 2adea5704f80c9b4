/** Output that nobody takes any more: of a terminal that was closed, or a pipe whose reader has ended. */

const isClosed = (error: unknown) =>
  error instanceof Deno.errors.BrokenPipe ||
  error instanceof Error && /\(os error 5\)/.test(error.message);

/** Writes to a terminal or a pipe; does nothing where that is closed. */
export function unlessClosed(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!isClosed(error)) throw error;
  }
}

let isOutlived = false;

/** Lets a program print into the void, where printing would end it before it has saved its work. */
export function outliveOutput(): void {
  if (isOutlived) return;
  isOutlived = true;
  for (const name of ["log", "info", "debug", "warn", "error"] as const) {
    const print = console[name].bind(console);
    console[name] = (...values: unknown[]) => unlessClosed(() => print(...values));
  }
}
