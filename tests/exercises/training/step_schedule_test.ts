import {
  checkStepSchedule,
  type StepScheduleOptions,
} from "../../../lib/exercises/training/step_schedule.ts";
import { multiStep, perEpoch } from "../../../lib/training/schedules.ts";
import { fails, passes } from "../verdict.ts";

Deno.test("checkStepSchedule: accepts what gives the right rates", async () => {
  await passes(() =>
    checkStepSchedule(
      ({ learningRate, milestones, stepsPerEpoch }) =>
        perEpoch(
          (epoch) => learningRate / 10 ** milestones.filter((each) => epoch >= each).length,
          stepsPerEpoch,
        ),
      { points: 2 },
    )
  );
});

Deno.test("checkStepSchedule: the library's own schedule is not the learner's", async () => {
  const readyMade = [
    ({ learningRate, milestones, stepsPerEpoch }: StepScheduleOptions) =>
      perEpoch(multiStep({ learningRate, milestones }), stepsPerEpoch),
    ({ learningRate, milestones, stepsPerEpoch }: StepScheduleOptions) =>
      multiStep({ learningRate, milestones: milestones.map((each) => each * stepsPerEpoch) }),
  ];
  for (const each of readyMade) {
    await fails(() => checkStepSchedule(each), "library's `multiStep`", "may not come from");
  }
});

Deno.test("checkStepSchedule: names what is wrong", async () => {
  const dropping = (
    is: (step: number, milestone: number, stepsPerEpoch: number) => boolean,
    factor = 0.1,
  ) =>
  ({ learningRate, milestones, stepsPerEpoch }: StepScheduleOptions) =>
  (step: number) =>
    learningRate * factor ** milestones.filter((each) => is(step, each, stepsPerEpoch)).length;
  const cases: [unknown, string][] = [
    [dropping((step, each) => step >= each), "they count epochs"],
    [dropping((step, each, steps) => step >= (each + 1) * steps), "one epoch too late"],
    [dropping((step, each, steps) => step > each * steps), "one step too late"],
    [dropping((step, each, steps) => step >= each * steps, 0.5), "divided by 2"],
    [dropping((step, each, steps) => step >= each * steps, 10), "it is divided"],
    [dropping(() => false), "stays the same"],
    [dropping((step, each, steps) => step >= (each - 1) * steps), "one epoch too early"],
    [dropping((step, each, steps) => Math.round(step / steps) >= each), "rounded to the nearest"],
    [dropping((step, each, steps) => step === each * steps), "for the step of the milestone alone"],
    [
      dropping((step, each, steps) => Math.floor(step / steps) === each),
      "for the epoch of the milestone alone",
    ],
    [dropping((step, each, steps) => step >= each * steps, 0.9), "a tenth is taken away"],
    [dropping((step, each, steps) => step >= each * steps, 0.25), "each milestone divides by 4"],
    [
      ({ learningRate, milestones, stepsPerEpoch }: StepScheduleOptions) => (step: number) =>
        learningRate /
        Math.max(1, 10 * milestones.filter((each) => step >= each * stepsPerEpoch).length),
      "10 ** drops",
    ],
    [() => 5e-4, "return a function of the step"],
    [() => () => undefined, "is undefined"],
    [() => {
      throw new Error("Not solved yet: write your code");
    }, "is not written yet"],
  ];
  for (const [learner, words] of cases) {
    await fails(() => checkStepSchedule(learner as never), words);
  }
  await fails(
    () => checkStepSchedule(dropping((step, each) => step >= each)),
    "step 3 is 0.00005, but should be 0.0005",
    "belongs to epoch 0",
  );
});

Deno.test("checkStepSchedule: wants the same rate for the same step, whenever it is asked for", async () => {
  const dropping = ({ learningRate, milestones, stepsPerEpoch }: StepScheduleOptions) => {
    let rate = learningRate;
    return (step: number) => {
      if (milestones.some((each) => step === each * stepsPerEpoch)) rate /= 10;
      return rate;
    };
  };
  const shifting = ({ learningRate, ...options }: StepScheduleOptions) => {
    const milestones = options.milestones as number[];
    let rate = learningRate;
    return (step: number) => {
      if (step >= milestones[0] * options.stepsPerEpoch) {
        rate /= 10;
        milestones.shift();
      }
      return rate;
    };
  };
  await fails(() => checkStepSchedule(dropping), "another learning rate the second time");
  await fails(
    () => checkStepSchedule(shifting),
    "another learning rate the second time: 0.000005 in place of",
    "from `step` alone",
  );
});

Deno.test("checkStepSchedule: accepts a schedule that turns its own milestones round", async () => {
  await passes(() =>
    checkStepSchedule(({ learningRate, milestones, stepsPerEpoch }) => {
      const last = (milestones as number[]).reverse();
      return (step) => {
        const place = last.findIndex((each) => step >= each * stepsPerEpoch);
        return place < 0 ? learningRate : learningRate / 10 ** (last.length - place);
      };
    })
  );
});
