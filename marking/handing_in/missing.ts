/**
 * What is missing in an executed notebook, judged as grading judges it: an answer counts as empty where it is
 * blank or as it was handed out, a check as failed where its cell ends with an error.
 */
import { basename } from "../../lib/platform/paths.ts";
import { type Cell, type Notebook, textOf } from "../../tools/notebook.ts";

/** nbgrader's description of a cell. */
export interface Task {
  grade_id: string;
  grade: boolean;
  solution: boolean;
  points?: number;
}

/** nbgrader's description of a cell, where it has one. */
export function taskOf(cell: Cell): Task | undefined {
  const task = cell.metadata?.nbgrader as Task | undefined;
  return task && (task.grade || task.solution) ? task : undefined;
}

export interface Missing {
  /** Which cell of the notebook, from 1; 0 for the notebook as a whole. */
  cell: number;
  /** nbgrader's id of the cell. */
  id: string;
  /** How many points it has; 0 where it is a task, whose check has them. */
  points: number;
  /** In a few words, and for a check that fails its message. */
  text: string;
}

interface Output {
  output_type: string;
  ename?: string;
  evalue?: string;
  traceback?: string[];
}

/** Compares a notebook with the one that was handed out. */
export function missingIn(notebook: Notebook, handedOut: Notebook): Missing[] {
  const found: Missing[] = [];
  const cells = new Map<string, { cell: Cell; place: number }[]>();
  for (const [index, cell] of notebook.cells.entries()) {
    const id = taskOf(cell)?.grade_id;
    if (id) cells.set(id, [...cells.get(id) ?? [], { cell, place: index + 1 }]);
  }
  for (const given of handedOut.cells) {
    const task = taskOf(given);
    if (!task) continue;
    const { grade_id: id, points = 0 } = task;
    const copies = cells.get(id) ?? [];
    const counts = countsOf(copies, given);
    const say = (text: string) => found.push({ cell: counts?.place ?? 0, id, points, text });
    if (!counts) {
      say("the cell is missing: it was deleted, or lost its metadata.");
      continue;
    }
    if (copies.length > 1) {
      say(`the cell is there ${copies.length} times: in grading cell ${counts.place} counts.`);
    }
    const text = textOf(counts.cell);
    const isAsGiven = text.trim() === textOf(given).trim();
    if (given.cell_type !== "code") {
      if (text.trim() === "" || isAsGiven) say("the answer is empty.");
    } else if (task.solution) {
      if (text.trim() === "" || isAsGiven) say("the task is not solved.");
    } else {
      if (!isAsGiven) say("the check was changed: grading puts the course's back.");
      const failure = failureOf(counts.cell);
      if (failure !== undefined) say(`the check fails: ${failure}`);
      else if (!isRun(counts.cell)) say("the check was not run.");
    }
  }
  return found.sort((a, b) => (a.cell || Infinity) - (b.cell || Infinity));
}

/** Of several copies of a task the one that grading takes: the last on which something was written. */
function countsOf<T extends { cell: Cell }>(copies: readonly T[], given: Cell): T | undefined {
  const isWritten = ({ cell }: T) => textOf(cell).trim() !== textOf(given).trim();
  return (taskOf(given)!.solution ? copies.findLast(isWritten) : undefined) ?? copies.at(-1);
}

/** What there is to say of where a notebook's outputs come from; undefined where one kernel made them in order. */
export function foreignOutputs(notebook: Notebook): string | undefined {
  const { name, language } = (notebook.metadata.kernelspec ?? {}) as Record<string, string>;
  if (name && name !== "deno" && language !== "typescript") {
    return `its outputs are from another kernel, "${name}": choose Deno, and run all cells.`;
  }
  const counts = codeCells(notebook).map(({ execution_count: count }) => count)
    .filter((count) => typeof count === "number");
  const place = counts.findIndex((count, index) => index > 0 && count <= counts[index - 1]);
  if (place < 0) return undefined;
  return `its outputs are not from one run from top to bottom ([${counts[place]}] stands below [${
    counts[place - 1]
  }]): ` +
    "restart the kernel and run all cells, or let --run do that.";
}

/** Whether every cell with code has been run. */
export function isWholeRun(notebook: Notebook): boolean {
  return codeCells(notebook).every(isRun);
}

function codeCells({ cells }: Notebook): Cell[] {
  return cells.filter((cell) => cell.cell_type === "code" && textOf(cell).trim() !== "");
}

function isRun(cell: Cell): boolean {
  return typeof cell.execution_count === "number";
}

/** The error with which a cell ended, without colours and stack. */
function failureOf(cell: Cell): string | undefined {
  const error = ((cell.outputs ?? []) as Output[]).findLast(({ output_type }) =>
    output_type === "error"
  );
  if (!error) return undefined;
  const lines = (error.traceback ?? [`${error.ename}: ${error.evalue}`]).join("\n")
    // deno-lint-ignore no-control-regex
    .replace(/\x1b\[[0-9;]*m/g, "").split("\n");
  const stack = lines.findIndex((line) => /^\s+at /.test(line));
  return lines.slice(0, stack < 0 ? 6 : Math.min(stack, 6)).join("\n").trim();
}

/** The points of checks that pass and all that checks can give, and how many answers a person reads. */
export function pointsIn(
  notebook: Notebook,
  handedOut: Notebook,
): { passed: number; checks: number; answers: number } {
  const lost = new Set(
    missingIn(notebook, handedOut).filter(({ text }) =>
      !/^the check was changed|times: in grading/.test(text)
    ).map(({ id }) => id),
  );
  const sums = { passed: 0, checks: 0, answers: 0 };
  for (const given of handedOut.cells) {
    const task = taskOf(given);
    if (!task?.grade) continue;
    if (task.solution) sums.answers += lost.has(task.grade_id) ? 0 : 1;
    else {
      sums.checks += task.points ?? 0;
      if (!lost.has(task.grade_id)) sums.passed += task.points ?? 0;
    }
  }
  return sums;
}

/** A line for the learner: where, how much it is worth, what is wrong. */
export function lineOf(notebook: string, { cell, id, points, text }: Missing): string {
  const where = cell > 0 ? `cell ${cell} (${id})` : id;
  const worth = points > 0 ? ` [${points} point${points === 1 ? "" : "s"}]` : "";
  return `${basename(notebook)}, ${where}${worth}: ${text.split("\n").join("\n    ")}`;
}

/** Sums of the points of checks, in words. */
export function pointsInWords(all: readonly { notebook: Notebook; handedOut: Notebook }[]): string {
  const sums = all.map(({ notebook, handedOut }) => pointsIn(notebook, handedOut));
  const sum = (name: "passed" | "checks" | "answers") =>
    sums.reduce((before, each) => before + each[name], 0);
  const answers = sum("answers");
  if (sum("checks") + answers === 0) return "This unit has no points.";
  return `Checks pass for ${sum("passed")} of ${sum("checks")} points` +
    (answers > 0 ? `; ${answers} answer${answers === 1 ? " is" : "s are"} read by a person.` : ".");
}

/** The line below all that is missing. */
export function howMuchIsMissing(missing: readonly string[]): string {
  if (missing.length === 0) return "Nothing is missing.";
  return `${missing.length === 1 ? "One thing is" : `${missing.length} things are`} missing. ` +
    "You may hand it in as it is, or go on and make it anew.";
}
