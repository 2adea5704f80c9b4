/** A task of a notebook, and how its check is run; it stands alone, as it runs in a browser too. */

export interface Task {
  /** "unit1 checkFeedForward" */
  name: string;
  /** The cells before it that define classes and functions, solutions included. */
  before: readonly string[];
  /** The cell with the solution. */
  cell: string;
  /** The cell that checks it. */
  check: string;
}

/**
 * Runs a task's check on a cell, by what runs code with the library in reach; gives what it says, `undefined`
 * where it passes.
 */
export async function runCheckBy(
  runCells: (code: string) => Promise<unknown>,
  task: Task,
  cell: string,
): Promise<Error | undefined> {
  const { log } = console;
  console.log = () => {};
  try {
    const cells = [...task.before, cell, task.check];
    // Each cell inside the one before, as it may declare a name anew.
    await runCells(`${cells.map((text) => `{\n${text}\n`).join("")}${"}".repeat(cells.length)}`);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    console.log = log;
  }
}
