import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { checkMomentum, type MomentumStep } from "../../../lib/exercises/training/momentum.ts";
import { SGD } from "../../../lib/training/optimizers.ts";
import { printed } from "../printed.ts";
import { mistakes } from "../verdict.ts";

/** The solution. */
const momentumStep: MomentumStep = ({ parameter, velocity }, gradient, settings) => {
  const { learningRate, momentum, weightDecay } = settings;
  const pull = tf.add(gradient, tf.mul(weightDecay, parameter));
  const next = tf.add(tf.mul(momentum, velocity), pull);
  return { parameter: tf.sub(parameter, tf.mul(learningRate, next)), velocity: next };
};

Deno.test("checkMomentum accepts the solution, which is the library's SGD", async () => {
  const lines = await printed(() => checkMomentum(momentumStep, { points: 1 }));
  assertEquals(lines, [
    "✔ Momentum: parameter and velocity are right, over three steps with other settings each (1 point)",
  ]);

  const settings = { learningRate: 0.1, momentum: 0.9, weightDecay: 0.3 };
  const variable = tf.variable(tf.tensor([1, -2, 0.5]));
  const optimizer = new SGD(new Map([["weight", variable]]), settings);
  let state = { parameter: tf.tensor([1, -2, 0.5]) as tf.Tensor, velocity: tf.zeros([3]) };
  for (const slope of [0.4, -1, 2]) {
    const gradient = tf.tensor([slope, 2 * slope, -slope]);
    optimizer.apply([gradient], tf.scalar(settings.learningRate));
    state = momentumStep(state, gradient, settings) as typeof state;
  }
  const apart = tf.max(tf.abs(tf.sub(variable, state.parameter))).dataSync()[0];
  assertEquals(apart < 1e-6, true, `apart by ${apart}`);
});

const wrong: Record<string, [MomentumStep, string[]]> = {
  "the unsolved stub": [
    () => {
      throw new Error("Not solved yet: momentum");
    },
    ["momentumStep is not written yet"],
  ],
  "a single tensor": [
    ((state: { parameter: tf.Tensor }) => state.parameter) as unknown as MomentumStep,
    ["should return `{ parameter, velocity }`", "a tensor of shape [3, 4]"],
  ],
  "a moving average": [
    ({ parameter, velocity }, gradient, { learningRate, momentum, weightDecay }) => {
      const pull = tf.add(gradient, tf.mul(weightDecay, parameter));
      const next = tf.add(tf.mul(momentum, velocity), tf.mul(1 - momentum, pull));
      return { parameter: tf.sub(parameter, tf.mul(learningRate, next)), velocity: next };
    },
    ["the new velocity", "a moving average"],
  ],
  "a forgotten weight decay": [
    (state, gradient, settings) => momentumStep(state, gradient, { ...settings, weightDecay: 0 }),
    ["without the weight decay"],
  ],
  "a step uphill": [
    (state, gradient, settings) => {
      const next = momentumStep(state, gradient, settings);
      return {
        ...next,
        parameter: tf.add(state.parameter, tf.mul(settings.learningRate, next.velocity)),
      };
    },
    ["the new parameter", "a step up the gradient"],
  ],
  "the old velocity": [
    (state, gradient, settings) => ({
      velocity: momentumStep(state, gradient, settings).velocity,
      parameter: tf.sub(state.parameter, tf.mul(settings.learningRate, state.velocity)),
    }),
    ["moves by the old velocity"],
  ],
  "a learning rate inside the velocity": [
    ({ parameter, velocity }, gradient, { learningRate, momentum, weightDecay }) => {
      const pull = tf.add(gradient, tf.mul(weightDecay, parameter));
      const next = tf.add(tf.mul(momentum, velocity), tf.mul(learningRate, pull));
      return { parameter: tf.sub(parameter, next), velocity: next };
    },
    ["the learning rate is inside the velocity"],
  ],
  "decoupled weight decay": [
    ({ parameter, velocity }, gradient, { learningRate, momentum, weightDecay }) => {
      const next = tf.add(tf.mul(momentum, velocity), gradient);
      const decayed = tf.mul(parameter, 1 - learningRate * weightDecay);
      return { parameter: tf.sub(decayed, tf.mul(learningRate, next)), velocity: next };
    },
    ["bypasses the velocity, as in AdamW"],
  ],
  "the change in place of the parameter": [
    (state, gradient, settings) => {
      const { velocity } = momentumStep(state, gradient, settings);
      return { velocity, parameter: tf.mul(settings.learningRate, velocity) };
    },
    ["the old parameter is missing"],
  ],
  "the learning rate alone": [
    (state, gradient, settings) => ({
      ...momentumStep(state, gradient, settings),
      parameter: tf.sub(state.parameter, settings.learningRate),
    }),
    ["with the learning rate alone"],
  ],
  "a velocity without the gradient": [
    (state, gradient, settings) =>
      momentumStep(state, tf.zerosLike(gradient), { ...settings, weightDecay: 0 }),
    ["with a velocity without the gradient"],
  ],
  "the old velocity given back": [
    (state, gradient, settings) => ({
      ...momentumStep(state, gradient, settings),
      velocity: tf.clone(state.velocity),
    }),
    ["with the old velocity given back"],
  ],
  "a momentum fixed in the code": [
    (state, gradient, settings) => momentumStep(state, gradient, { ...settings, momentum: 0.8 }),
    ["the new velocity in step 2"],
  ],
  "a disposed input": [
    (state, gradient, settings) => {
      const next = momentumStep(state, gradient, settings);
      state.velocity.dispose();
      return next;
    },
    ["frees its input `velocity`"],
  ],
};

mistakes("checkMomentum explains", wrong, checkMomentum);
