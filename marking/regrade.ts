/**
 * `./tessera regrade UNIT [LEARNER…]`: grades everything once more, as after a mended check, and shows whose
 * points would change and by how much. Nothing counts before `--apply`; `--discard` drops it. Points and comments
 * that persons gave stay.
 */
import { join } from "node:path";
import { readTextIfThere } from "../lib/platform/files.ts";
import { CommandError, runCommand } from "../tools/command.ts";
import { describeResult } from "./grading/progress.ts";
import { gradeAll } from "./grading/grade.ts";
import { parse, untilInterrupted } from "./grading/options.ts";
import { printable } from "./printable.ts";
import { gradingFolder, resultOf, type SubmissionResult, sumOf, tasksOf } from "./result.ts";

/** Where regraded submissions lie until they count. */
function heldFolder(unit: string): string {
  return join(gradingFolder, "regraded", unit);
}

/** A regraded submission that does not count yet. */
function heldOf(learner: string, unit: string): SubmissionResult | undefined {
  const text = readTextIfThere(join(heldFolder(unit), learner, "result.json"));
  return text === undefined ? undefined : JSON.parse(text) as SubmissionResult;
}

/** How a submission's points change, in lines; none where they stay. */
export function differences(
  before: SubmissionResult | undefined,
  after: SubmissionResult,
): string[] {
  if (!before) return [`new: ${describeResult(after)}`];
  const told = (points: number | null) => points === null ? "not known" : String(points);
  const earlier = new Map(tasksOf(before).map((task) => [task.id, task]));
  const lines = tasksOf(after).flatMap((task) => {
    const was = earlier.get(task.id);
    const points = (each?: { points: number | null; bonus: number | null }) =>
      !each || each.points === null ? null : each.points + (each.bonus ?? 0);
    if (points(was) === points(task)) return [];
    const why = task.message ? `: ${task.message.split("\n")[0]}` : "";
    return [`  ${task.id}: ${told(points(was))} → ${told(points(task))}${why}`];
  });
  if (lines.length === 0) return [];
  const [old, now] = [sumOf(before), sumOf(after)];
  return [`${after.learner}: ${old.points} → ${now.points} of ${now.maximum} points`, ...lines];
}

async function main(args: string[]): Promise<number> {
  const own = { apply: undefined, discard: undefined };
  const { grading, learners, options } = parse("regrade", args, own);
  const { unit } = grading;
  if (options.apply !== undefined && options.discard !== undefined) {
    throw new CommandError("regrade takes --apply or --discard, not both.", 2);
  }
  const held = learners.filter((learner) => heldOf(learner, unit));
  if (options.apply === undefined && options.discard === undefined) {
    const signal = untilInterrupted();
    const tasks = learners.map((learner) => ({ learner, do: "hold" as const, again: true }));
    const { failed } = await gradeAll(tasks, { ...grading, signal });
    if (signal.aborted) {
      console.error("Stopped; nothing has changed.");
      return signal.reason;
    }
    show(learners, unit);
    return failed.length === 0 ? 0 : 1;
  }
  if (held.length === 0 && options.discard !== undefined) {
    console.error(`Nothing of ${unit} waits to be dropped.`); // it may have been asked for twice
    return 0;
  }
  if (held.length === 0) {
    throw new CommandError(
      `nothing of ${unit} was regraded: ./tessera regrade ${unit} comes first.`,
    );
  }
  if (options.discard !== undefined) {
    for (const learner of held) {
      await Deno.remove(join(heldFolder(unit), learner), { recursive: true });
    }
    console.error(
      `${held.length} regraded submissions of ${unit} were dropped; no points have changed.`,
    );
    return 0;
  }
  const tasks = held.map((learner) => ({ learner, do: "apply" as const }));
  const { graded, failed } = await gradeAll(tasks, { ...grading, jobs: 1 });
  console.error(`The points of ${graded.length} submissions of ${unit} count now.`);
  for (const { learner, why } of failed) console.error(`  ${learner}: not changed: ${why}`);
  return failed.length === 0 ? 0 : 1;
}

/** Shows whose points would change. */
function show(learners: readonly string[], unit: string): void {
  let changed = 0;
  for (const learner of learners) {
    const after = heldOf(learner, unit);
    if (!after) continue;
    const lines = differences(resultOf(learner, unit), after);
    if (lines.length > 0) changed++;
    for (const line of lines) console.log(printable(line));
  }
  const whose = changed === 0
    ? "Nobody's points change"
    : `The points of ${changed} of ${learners.length} change`;
  console.error(
    `${whose}, and none have yet: ./tessera regrade ${unit} --apply lets these count, --discard drops them.`,
  );
}

if (import.meta.main) await runCommand(main);
