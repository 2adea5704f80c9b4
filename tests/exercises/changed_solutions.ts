/** Mistakes that are planted in the notebooks' own solutions by changing some of their text. */
import { assert } from "@std/assert";
import { runCheck, type Task, tasks } from "../../tools/mutation/tasks.ts";
import { fails } from "./verdict.ts";

/** What is changed in a solution, and words that the message must have. */
export interface Change {
  mistake: string;
  was: string;
  is: string;
  words: readonly (string | RegExp)[];
}

export const change = (
  mistake: string,
  was: string,
  is: string,
  ...words: (string | RegExp)[]
): Change => ({
  mistake,
  was,
  is,
  words,
});

/** A test for each change, by the names of the tasks. */
export function changedSolutions(changes: Readonly<Record<string, readonly Change[]>>): void {
  let loaded: Promise<Task[]> | undefined;
  /** A task by its name; all are loaded by the first test that asks. */
  const taskOf = async (name: string) => {
    loaded ??= tasks((each) => Object.keys(changes).some((key) => key.startsWith(each)), {
      areSure: true,
    });
    return (await loaded).find((each) => each.name === name)!;
  };
  for (const [name, ofTask] of Object.entries(changes)) {
    const [unit, check] = name.split(" ");
    for (const { mistake, was, is, words } of ofTask) {
      Deno.test(`${check}: names what is wrong with ${mistake}, in ${unit}`, async () => {
        const task = await taskOf(name);
        assert(task.cell.includes(was), "the solution has other words now");
        await fails(async () => {
          const error = await runCheck(task, task.cell.replace(was, () => is));
          if (error) throw error;
        }, ...words);
      });
    }
  }
}
