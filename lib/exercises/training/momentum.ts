import * as tf from "../../tensor/tf.ts";
import { attempt } from "../engine/attempt.ts";
import {
  type CheckOptions,
  checkRunner,
  describe,
  describeResult,
  failure,
  shapeText,
} from "../engine/check.ts";
import { assertTensor, expectClose } from "../engine/compare.ts";
import { given } from "../engine/given.ts";
import { leavingAsIs } from "../engine/given_options.ts";
import { departure } from "../engine/locate.ts";
import { findMistake } from "../engine/mistakes.ts";
import { ramp, rampText, type SizedCall } from "../engine/sample_call.ts";
import { sample } from "../engine/samples.ts";

const { runCheck } = checkRunner();

/** What a step of gradient descent with momentum starts from. */
export interface MomentumState {
  parameter: tf.Tensor;
  velocity: tf.Tensor;
}

/** The settings of one step of SGD with momentum. */
export interface MomentumSettings {
  learningRate: number;
  momentum: number;
  /** The gradient's part that pulls the parameter to zero. */
  weightDecay: number;
}

/** One step of gradient descent with momentum: the new parameter and velocity. */
export type MomentumStep = (
  state: MomentumState,
  gradient: tf.Tensor,
  settings: MomentumSettings,
) => MomentumState;

const name = "momentumStep";

const mistakes = {
  noMomentum: "without the old velocity",
  momentumAlone: "with the momentum itself in place of momentum · velocity",
  undamped: "without the momentum: the whole old velocity is kept",
  noWeightDecay: "without the weight decay",
  decayAlone: "with weightDecay itself in place of weightDecay · parameter",
  averaged:
    "with a velocity of μ·v + (1 − μ)·g, a moving average; here the whole gradient is added",
  uphill: "with a step up the gradient; the velocity is subtracted",
  rateInVelocity:
    "when the learning rate is inside the velocity. It gives the same steps as long as the learning rate stays, " +
    "but here it multiplies the velocity when the parameter changes",
  velocityDown:
    "when the velocity points down the slope, v ← μ·v − g, and is added to the parameter; here v ← μ·v + g, and it is " +
    "subtracted",
  restOfMomentum: "with 1 − μ times the old velocity; it is kept by μ",
  keras:
    "when the velocity is the step down the slope, learning rate and sign included, and is added to the parameter, as " +
    "in Keras: v ← μ·v − η·g. Here v ← μ·v + g, and the parameter goes by −η·v",
  rateOnGradientAlone:
    "when the learning rate multiplies the gradient alone as the parameter moves; it multiplies the whole velocity",
  oldVelocity: "when the parameter moves by the old velocity; the new one comes first",
  nesterov: "with Nesterov's look ahead; here the plain velocity is subtracted",
  decoupledDecay:
    "when the weight decay bypasses the velocity, as in AdamW; here it is a part of the gradient",
  decayNegative: "with a weight decay of the wrong sign; it is added to the gradient",
  noGradient: "with a velocity without the gradient",
  momentumOnGradient:
    "when the momentum multiplies the gradient and not the old velocity: v ← v + μ·g in place of μ·v + g",
  gradientSubtracted:
    "with a gradient that is subtracted in the velocity; it is added there, and the parameter goes down along it",
  gradientStep: "when the parameter moves by the gradient alone, and the velocity is not used",
  noRate: "without the learning rate",
  rateAlone: "with the learning rate alone in place of its product with the velocity",
  onlyChange: "with the change in place of the new parameter: the old parameter is missing",
  parameterKept: "when the parameter stays as it was; the velocity moves it",
  velocityIsChange: "with the change of the parameter, learning rate included, as the new velocity",
  velocityKept: "with the old velocity given back; the new one is kept for the next step",
  decayUnscaled: "with the parameter itself in place of weightDecay · parameter",
  decayOfVelocity: "when the weight decay pulls the velocity; it pulls the parameter",
  decayTwice: "with the weight decay both in the gradient and on the parameter",
} as const;

function step(
  { parameter, velocity }: MomentumState,
  gradient: tf.Tensor,
  { learningRate, momentum, weightDecay }: MomentumSettings,
  has: ReadonlySet<string>,
): MomentumState {
  const decay = tf.mul(
    has.has("decayAlone")
      ? tf.onesLike(parameter)
      : has.has("decayOfVelocity")
      ? velocity
      : parameter,
    has.has("decayNegative") ? -weightDecay : has.has("decayUnscaled") ? 1 : weightDecay,
  );
  const decays = !has.has("noWeightDecay");
  const pull = decays && !has.has("decoupledDecay") ? tf.add(gradient, decay) : gradient;
  const scaled = has.has("keras")
    ? tf.mul(pull, -learningRate)
    : has.has("rateInVelocity")
    ? tf.mul(pull, learningRate)
    : has.has("averaged")
    ? tf.mul(pull, 1 - momentum)
    : pull;
  const kept = has.has("noMomentum")
    ? tf.zerosLike(velocity)
    : has.has("momentumAlone")
    ? tf.fill(velocity.shape, momentum)
    : has.has("momentumOnGradient") || has.has("undamped")
    ? velocity
    : tf.mul(velocity, has.has("restOfMomentum") ? 1 - momentum : momentum);
  const added = has.has("momentumOnGradient") ? tf.mul(scaled, momentum) : scaled;
  const next = has.has("noGradient")
    ? kept
    : has.has("gradientSubtracted") || has.has("velocityDown")
    ? tf.sub(kept, added)
    : tf.add(kept, added);
  const direction = has.has("oldVelocity")
    ? velocity
    : has.has("gradientStep")
    ? pull
    : has.has("nesterov")
    ? tf.add(tf.mul(next, momentum), pull)
    : next;
  const rate = has.has("keras")
    ? -1
    : has.has("rateInVelocity") || has.has("noRate")
    ? 1
    : learningRate;
  const change = has.has("rateOnGradientAlone")
    ? tf.add(kept, tf.mul(added, rate))
    : has.has("rateAlone")
    ? tf.fill(parameter.shape, rate)
    : tf.mul(direction, has.has("uphill") || has.has("velocityDown") ? -rate : rate);
  const moved = has.has("onlyChange")
    ? change
    : has.has("parameterKept")
    ? parameter
    : tf.sub(parameter, change);
  const aside = has.has("decayTwice") || decays && has.has("decoupledDecay");
  return {
    parameter: aside ? tf.sub(moved, tf.mul(decay, learningRate)) : moved,
    velocity: has.has("velocityIsChange") ? change : has.has("velocityKept") ? velocity : next,
  };
}

