import { given } from "../platform/given.ts";
import { permutation, Random } from "../random.ts";
import { atEnd } from "../platform/kernel_door.ts";
import type { Chart } from "../display/chart.ts";
import { curves } from "../display/curves.ts";
import { modelState } from "./checkpoint.ts";
import { crossEntropyOfEach } from "./losses.ts";
import { NotFiniteError } from "./not_finite.ts";
import type { TrainerOptions } from "./trainer_options.ts";
import { formatRate } from "./report.ts";
import { snapshot } from "./snapshot.ts";
import { TrainingStep } from "./training_step.ts";

/** Which learning rates {@link learningRateFind} tries. */
export interface LearningRateFindOptions extends
  Pick<
    TrainerOptions,
    "model" | "train" | "optimizer" | "batchSize" | "transforms" | "loss" | "seed" | "compile"
  > {
  /** The learning rate of the first step. Default: 1e-6. */
  lowest?: number;
  /** The learning rate of the last step, unless the loss breaks away before. Default: 1. */
  highest?: number;
  /** At least 20. Default: 100. */
  steps?: number;
}

/** The loss at each learning rate that was tried, and a good peak for a schedule. */
export interface LearningRateFindResult {
  learningRates: number[];
  /** The smoothed loss at each of them. */
  losses: number[];
  /** Where the loss falls fastest: a good peak for a schedule. */
  suggestion: number;
  chart: Chart;
}

/** How much of the smoothed loss is the past. */
const smoothing = 0.9;
/** The search ends where the loss is so many times the lowest. */
const divergence = 4;
/** With fewer steps the learning rate would grow too fast for the smoothed loss to follow. */
const fewestSteps = 20;
/** The first and the last steps of the curve say little; of a short curve fewer are ignored. */
const ignoredSteps = 5;
/** A slope needs a step on either side. */
const fewestPoints = 3;

/**
 * Trains for a moment with a learning rate that grows from step to step, and shows where the loss
 * falls fastest and where it breaks away ("Cyclical Learning Rates", arXiv 1506.01186). The model and
 * the optimizer are afterwards as they were.
 *
 * Throws a RangeError where a setting is out of range or the loss breaks away at once, and a
 * {@link NotFiniteError} where it is not finite before the first step.
 */
export async function learningRateFind(
  options: LearningRateFindOptions,
): Promise<LearningRateFindResult> {
  const { model, train, optimizer, batchSize = 128, seed = 42, compile = true } = options;
  const { lowest = 1e-6, highest = 1, steps = 100, loss = crossEntropyOfEach } = options;
  if (!(lowest > 0 && highest > lowest)) {
    throw new RangeError(
      `learningRateFind: lowest is ${lowest} and highest ${highest}, must be 0 < lowest < highest`,
    );
  }
  if (!(Number.isInteger(steps) && steps >= fewestSteps)) {
    throw new RangeError(
      `learningRateFind: steps is ${
        given(steps)
      }, must be a whole number of at least ${fewestSteps}`,
    );
  }
  const random = new Random(seed);
  const transform = options.transforms?.train;
  const restore = snapshot([
    ...modelState(model).values(),
    ...optimizer.namedVariables().values(),
  ]);
  const step = new TrainingStep({
    model,
    dataset: train,
    optimizer,
    loss,
    random,
    transform,
    compile,
  });
  const order = permutation(train.size, seed);
  const size = Math.min(batchSize, train.size);
  const learningRates: number[] = [];
  const losses: number[] = [];
  let mean = 0;
  const wasTraining = model.training;
  model.setTraining(true);
  const end = atEnd(() => {
    model.setTraining(wasTraining);
    step.dispose();
    random.dispose();
    restore();
  });
  try {
    for (let index = 0; index < steps; index++) {
      const learningRate = lowest * (highest / lowest) ** (index / (steps - 1));
      const indices = Int32Array.from(
        { length: size },
        (_, offset) => order[(index * size + offset) % train.size],
      );
      const { loss } = await step.run(indices, learningRate);
      if (index === 0) requireFinite(loss);
      mean = smoothing * mean + (1 - smoothing) * loss;
      const unbiased = mean / (1 - smoothing ** (index + 1));
      if (!Number.isFinite(loss) || unbiased > divergence * Math.min(...losses)) break;
      learningRates.push(learningRate);
      losses.push(unbiased);
    }
  } finally {
    end();
  }
  if (losses.length < fewestPoints) {
    throw new RangeError(
      `learningRateFind: lowest is ${formatRate(lowest)}, where the loss breaks away at once; ` +
        "must be lower",
    );
  }
  const suggestion = learningRates[steepest(losses)];
  return { learningRates, losses, suggestion, chart: chartOf(learningRates, losses, suggestion) };
}

function requireFinite(firstLoss: number): void {
  if (Number.isFinite(firstLoss)) return;
  throw new NotFiniteError(
    `learningRateFind: the loss is ${firstLoss} before the first step: look at the images that the ` +
      "transforms give, and at the model's output",
  );
}

/** Where the curve falls most from one step to the next. */
function steepest(losses: readonly number[]): number {
  const ignored = Math.min(ignoredSteps, Math.ceil(losses.length / 4));
  let best = ignored;
  const slope = (index: number) => (losses[index + 1] - losses[index - 1]) / 2;
  for (let index = best; index < losses.length - ignored; index++) {
    if (slope(index) < slope(best)) best = index;
  }
  return best;
}

function chartOf(learningRates: number[], losses: number[], suggestion: number): Chart {
  return curves({
    series: { loss: { x: learningRates, y: losses } },
    xLabel: "learning rate",
    xScale: "logarithmic",
    yLabel: "smoothed loss",
    caption: `The loss while the learning rate grows. It falls fastest near ${
      formatRate(suggestion)
    }.`,
  });
}
