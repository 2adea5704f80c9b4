import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  constant,
  cosine,
  linearWarmup,
  multiStep,
  oneCycle,
  perEpoch,
  type Schedule,
  warmupCosine,
} from "../../lib/training/schedules.ts";
import { reference } from "./reference.ts";

const cases: Record<keyof typeof reference.schedules, Schedule> = {
  multi_step: multiStep({ learningRate: 0.4, milestones: [3, 5, 5, 8], factor: 0.5 }),
  cosine: cosine({ learningRate: 0.4, steps: 8, minimum: 0.02 }),
  one_cycle: oneCycle({ peak: 0.4, steps: 11 }),
  one_cycle_settings: oneCycle({
    peak: 0.4,
    steps: 9,
    warmupFraction: 0.5,
    initialDivisor: 10,
    finalDivisor: 50,
  }),
  warm_cosine: linearWarmup({
    steps: 4,
    startFactor: 0.25,
    then: cosine({ learningRate: 0.4, steps: 6, minimum: 0.01 }),
  }),
};

for (const [name, schedule] of Object.entries(cases)) {
  Deno.test(`schedules: ${name} equals PyTorch's`, () => {
    reference.schedules[name as keyof typeof cases].forEach((expected, step) =>
      assertAlmostEquals(schedule(step), expected, 1e-12, `step ${step}`)
    );
  });
}

Deno.test("constant is the same at every step", () => {
  assertEquals([0, 1, 1000].map(constant(3e-4)), [3e-4, 3e-4, 3e-4]);
});

Deno.test("cosine and oneCycle stay at their end beyond their last step", () => {
  assertEquals(cosine({ learningRate: 1, steps: 10, minimum: 0.1 })(25), 0.1);
  const cycle = oneCycle({ peak: 1, steps: 10 });
  assertEquals(cycle(30), cycle(9));
});

Deno.test("linearWarmup starts at 1/steps of the learning rate by default", () => {
  const schedule = linearWarmup({ steps: 4, then: constant(0.8) });
  assertAlmostEquals(schedule(0), 0.2, 1e-12);
  assertAlmostEquals(schedule(2), 0.5, 1e-12);
  assertEquals(schedule(4), 0.8);
});

Deno.test("warmupCosine warms up, then falls to 0 after the last step", () => {
  const schedule = warmupCosine({
    learningRate: 0.8,
    warmupEpochs: 2,
    epochs: 6,
    stepsPerEpoch: 2,
  });
  const expected = { 0: 0.2, 1: 0.35, 2: 0.5, 3: 0.65, 4: 0.8, 8: 0.4, 12: 0 };
  for (const [step, rate] of Object.entries(expected)) {
    assertAlmostEquals(schedule(Number(step)), rate, 1e-12, `step ${step}`);
  }
});

Deno.test("warmupCosine warms up for half of a short run at most", () => {
  const schedule = warmupCosine({ learningRate: 1, warmupEpochs: 2, epochs: 2, stepsPerEpoch: 4 });
  assert(schedule(3) < 1);
  assertEquals(schedule(4), 1);
  assertAlmostEquals(schedule(6), 0.5, 1e-12);
  assertThrows(
    () => warmupCosine({ learningRate: 1, warmupEpochs: 0, epochs: 2, stepsPerEpoch: 4 }),
    RangeError,
    "warmupCosine: warmupEpochs is 0",
  );
});

Deno.test("warmupCosine is never above its peak, in a run of a single step neither", () => {
  for (const [epochs, stepsPerEpoch] of [[1, 1], [1, 3], [3, 1], [2, 5]]) {
    const schedule = warmupCosine({ learningRate: 0.1, warmupEpochs: 1, epochs, stepsPerEpoch });
    for (let step = 0; step < epochs * stepsPerEpoch; step++) {
      const rate = schedule(step);
      assert(rate > 0 && rate <= 0.1, `${epochs} × ${stepsPerEpoch}, step ${step}: ${rate}`);
    }
  }
});

Deno.test("perEpoch keeps the learning rate within an epoch", () => {
  const schedule = perEpoch(multiStep({ learningRate: 1, milestones: [2] }), 3);
  assertEquals([0, 5, 6, 8].map(schedule), [1, 1, 0.1, 0.1]);
});

Deno.test("schedules name a setting outside its range", () => {
  assertThrows(() => constant(0), RangeError, "constant: learningRate is 0");
  assertThrows(() => cosine({ learningRate: 1, steps: 0 }), RangeError, "cosine: steps is 0");
  assertThrows(() => oneCycle({ peak: 1, steps: 1 }), RangeError, "oneCycle: steps is 1");
  assertThrows(() => constant(NaN), RangeError, "learningRate is NaN");
});
