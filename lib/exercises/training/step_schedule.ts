import { attempt } from "../engine/attempt.ts";
import {
  type CheckOptions,
  checkRunner,
  describe,
  describeResult,
  failure,
} from "../engine/check.ts";
import { number } from "../engine/compare.ts";
import { findMistakeBy, type Mistakes } from "../engine/mistakes.ts";
import { stackOf } from "../../platform/stack.ts";
import { ownWorkRule } from "../engine/own_work.ts";

const { runCheck } = checkRunner();

/** What a learner's schedule of two drops is made from. */
export interface StepScheduleOptions {
  /** The first learning rate. */
  learningRate: number;
  /** The numbers of whole epochs after each of which the learning rate is divided by 10 once more. */
  milestones: readonly number[];
  stepsPerEpoch: number;
}

/** A learning rate for each step, counted from 0. */
type Schedule = (step: number) => number;

/** What the check tries: two learning rates, other numbers of drops, epochs of other lengths. */
const cases = [
  { learningRate: 5e-4, milestones: [3, 5], stepsPerEpoch: 4, steps: 30 },
  { learningRate: 0.1, milestones: [1, 2, 6], stepsPerEpoch: 7, steps: 50 },
  { learningRate: 3, milestones: [4], stepsPerEpoch: 1, steps: 7 },
];

const mistakes = {
  milestonesInSteps:
    "when the milestones are compared with the step; they count epochs, of `stepsPerEpoch` steps each",
  epochTooLate:
    "when the drops come one epoch too late: a milestone is the number of epochs before the drop",
  stepTooLate:
    "when the drops come one step too late: epoch `milestone` (from 0) begins with step milestone · stepsPerEpoch",
  firstMilestoneOnly:
    "when only the first milestone counts; at each one the learning rate is divided by 10 once more",
  lastMilestoneOnly:
    "when only the last milestone counts; at each one the learning rate is divided by 10 once more",
  epochTooEarly:
    "when the drops come one epoch too early: the first `milestone` epochs keep the rate as it was",
  stepTooEarly:
    "when the drops come one step too early: epoch `milestone` (from 0) begins with step milestone · stepsPerEpoch",
  epochRounded:
    "when the epoch is rounded to the nearest; `Math.floor(step / stepsPerEpoch)` is the epoch that a step is in",
  epochRoundedUp:
    "when the epoch is rounded up; `Math.floor(step / stepsPerEpoch)` is the epoch that a step is in",
  atMilestoneOnly:
    "when the rate drops for the step of the milestone alone; it stays low from there on",
  inMilestoneEpochOnly:
    "when the rate drops for the epoch of the milestone alone; it stays low from there on",
  dividedByMultiple:
    "when the learning rate is divided by 10 times the number of drops; each drop divides by 10 once more: 10 ** drops",
  onceMore:
    "when the learning rate is divided by 10 once more than milestones have passed, from the first step on; up to the " +
    "first milestone it stays as it is",
  onceLess:
    "when the learning rate is divided by 10 once less than milestones have passed; the first one divides too",
  multiplesFromOne:
    "when the learning rate is divided by 10 times the number of drops and one more; each drop divides by 10 once " +
    "more: 10 ** drops",
  noneFound:
    "when the number of drops comes from `findIndex` or `indexOf`, which give −1 where there is none: after the last " +
    "milestone",
  reduced: "when a tenth is taken away at each milestone; a tenth is what is left",
  halved: "when the learning rate is divided by 2 at each milestone, and not by 10",
  raised: "when the learning rate is multiplied by 10 at each milestone; it is divided",
  constant: "when the learning rate stays the same",
} as const satisfies Mistakes<string>;

/** The schedule with the given mistakes. */
function scheduleWith(
  { learningRate, milestones, stepsPerEpoch }: StepScheduleOptions,
  has: ReadonlySet<string>,
): Schedule {
  const counted = has.has("firstMilestoneOnly")
    ? milestones.slice(0, 1)
    : has.has("lastMilestoneOnly")
    ? milestones.slice(-1)
    : milestones;
  const factor = has.has("constant")
    ? 1
    : has.has("halved")
    ? 2
    : has.has("raised")
    ? 0.1
    : has.has("reduced")
    ? 1 / 0.9
    : 10;
  const length = has.has("milestonesInSteps") ? 1 : stepsPerEpoch;
  const delay = has.has("epochTooLate")
    ? length
    : has.has("epochTooEarly")
    ? -length
    : has.has("stepTooLate")
    ? 1
    : has.has("stepTooEarly")
    ? -1
    : has.has("epochRounded")
    ? -length / 2
    : has.has("epochRoundedUp")
    ? 1 - length
    : 0;
  const span = has.has("atMilestoneOnly") ? 1 : has.has("inMilestoneEpochOnly") ? length : Infinity;
  return (step) => {
    const drops = counted.filter((each) => {
      const begin = each * length + delay;
      return step >= begin && step < begin + span;
    }).length;
    if (has.has("onceMore")) return learningRate / factor ** (drops + 1);
    if (has.has("onceLess")) return learningRate / factor ** (drops - 1);
    if (has.has("multiplesFromOne")) return learningRate / (10 * (drops + 1));
    if (has.has("noneFound")) {
      return learningRate / factor ** (drops === counted.length ? -1 : drops);
    }
    if (has.has("dividedByMultiple")) return learningRate / Math.max(1, 10 * drops);
    return learningRate / factor ** drops;
  };
}