/**
 * Checks a learner's step of gradient descent with momentum against the rule of PyTorch's `SGD`, over
 * several steps. Throws a `CheckError` that names the first thing wrong and its likely cause.
 */
export function checkMomentum(learner: MomentumStep, options: CheckOptions = {}): Promise<void> {
  return runCheck("Momentum", options, () => {
    if (typeof learner !== "function") {
      throw failure(`${name} should be a function, but is ${describe(learner)}.`);
    }
    for (const shape of [[3, 4], [5]]) checkSteps(learner, shape);
    return "parameter and velocity are right, over three steps with other settings each";
  });
}

/** No two are equal, and none is the notebook's. */
const settingsOfSteps = [
  { learningRate: 0.3, momentum: 0.8, weightDecay: 0.25 },
  { learningRate: 0.7, momentum: 0.6, weightDecay: 0.35 },
  { learningRate: 0.2, momentum: 0.5, weightDecay: 0 },
];

function checkSteps(learner: MomentumStep, shape: number[]): void {
  let state: MomentumState = {
    parameter: sample(shape, { seed: 22 }),
    velocity: sample(shape, { seed: 23 }),
  };
  for (const [index, settings] of settingsOfSteps.entries()) {
    const gradient = sample(shape, { seed: 24 + index, low: -3, high: 3 });
    // Copies, which the learner's code may spoil: the check goes on with its own.
    const copies = {
      parameter: given(state.parameter),
      velocity: given(state.velocity),
      gradient: given(gradient),
    };
    const result: unknown = attempt(
      name,
      `on a parameter of shape ${shapeText(shape)}`,
      () => {
        const { parameter, velocity } = copies;
        const own = { ...settings };
        return leavingAsIs(
          name,
          own,
          "settings",
          () => learner({ parameter, velocity }, copies.gradient, own),
        );
      },
      { code: learner },
    );
    const { parameter, velocity } = readState(name, result);
    for (const [key, tensor] of Object.entries(copies)) {
      if (tensor.isDisposed) throw failure(`${name} frees its input \`${key}\`.`);
    }
    const expected = step(state, gradient, settings, new Set());
    const both = (each: MomentumState) =>
      tf.concat([tf.reshape(each.parameter, [-1]), tf.reshape(each.velocity, [-1])]);
    const explain = () =>
      findMistake(
        both({ parameter, velocity }),
        mistakes,
        (has) => both(step(state, gradient, settings, has)),
      ) ?? departure({
        ours: () => learner({ ...state }, gradient, { ...settings }),
        right: [() => step(state, gradient, settings, new Set())],
        given: [state.parameter, state.velocity, gradient],
        code: { function: learner },
        call: stepCall(learner, settings, shape),
      });
    const which = index === 0 ? "" : ` in step ${index + 1}`;
    expectClose(velocity, expected.velocity, { name: `the new velocity${which}`, explain });
    expectClose(parameter, expected.parameter, { name: `the new parameter${which}`, explain });
    state = { parameter, velocity };
  }
}

/** A step to look at. */
function stepCall(
  learner: MomentumStep,
  settings: MomentumSettings,
  shape: readonly number[],
): SizedCall {
  const inputs = (sizes: readonly number[]) => {
    const x = ramp(sizes);
    return [{ parameter: x, velocity: tf.square(x) }, tf.abs(x), { ...settings }] as const;
  };
  const written = Object.entries(settings).map(([key, value]) => `${key}: ${value}`).join(", ");
  return {
    sizes: shape,
    write: (sizes) => {
      const x = rampText(sizes);
      return `${learner.name || name}({ parameter: ${x}, velocity: ${x}.square() }, ${x}.abs(), ` +
        `{ ${written} }).parameter.print()`;
    },
    ours: (sizes) => learner(...inputs(sizes)).parameter,
    right: (sizes) => step(...inputs(sizes), new Set()).parameter,
  };
}

function readState(name: string, result: unknown): MomentumState {
  const state = result as Partial<MomentumState> | undefined;
  if (!state || typeof state !== "object" || !("parameter" in state) || !("velocity" in state)) {
    throw failure(
      `${name} should return \`{ parameter, velocity }\`, but returns ${describeResult(result)}.`,
    );
  }
  const { parameter, velocity } = state;
  assertTensor(parameter, "the new parameter");
  assertTensor(velocity, "the new velocity");
  return { parameter, velocity };
}
