/** What is known of a class and a unit: hand-ins, the program's results and persons' points, side by side. */
import { basename, join } from "node:path";
import { exists, readTextIfThere } from "../../lib/platform/files.ts";
import { exercisesFolder } from "../../tools/homes.ts";
import { notebooksIn, readNotebook } from "../../tools/notebooks.ts";
import type { Score, Scores } from "../book.ts";
import type { Learner } from "../class_list.ts";
import { taskOf } from "../handing_in/missing.ts";
import {
  learnersOf,
  resultOf,
  type SubmissionResult,
  submittedFolder,
  type TaskResult,
} from "../result.ts";

/** A task of the unit, in the order of its notebooks. */
export interface Column {
  notebook: string;
  task: string;
  maximum: number;
  isAnswer: boolean;
}

/** One task of one learner. */
export interface Entry {
  /** A person's points, else the program's; null where they are not known. */
  points: number | null;
  /** What became of it. */
  outcome: TaskResult["outcome"] | "read" | "changed since it was read";
  message?: string;
}

/** One learner, or a hand-in of nobody on the list. */
export interface Row {
  learner: Learner;
  state: "not handed in" | "not graded yet" | "not graded" | "graded";
  /** Why it was not graded. */
  reason?: string;
  submittedAt?: string;
  secondsLate: number;
  /** Points taken off for lateness. */
  penalty: number;
  /** In the order of the columns. */
  entries: (Entry | undefined)[];
  /** Sum of the points that are known, with bonus and without the penalty. */
  points: number;
  /** How many tasks' points are not known yet. */
  open: number;
  /** How many tasks have a person's points that were given for what the learner had handed in before. */
  changed: number;
  result?: SubmissionResult;
}

export interface ClassResults {
  unit: string;
  columns: Column[];
  maximum: number;
  rows: Row[];
  duedate: string | null;
}

/** Puts together what is known. */
export async function classResults(
  unit: string,
  { list, scores }: { list?: readonly Learner[]; scores: Scores },
): Promise<ClassResults> {
  const columns = await columnsOf(unit);
  const handedIn = learnersOf(unit);
  const known = list ?? [];
  const unlisted = handedIn.filter((id) => !known.some((learner) => learner.id === id));
  const learners: Learner[] = [...known, ...unlisted.map((id) => ({ id }))];
  const rows = learners.map((learner) => rowOf(learner, unit, columns, scores));
  const maximum = columns.reduce((sum, column) => sum + column.maximum, 0);
  return { unit, columns, maximum, rows, duedate: scores.duedate };
}

async function columnsOf(unit: string): Promise<Column[]> {
  const columns: Column[] = [];
  for (const path of notebooksIn(join(exercisesFolder, unit))) {
    for (const cell of (await readNotebook(path)).cells) {
      const task = taskOf(cell);
      if (!task?.grade) continue;
      columns.push({
        ...{ notebook: basename(path, ".ipynb"), task: task.grade_id },
        ...{ maximum: task.points ?? 0, isAnswer: task.solution },
      });
    }
  }
  return columns;
}

function rowOf(learner: Learner, unit: string, columns: Column[], scores: Scores): Row {
  const folder = submittedFolder(learner.id, unit);
  const result = resultOf(learner.id, unit);
  const book = scores.submissions.find((each) => each.learner === learner.id);
  const entries = columns.map((column) => entryOf(column, result, book?.tasks ?? []));
  // A bonus task adds nothing to the maximum, as grading says.
  columns.forEach((column) => {
    const task = taskIn(result, column);
    if (task) column.maximum = task.maximum;
  });
  const sum = entries.reduce((sum, entry) => sum + (entry?.points ?? 0), 0);
  const penalty = book?.penalty ?? 0;
  return {
    learner,
    state: !exists(folder)
      ? "not handed in"
      : !result
      ? "not graded yet"
      : result.status.kind === "graded"
      ? "graded"
      : "not graded",
    reason: result?.status.kind === "not graded" ? result.status.reason : undefined,
    submittedAt: result?.submittedAt ?? readTextIfThere(join(folder, "timestamp.txt"))?.trim(),
    secondsLate: book?.secondsLate ?? 0,
    penalty,
    entries,
    points: Math.max(0, sum - penalty),
    open: entries.filter((entry) => entry && entry.points === null).length,
    changed: entries.filter((entry) => entry?.outcome === "changed since it was read").length,
    result,
  };
}

function taskIn(result: SubmissionResult | undefined, column: Column): TaskResult | undefined {
  return result?.notebooks.find(({ notebook }) => basename(notebook, ".ipynb") === column.notebook)
    ?.tasks.find(({ id }) => id === column.task);
}

function entryOf(
  column: Column,
  result: SubmissionResult | undefined,
  scores: readonly Score[],
): Entry | undefined {
  const task = taskIn(result, column);
  if (!task) return undefined;
  const score = scores.find((each) =>
    each.notebook === column.notebook && each.task === column.task
  );
  const person = score?.manual ?? null;
  const points = person ?? task.points;
  const extra = score?.extra ?? task.bonus ?? 0;
  return {
    points: points === null ? null : points + extra,
    outcome: person === null ? task.outcome : score?.waits ? "changed since it was read" : "read",
    message: task.message,
  };
}

/** A task that many failed, with what most of them were told. */
export interface Stumbling {
  column: Column;
  failed: number;
  of: number;
  message: string;
  /** How many were told that. */
  times: number;
}

/** The checks that failed most, and their commonest message. */
export function stumblingBlocks({ columns, rows }: ClassResults): Stumbling[] {
  return columns.flatMap((column, index) => {
    const entries = rows.flatMap(({ entries }) => entries[index] ?? [])
      .filter(({ outcome }) => outcome !== "not graded");
    const failed = entries.filter(({ outcome }) => outcome === "failed");
    if (failed.length === 0) return [];
    const counts = new Map<string, number>();
    for (const { message } of failed) {
      const line = firstLine(message);
      counts.set(line, (counts.get(line) ?? 0) + 1);
    }
    const [[message, times]] = [...counts].sort((a, b) => b[1] - a[1]);
    return [{ column, failed: failed.length, of: entries.length, message, times }];
  }).sort((a, b) => b.failed - a.failed);
}

/** What a message says first, without the kind of error. */
export function firstLine(message = ""): string {
  const line = message.split("\n").find((each) => each.trim() !== "") ?? "(no message)";
  return line.replace(/^(Uncaught )?(CheckError|Error): /, "").trim();
}
