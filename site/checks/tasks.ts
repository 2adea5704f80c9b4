/**
 * `tools/mutation/tasks.ts` in a browser: the tasks were read from the notebooks before, and cells are compiled
 * as the site's kernel compiles them.
 */
import { compileCell } from "../kernel/cell.ts";
import * as tessera from "../../lib/mod.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { runCheckBy, type Task } from "../../tools/mutation/task.ts";

export type { Task };

/** Those of all notebooks; the bundle holds them. */
declare const tasksOfNotebooks: readonly Task[];

export async function tasks(
  isWanted: (name: string) => boolean = () => true,
  { areSure = false } = {},
): Promise<Task[]> {
  const found: Task[] = [];
  for (const task of tasksOfNotebooks) {
    if (isWanted(task.name) && (areSure || !await runCheck(task, task.cell))) found.push(task);
  }
  return found;
}

export const runCheck = (task: Task, cell: string): Promise<Error | undefined> =>
  runCheckBy(runCells, task, cell);

const names = [...Object.keys(tessera), "tf"].join(", ");
const noNamespaces = () => Promise.reject(new Error("no cell of a test has a namespace"));

/**
 * Runs TypeScript as the kernel runs a cell, with the library's names and `tf` in reach; gives what it returns. Its own
 * block may declare a name anew.
 */
export async function runCells(code: string): Promise<unknown> {
  const { body } = await compileCell(`(async ({ ${names} }) => {{\n${code}\n}})`, 1, noNamespaces);
  const { value } = await (0, eval)(body);
  return await value({ ...tessera, tf });
}
