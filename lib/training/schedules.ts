import { given } from "../platform/given.ts";
import { showSchedule, stepsOf } from "./schedule_curve.ts";

/** The learning rate of each step; steps count from 0. */
export type Schedule = (step: number) => number;

/** The same learning rate at every step. */
export function constant(learningRate: number): Schedule {
  requirePositive("constant", "learningRate", learningRate);
  return showSchedule("constant", 1, () => learningRate);
}

export interface MultiStepOptions {
  learningRate: number;
  /** From each of these steps on, the learning rate is multiplied by `factor` once more. */
  milestones: readonly number[];
  /** What the learning rate is multiplied by at each of them. Default: 0.1. */
  factor?: number;
}

/** Drops the learning rate at given steps (PyTorch's `MultiStepLR`). */
export function multiStep({ learningRate, milestones, factor = 0.1 }: MultiStepOptions): Schedule {
  requirePositive("multiStep", "learningRate", learningRate);
  return showSchedule(
    "multiStep",
    Math.max(0, ...milestones) * 1.25,
    (step) => learningRate * factor ** milestones.filter((each) => each <= step).length,
  );
}

export interface CosineOptions {
  learningRate: number;
  /** The number of steps until `minimum` is reached. */
  steps: number;
  /** The last learning rate. Default: 0. */
  minimum?: number;
}

/**
 * Half a cosine wave from `learningRate` down to `minimum`, where it stays
 * (PyTorch's `CosineAnnealingLR`; "SGDR", arXiv 1608.03983, without restarts).
 *
 * ```ts
 * cosine({ learningRate: 1, steps: 100 })(50); // 0.5
 * ```
 */
export function cosine({ learningRate, steps, minimum = 0 }: CosineOptions): Schedule {
  requirePositive("cosine", "learningRate", learningRate);
  requirePositive("cosine", "steps", steps);
  return showSchedule("cosine", steps, (step) => between(learningRate, minimum, step / steps));
}

export interface OneCycleOptions {
  /** The highest learning rate. */
  peak: number;
  /** The number of steps of the whole cycle. */
  steps: number;
  /** The part of the steps on which the learning rate rises. Default: 0.3. */
  warmupFraction?: number;
  /** The first learning rate is `peak / initialDivisor`. Default: 25. */
  initialDivisor?: number;
  /** The last learning rate is the first one divided by this. Default: 1e4. */
  finalDivisor?: number;
}

/**
 * Rises to `peak` and falls far below the start, both along a cosine
 * (PyTorch's `OneCycleLR`; "Super-Convergence", arXiv 1708.07120).
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const { peak, steps, warmupFraction = 0.3, initialDivisor = 25, finalDivisor = 1e4 } = options;
  requirePositive("oneCycle", "peak", peak);
  if (!(steps >= 2)) throw new RangeError(`oneCycle: steps is ${steps}, must be at least 2`);
  const first = peak / initialDivisor;
  const last = first / finalDivisor;
  const top = warmupFraction * steps - 1;
  return showSchedule(
    "oneCycle",
    steps,
    (step) =>
      step <= top
        ? between(first, peak, top > 0 ? step / top : 1)
        : between(peak, last, (step - top) / (steps - 1 - top)),
  );
}

export interface LinearWarmupOptions {
  /** The number of steps on which the learning rate grows. */
  steps: number;
  /** The first step's learning rate as a part of the schedule's first value; by default 1 / steps, 1 at most. */
  startFactor?: number;
  /** What follows; it sees its own step 0 when the warm-up is over. */
  then: Schedule;
}

/** Grows linearly to the first value of `then`, then follows it (PyTorch's `LinearLR`, chained). */
export function linearWarmup(options: LinearWarmupOptions): Schedule {
  const { steps, then, startFactor = Math.min(1, 1 / options.steps) } = options;
  requirePositive("linearWarmup", "steps", steps);
  return showSchedule(
    "linearWarmup",
    steps + stepsOf(then),
    (step) =>
      step < steps
        ? then(0) * (startFactor + (1 - startFactor) * (step / steps))
        : then(step - steps),
  );
}

/** Settings of {@link warmupCosine}, counted in steps. */
export interface WarmupCosineOptions {
  /** The highest learning rate. */
  learningRate: number;
  /** Epochs of warm-up; half of all epochs at most. */
  warmupEpochs: number;
  epochs: number;
  stepsPerEpoch: number;
}

/**
 * Linear warm-up, then half a cosine down to 0, which the step after the last would have: how
 * transformers are trained.
 *
 * ```ts
 * const schedule = warmupCosine({ learningRate: 1, warmupEpochs: 1, epochs: 5, stepsPerEpoch: 10 });
 * schedule(30); // 0.5
 * ```
 */
export function warmupCosine(options: WarmupCosineOptions): Schedule {
  const { learningRate, warmupEpochs, epochs, stepsPerEpoch } = options;
  requirePositive("warmupCosine", "epochs", epochs);
  requirePositive("warmupCosine", "warmupEpochs", warmupEpochs);
  requirePositive("warmupCosine", "stepsPerEpoch", stepsPerEpoch);
  const warmup = Math.min(warmupEpochs, epochs / 2);
  const schedule = linearWarmup({
    steps: warmup * stepsPerEpoch,
    then: cosine({ learningRate, steps: (epochs - warmup) * stepsPerEpoch }),
  });
  return showSchedule("warmupCosine", stepsOf(schedule), schedule);
}

/** Makes a schedule over epochs one over steps: constant within an epoch. */
export function perEpoch(schedule: Schedule, stepsPerEpoch: number): Schedule {
  requirePositive("perEpoch", "stepsPerEpoch", stepsPerEpoch);
  return showSchedule(
    "perEpoch",
    stepsOf(schedule) * stepsPerEpoch,
    (step) => schedule(Math.floor(step / stepsPerEpoch)),
  );
}

/** The point at `progress` (0 to 1, held at both ends) of half a cosine wave. */
function between(start: number, end: number, progress: number): number {
  const clamped = Math.min(1, Math.max(0, progress));
  return end + (start - end) * (1 + Math.cos(Math.PI * clamped)) / 2;
}

function requirePositive(place: string, name: string, value: number): void {
  if (!(value > 0)) throw new RangeError(`${place}: ${name} is ${given(value)}, must be above 0`);
}
