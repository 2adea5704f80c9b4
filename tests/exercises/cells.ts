/** Learners' code as a notebook's kernel has it: a script without a file, in which places have no name. */
import { runCells } from "../../tools/mutation/tasks.ts";

/** Runs TypeScript as a cell and gives what one of its names holds. */
export async function cell<T>(code: string, result: string): Promise<T> {
  return await runCells(`${code}\nreturn ${result};`) as T;
}
