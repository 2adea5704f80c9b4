/**
 * `./tessera grade UNIT [LEARNER…]`: runs what was handed in, each submission in a sandbox of its own, and
 * writes points into nbgrader's gradebook. Graded again is only what is new or changed, or, with `--again`, all;
 * where the checks have changed, `./tessera regrade` shows first whose points change.
 */
import { clock, runCommand, shown } from "../tools/command.ts";
import { Book } from "./book.ts";
import { readClassList } from "./class_list.ts";
import { gradeAll, type Outcome } from "./grading/grade.ts";
import { parse, untilInterrupted } from "./grading/options.ts";
import { printable } from "./printable.ts";
import { gradingFolder, type SubmissionResult } from "./result.ts";

async function main(args: string[]): Promise<number> {
  const { grading, learners, options } = parse("grade", args, { again: undefined });
  const list = readClassList();
  if (list) {
    await using book = new Book();
    await book.enrol(list);
  }
  const signal = untilInterrupted();
  const tasks = learners.map((learner) => ({
    ...{ learner, do: "grade" as const, again: options.again !== undefined },
  }));
  const outcome = await gradeAll(tasks, { ...grading, signal });
  for (const line of summary(outcome, grading.unit)) console.error(printable(line));
  if (signal.aborted) {
    console.error(`Stopped; ./tessera grade ${grading.unit} goes on with the others.`);
    return signal.reason;
  }
  return outcome.failed.length === 0 ? 0 : 1;
}

/** What staff should know once all are done. */
export function summary({ graded, unchanged, failed, seconds }: Outcome, unit: string): string[] {
  const lines: string[] = [];
  const parts = [`${graded.length} graded in ${clock(1000 * seconds)}`];
  if (unchanged.length > 0) parts.push(`${unchanged.length} unchanged since`);
  if (failed.length > 0) parts.push(`${failed.length} failed`);
  lines.push(
    `${unit}: ${parts.join(", ")}; points are in the gradebook, results in ${
      shown(gradingFolder)
    }.`,
  );
  for (const { learner, why } of failed) lines.push(`  ${learner}: ${why}`);
  for (const result of graded) {
    lines.push(...remarks(result).map((remark) => `  ${result.learner}: ${remark}`));
  }
  if (graded.length > 0) {
    const peak = Math.max(...graded.map(({ peakBytes }) => peakBytes)) / 1e6;
    const { mode, sandbox } = graded[0];
    lines.push(
      `  ${mode} mode, ${sandbox === "none" ? "no sandbox" : sandbox}; ` +
        `a submission took up to ${peak.toFixed(0)} MB of memory.`,
    );
  }
  return lines;
}

/** What needs a look: parts that were not graded, tampering, limits. */
function remarks({ status, notebooks, warnings }: SubmissionResult): string[] {
  if (status.kind === "not graded") return [`not graded: ${status.reason}`];
  const lines = notebooks.flatMap(({ notebook, status }) =>
    status.kind === "not graded" ? [`${notebook} was not graded: ${status.reason}`] : []
  );
  const told = new Set(["tampering", "limit", "other weights"]);
  const all = [...warnings, ...notebooks.flatMap((each) => each.warnings)];
  return [...lines, ...all.filter(({ kind }) => told.has(kind)).map(({ text }) => text)];
}

if (import.meta.main) await runCommand(main);
