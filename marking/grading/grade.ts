/** Grades the submissions of a unit: several at once, each apart from the others. */
import { CommandError } from "../../tools/command.ts";
import type { SubmissionResult } from "../result.ts";
import { Progress } from "./progress.ts";
import { isInContainer, unsafeMeaning, whyNoSandbox } from "./sandbox.ts";
import { type Event, type Task, work } from "./workers.ts";

/** What a cell and a submission may take; nbgrader's own `autograde` reads the same variables. */
export interface Limits {
  cellMinutes?: number;
  minutes?: number;
  memoryGigabytes?: number;
}

export interface GradeOptions extends Limits {
  unit: string;
  jobs: number;
  mode: "full" | "quick";
  /** Grades without a sandbox where there is none. */
  unsafe?: boolean;
  signal?: AbortSignal;
}

/** What became of the submissions of a unit. */
export interface Outcome {
  graded: SubmissionResult[];
  /** Graded before, and the same since. */
  unchanged: string[];
  /** Those that could not be graded or written down, with the reason. */
  failed: { learner: string; why: string }[];
  seconds: number;
}

/**
 * Does tasks with submissions and shows how far it is. Throws a `CommandError` where learners' code is to run and
 * there is no sandbox.
 */
export async function gradeAll(tasks: readonly Task[], options: GradeOptions): Promise<Outcome> {
  const runsCode = tasks.some((task) => task.do !== "apply");
  if (runsCode) await assertSandbox(options.unsafe ?? false);
  const started = performance.now();
  const outcome: Outcome = { graded: [], unchanged: [], failed: [], seconds: 0 };
  const progress = new Progress(tasks.length, options.jobs);
  const onEvent = (event: Event) => {
    progress.take(event);
    if ("graded" in event) outcome.graded.push(event.result);
    else if ("unchanged" in event) outcome.unchanged.push(event.unchanged);
    else if ("failed" in event) outcome.failed.push({ learner: event.failed, why: event.why });
  };
  const { unit, jobs, signal } = options;
  try {
    await work(tasks, { unit, jobs, signal, onEvent, env: environment(options) });
  } catch (error) {
    throw new CommandError(`the grading of ${unit} did not start: ${(error as Error).message}`);
  } finally {
    progress.end();
  }
  outcome.seconds = (performance.now() - started) / 1000;
  return outcome;
}

async function assertSandbox(unsafe: boolean): Promise<void> {
  const reason = await whyNoSandbox();
  if (!reason) return;
  if (isInContainer) {
    console.error(
      `tessera: ${reason}: submissions are apart from this machine, not from each other.`,
    );
  } else if (unsafe) {
    console.error(`tessera: graded without a sandbox (${reason}): ${unsafeMeaning}.`);
  } else {
    throw new CommandError(
      `there is no sandbox here: ${reason}. Grade in the container of container/Dockerfile ` +
        `(docs/grading.md), or with --unsafe: ${unsafeMeaning}.`,
    );
  }
}

function environment({ jobs, mode, cellMinutes, minutes, memoryGigabytes }: GradeOptions) {
  const threads = Math.max(1, Math.floor(navigator.hardwareConcurrency / jobs));
  const env: Record<string, string> = {
    TESSERA_THREADS: Deno.env.get("TESSERA_THREADS") ?? String(threads),
    TESSERA_QUICK: mode === "quick" ? "1" : "0",
  };
  if (cellMinutes) env.TESSERA_LIMIT_CELL = String(60 * cellMinutes);
  if (minutes) env.TESSERA_LIMIT_SUBMISSION = String(60 * minutes);
  if (memoryGigabytes) env.TESSERA_LIMIT_MEMORY = String(memoryGigabytes);
  return env;
}
