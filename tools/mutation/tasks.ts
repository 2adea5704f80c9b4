/** The tasks of the notebooks whose checks need no data: a solution, what comes before it, and its check. */
import { basename, dirname } from "node:path";
import * as vm from "node:vm";
import * as esbuild from "esbuild";
import * as tessera from "../../lib/mod.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { notebooksIn, readNotebook, sourceFolder, textOf } from "../notebooks.ts";
import { runCheckBy, type Task } from "./task.ts";

export type { Task };

/**
 * The tasks of these names whose solution passes its check without data, in the notebooks' order; with `areSure`, that
 * it passes is not tried.
 */
export async function tasks(
  isWanted: (name: string) => boolean = () => true,
  { areSure = false } = {},
): Promise<Task[]> {
  const found: Task[] = [];
  for (const path of notebooksIn(sourceFolder)) {
    const { cells } = await readNotebook(path);
    const before: string[] = [];
    let cell: string | undefined;
    for (const each of cells) {
      if (each.cell_type !== "code") continue;
      const text = withoutImports(textOf(each));
      const settings = /^const config = \{[\s\S]*?^\};/m.exec(text);
      if (settings) before.push(settings[0]);
      // A cell that catches what the check says, shows a message; it checks nothing.
      const check = /\btry \{/.test(text) ? null : /await (check\w+)\(/.exec(text);
      if (check && cell !== undefined) {
        const name = `${basename(dirname(path))} ${check[1]}`;
        const earlier = before.filter((each) => each !== cell);
        const task = { name, before: earlier, cell, check: checkable(check[1], text) };
        if (isWanted(name) && (areSure || await holds(task))) found.push(task);
      } else if (
        /^(?:abstract )?(?:class|(?:async )?function)\b/m.test(text) &&
        // What shows something works with data; definitions alone do not.
        !/^(?:await|\S.*= await)\b|^\w+\(/m.test(text)
      ) {
        before.push(text);
        if (text.includes("BEGIN SOLUTION")) cell = text;
      }
    }
  }
  const counts = Map.groupBy(found, ({ name }) => name);
  return found.map((task) => {
    const same = counts.get(task.name)!;
    return same.length === 1 ? task : { ...task, name: `${task.name} ${same.indexOf(task) + 1}` };
  });
}

async function holds(task: Task): Promise<boolean> {
  return await runCheck(task, task.cell) === undefined;
}

const withoutImports = (text: string) => text.replace(/^import\s[^;]*;\n?/gm, "");

/** What a check needs that the notebook has from its data, from a training or from another file. */
const stands: Readonly<Record<string, string>> = {
  checkGridModelConstructor:
    "const sizes = { imageSize: 8, channels: 3, patchSize: 2, width: 6, mlpWidth: 7, heads: 3, depth: 2, classes: 5 };",
  checkReceptiveField:
    "const pooledCnn = new PooledCnn({ imageSize: 32, channels: 3, width: 4, classes: 10, random: new Random(1) });",
};

/** The text of a check as it runs without data: elsewhere without the sizes of the training. */
function checkable(check: string, text: string): string {
  if (check in stands) return `${stands[check]}\n${text}`;
  return text.replace(/\bsizes(?:: \w+)?,?\s*/g, "").replace(/\bimageSize: [\w.]+,?\s*/g, "");
}

/** Runs a task's check on a cell; gives what it says, `undefined` where it passes. */
export const runCheck = (task: Task, cell: string): Promise<Error | undefined> =>
  runCheckBy(runCells, task, cell);

/**
 * Runs TypeScript as the kernel runs a cell, a script without a file, with the library's names and `tf` in
 * reach; gives what it returns.
 */
export async function runCells(code: string): Promise<unknown> {
  const names = [...Object.keys(tessera), "tf"].join(", ");
  const { code: script } = await esbuild.transform(`async function cells() {\n${code}\n}`, {
    loader: "ts",
    target: "esnext",
  });
  const source = `"use strict";\n(({ ${names} }) => {\n${script}\nreturn cells();\n})`;
  return await vm.runInThisContext(source, { filename: "<anonymous>" })({ ...tessera, tf });
}