/** By what the learning rate is divided at each milestone, where that is all that is wrong. */
function otherFactor(options: StepScheduleOptions, rates: readonly unknown[]): number | undefined {
  const { learningRate, milestones, stepsPerEpoch } = options;
  const factor = learningRate / Number(rates[milestones[0] * stepsPerEpoch]);
  const drops = (step: number) => milestones.filter((each) => step >= each * stepsPerEpoch).length;
  const agrees = rates.every((rate, step) => isNear(rate, learningRate / factor ** drops(step)));
  return Number.isFinite(factor) && agrees ? factor : undefined;
}

/** At which steps the learner's rates change, beside those at which they should. */
function dropsText(
  rates: readonly unknown[],
  { milestones, stepsPerEpoch }: StepScheduleOptions,
): string | undefined {
  if (!rates.every((rate) => Number.isFinite(rate))) return undefined;
  const changes = rates.keys().filter((step) =>
    step > 0 && !isNear(rates[step], Number(rates[step - 1]))
  ).toArray();
  const wanted = milestones.map((each) => each * stepsPerEpoch);
  if (changes.join() === wanted.join()) return undefined;
  const list = (steps: readonly number[]) =>
    steps.slice(0, 6).join(", ") + (steps.length > 6 ? ", …" : "");
  return `Yours changes at ${
    changes.length === 0 ? "no step" : `step ${list(changes)}`
  }; it should at step ${list(wanted)}, each milestone · stepsPerEpoch.`;
}

const isNear = (rate: unknown, right: number) => Math.abs(Number(rate) / right - 1) < 1e-6;

/**
 * Throws where the library's `multiStep` computes the learner's rates. Numbers leave no trace of who works with
 * them, so the learning rate is an object that sees who asks for its value.
 */
function assertOwnSchedule(stepSchedule: (options: StepScheduleOptions) => Schedule): void {
  let isReadyMade = false;
  const learningRate = {
    valueOf() {
      const [, , caller = ""] = stackOf(new Error()).split("\n");
      isReadyMade ||= /\/lib\/training\/schedules\.ts:/.test(caller);
      return 1;
    },
  } as unknown as number;
  try {
    const schedule = stepSchedule({ learningRate, milestones: [1, 2], stepsPerEpoch: 3 });
    for (const step of [0, 4, 9]) schedule(step);
  } catch {
    // It wants a true number; with numbers it was right.
  }
  if (isReadyMade) throw failure("stepSchedule calls the library's `multiStep`.", ownWorkRule);
}

/**
 * Checks a learner's schedule that divides the learning rate by 10 after some epochs. Throws a
 * `CheckError` that names the first step with a wrong learning rate and the likely cause.
 */
export function checkStepSchedule(
  stepSchedule: (options: StepScheduleOptions) => Schedule,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Schedule", options, () => {
    if (typeof stepSchedule !== "function") {
      throw failure(`stepSchedule should be a function, but is ${describe(stepSchedule)}.`);
    }
    for (const { steps, ...each } of cases) checkCase(stepSchedule, each, steps);
    assertOwnSchedule(stepSchedule);
    return "the learning rate is right at every step";
  });
}

function checkCase(
  stepSchedule: (options: StepScheduleOptions) => Schedule,
  options: StepScheduleOptions,
  steps: number,
): void {
  const { learningRate, milestones, stepsPerEpoch } = options;
  const words =
    `learningRate ${learningRate}, milestones [${milestones.join(", ")}], stepsPerEpoch ` +
    stepsPerEpoch;
  const call = <T>(make: () => T) =>
    attempt("stepSchedule", `with ${words}`, make, { code: stepSchedule });
  const schedule: unknown = call(() => stepSchedule({ ...options, milestones: [...milestones] }));
  if (typeof schedule !== "function") {
    throw failure(
      `stepSchedule should return a function of the step, but returns ${describeResult(schedule)}.`,
      "Write `return (step) => …;`.",
    );
  }
  const all = Array.from({ length: steps }, (_, step) => step);
  const ratesOf = (steps: number[]): unknown[] =>
    call(() => steps.map((step) => (schedule as Schedule)(step)));
  const rates = ratesOf(all);
  const agrees = (right: Schedule) => all.every((step) => isNear(rates[step], right(step)));
  const right = scheduleWith(options, new Set());
  const text = (rate: unknown) => typeof rate === "number" ? number(rate) : describeResult(rate);
  if (agrees(right)) {
    // Backwards, so that a rate that was kept from the step before is not the right one again.
    const again = ratesOf(all.toReversed()).reverse();
    const step = all.findLast((each) => !isNear(again[each], right(each)));
    if (step === undefined) return;
    throw failure(
      `step ${step} gives another learning rate the second time: ${
        text(again[step])
      } in place of ` +
        `${text(rates[step])}.`,
      "Likely cause: something is kept or changed from step to step. A training that resumes begins at " +
        "any step: compute the learning rate from `step` alone.",
    );
  }
  const step = all.find((each) => !isNear(rates[each], right(each)))!;
  const factor = otherFactor(options, rates);
  const named = findMistakeBy(
    mistakes,
    (has) => scheduleWith(options, has),
    agrees,
    "Your learning rates are",
  );
  const cause = named ??
    (factor === undefined
      ? dropsText(rates, options)
      : `Your learning rates are what one gets when each milestone divides by ${
        number(factor)
      }, and not by 10.`);
  throw failure(
    `the learning rate of step ${step} is ${text(rates[step])}, but should be ${
      number(right(step))
    }.`,
    `With ${words}: step ${step} belongs to epoch ${
      Math.floor(step / stepsPerEpoch)
    }, counted from 0.`,
    cause,
  );
}
