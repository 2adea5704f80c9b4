/**
 * What grading finds out about one submission, and where it is kept: `grading/results/UNIT/LEARNER.json`,
 * beside nbgrader's gradebook, which has the points too, and those that persons give. `python/tessera_grading`
 * writes these files, in `./tessera grade` and in plain `nbgrader autograde` alike.
 *
 * What learners hand in lies where nbgrader expects it, `grading/submitted/LEARNER/UNIT/`: a unit's notebooks,
 * `best.safetensors` where a gate needs it, the PDF, and the hand-in's `manifest.json`. A group's hand-in lies
 * there under the name of each of its members.
 */
import { join } from "node:path";
import { exists, readTextIfThere } from "../lib/platform/files.ts";
import { CommandError, root, shown } from "../tools/command.ts";

/** Whether points are known, or why they are not: what was not graded is never a zero. */
export type Status = { kind: "graded" } | { kind: "not graded"; reason: string };

/** What became of one task that has points. */
export interface TaskResult {
  /** nbgrader's `grade_id` of the cell that has the points. */
  id: string;
  /** A check, which a program judges, or an answer in words, which a person reads. */
  kind: "check" | "answer";
  /**
   * `passed` and `failed` are a check's; one that was `not run` has no points because the notebook never came
   * to it, or its time was over; `empty` is an answer that nobody wrote, `to read` one that waits for a person.
   */
  outcome: "passed" | "failed" | "not run" | "empty" | "to read" | "not graded";
  /** By the program; null where a person has to say, or where they are not known. */
  points: number | null;
  /** What it adds to the unit's maximum; 0 for a bonus task. */
  maximum: number;
  /** What it can give beyond the unit's maximum, and what of that it gave: those of a bonus task, and a bonus. */
  bonusMaximum: number;
  bonus: number | null;
  /** Why it failed or was not graded, as the learner would read it; several lines. */
  message?: string;
  /** How long its cell ran. */
  seconds?: number;
}

/** Something that staff should know of a submission, which costs no points by itself. */
export interface Warning {
  kind:
    | "repaired" // the file had to be put right before it could be read or run
    | "cell added" // code beside the tasks
    | "cell changed" // given code, other than it was handed out
    | "cell missing"
    | "other weights" // stale or foreign weights: the course's were measured
    | "tampering" // what the checks rely on was changed, or a record of points was forged
    | "limit" // a limit of time, memory, processes or disk was met
    | "not sandboxed"
    | "other";
  /** In words, complete by itself. */
  text: string;
  /** Which cell of what was handed in, from 1; 0 for the whole file. */
  cell?: number;
  /** The code of an added cell, or of a changed one. */
  source?: string;
}

/** One notebook of a unit, by the name that it was handed out under. */
export interface NotebookResult {
  notebook: string;
  /** What it was handed in as, where that is another name. */
  file?: string;
  status: Status;
  tasks: TaskResult[];
  warnings: Warning[];
  seconds: number;
  /** What its kernels took of all processor cores together. */
  processorSeconds: number;
  /** The most private memory that its kernel took, with all that it had started. */
  peakBytes: number;
}

/** One learner's submission of one unit. */
export interface SubmissionResult {
  format: 1;
  unit: string;
  learner: string;
  /** The group's name in the manifest; its members have a result each. */
  group?: string;
  status: Status;
  notebooks: NotebookResult[];
  /** Of the submission as a whole, such as a file that belongs to no notebook. */
  warnings: Warning[];
  /** How many hints were taken, by the check's name, as the hand-in's manifest says. */
  hints: Record<string, number>;
  /** Whether trainings ran in full, or on few images (`TESSERA_QUICK=1`). */
  mode: "full" | "quick";
  /** What kept it apart from everything else. */
  sandbox: "bubblewrap" | "container" | "none";
  /** ISO 8601; when it was handed in is known where there is a `timestamp.txt` or a manifest. */
  submittedAt?: string;
  gradedAt: string;
  /** SHA-256 of all files handed in, and of the course that graded them: both the same, nothing to grade. */
  submissionDigest: string;
  courseDigest: string;
  seconds: number;
  processorSeconds: number;
  peakBytes: number;
}

/** Where hand-ins and results lie, which git ignores; tests name another folder. */
export const gradingFolder = Deno.env.get("TESSERA_GRADING") ?? join(root, "grading");

/** Where nbgrader expects what a learner has handed in of a unit. */
export function submittedFolder(learner: string, unit: string): string {
  return join(gradingFolder, "submitted", learner, unit);
}

/** Who has handed in a unit, in order. */
export function learnersOf(unit: string): string[] {
  const folder = join(gradingFolder, "submitted");
  if (!exists(folder)) return [];
  return [...Deno.readDirSync(folder)]
    .filter(({ name }) => !name.startsWith(".") && exists(submittedFolder(name, unit)))
    .map(({ name }) => name).sort();
}

/** Where a submission's result lies. */
function resultFile(learner: string, unit: string): string {
  return join(gradingFolder, "results", unit, `${learner}.json`);
}

/** A submission's result; undefined where it was not graded yet. */
export function resultOf(learner: string, unit: string): SubmissionResult | undefined {
  const file = resultFile(learner, unit);
  const text = readTextIfThere(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as SubmissionResult;
  } catch (error) {
    throw new CommandError(`${shown(file)} cannot be read: ${(error as Error).message}`);
  }
}

/** A submission's tasks, of all its notebooks. */
export function tasksOf({ notebooks }: SubmissionResult): TaskResult[] {
  return notebooks.flatMap(({ tasks }) => tasks);
}

/** Sums of a submission: what programs gave, with the bonus, and what can be had without it. */
export function sumOf(result: SubmissionResult): { points: number; maximum: number } {
  const tasks = tasksOf(result);
  const sum = (each: (task: TaskResult) => number) =>
    tasks.reduce((all, task) => all + each(task), 0);
  return {
    points: sum(({ points, bonus }) => (points ?? 0) + (bonus ?? 0)),
    maximum: sum(({ maximum }) => maximum),
  };
}
