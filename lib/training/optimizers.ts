import { given } from "../platform/given.ts";
import * as tf from "../tensor/tf.ts";
import * as ops from "../tensor/ops.ts";
import { Module } from "../nn/module.ts";

/** Settings for the parameters that `includes` picks; the first group that fits is used. */
export interface ParameterGroup {
  includes(path: string, parameter: tf.Variable): boolean;
  /** The group's own weight decay. Default: the optimizer's. */
  weightDecay?: number;
  /** The group's learning rate as a multiple of the step's. Default: 1. */
  learningRateScale?: number;
}

/** No weight decay on norms and biases: on all parameters of fewer than two axes. */
export const noDecayOnNormsAndBiases: ParameterGroup = {
  includes: (_path, parameter) => parameter.rank < 2,
  weightDecay: 0,
};

/** Settings that all optimizers have. */
export interface OptimizerOptions {
  /** How strongly weights are drawn to 0. Default: 0.01 in {@link AdamW}, else 0. */
  weightDecay?: number;
  groups?: readonly ParameterGroup[];
}

/** A model, or parameters by path. */
export type Parameters = Module | ReadonlyMap<string, tf.Variable>;

/**
 * Changes parameters along their gradients.
 *
 * All state (moments, the number of steps) lies in variables named by parameter path, so that a
 * compiled step advances it and a checkpoint holds it.
 */
export abstract class Optimizer {
  /** What is optimised, by path. */
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  readonly #state = new Map<string, tf.Variable>();
  readonly #settings = new Map<string, { weightDecay: number; learningRateScale: number }>();

  constructor(parameters: Parameters, { weightDecay = 0, groups = [] }: OptimizerOptions) {
    this.parameters = parameters instanceof Module ? parameters.namedParameters() : parameters;
    if (this.parameters.size === 0) {
      throw new Error(`${this.constructor.name}: there is no trainable parameter to optimise`);
    }
    for (const [path, parameter] of this.parameters) {
      const group = groups.find((each) => each.includes(path, parameter));
      const decay = group?.weightDecay ?? weightDecay;
      requireRange(this, "weightDecay", decay, decay >= 0, "0 or more");
      const { learningRateScale = 1 } = group ?? {};
      this.#settings.set(path, { weightDecay: decay, learningRateScale });
    }
  }

  /**
   * Makes one step; `gradients` are in the order of `parameters`. Can be compiled: the learning rate
   * is a tensor, and nothing is read. A parameter without gradient stays as it is.
   */
  abstract apply(gradients: readonly (tf.Tensor | undefined)[], learningRate: tf.Scalar): void;

  /** The weight decay of one parameter. Throws a RangeError where it is not optimised. */
  weightDecayOf(path: string): number {
    const settings = this.#settings.get(path);
    if (settings) return settings.weightDecay;
    throw new RangeError(`${this.constructor.name}: there is no parameter "${path}"`);
  }

  /** The optimizer with its settings, as `SGD(momentum 0.9, nesterov false, weight decay 0.0005 / 0)`. */
  toString(): string {
    const own = Object.entries(this.hyperparameters()).map(([name, value]) => `${name} ${value}`);
    const distinct = (name: "weightDecay" | "learningRateScale") =>
      [...new Set(Array.from(this.#settings.values(), (each) => each[name]))].join(" / ");
    const decay = `weight decay ${distinct("weightDecay")}`;
    const scale = distinct("learningRateScale");
    const all = [...own, decay, ...(scale === "1" ? [] : [`learning rate times ${scale}`])];
    return `${this.constructor.name}(${all.join(", ")})`;
  }

  /** By what a step's learning rate is multiplied for one parameter; 1 for one that is in no group. */
  learningRateScaleOf(path: string): number {
    return this.#settings.get(path)?.learningRateScale ?? 1;
  }

  /** What steps depend on besides learning rate and weight decay. */
  hyperparameters(): Record<string, number | boolean> {
    return {};
  }

  /** The optimizer's state, by path. */
  namedVariables(): ReadonlyMap<string, tf.Variable> {
    return this.#state;
  }

  dispose(): void {
    for (const variable of this.#state.values()) variable.dispose();
  }

  /** A state variable that starts with zeros. */
  protected addState(path: string, shape: number[], dtype: "float32" | "int32" = "float32") {
    const variable = tf.tidy(() => tf.variable(tf.zeros(shape, dtype), false));
    this.#state.set(path, variable);
    return variable;
  }

  /** One zero-filled variable for each parameter, named `kind.path`. */
  protected addStatePerParameter(kind: string): Map<string, tf.Variable> {
    return new Map(
      Array.from(
        this.parameters,
        ([path, parameter]) => [path, this.addState(`${kind}.${path}`, parameter.shape)],
      ),
    );
  }

  /** Calls `update` for each parameter that has a gradient, with its group's settings. */
  protected forEachGradient(
    gradients: readonly (tf.Tensor | undefined)[],
    learningRate: tf.Scalar,
    update: (each: GradientStep) => void,
  ): void {
    if (gradients.length !== this.parameters.size) {
      throw new RangeError(
        `${this.constructor.name}: ${gradients.length} gradients for ` +
          `${this.parameters.size} parameters`,
      );
    }
    const rates = new Map([[1, learningRate]]);
    let index = 0;
    for (const [path, parameter] of this.parameters) {
      const gradient = gradients[index++];
      if (!gradient) continue;
      const { weightDecay, learningRateScale } = this.#settings.get(path)!;
      const rate = rates.get(learningRateScale) ??
        tf.mul(learningRate, learningRateScale) as tf.Scalar;
      rates.set(learningRateScale, rate);
      update({ path, parameter, gradient, learningRate: rate, weightDecay });
    }
  }
}

interface GradientStep {
  path: string;
  parameter: tf.Variable;
  gradient: tf.Tensor;
  learningRate: tf.Scalar;
  weightDecay: number;
}

/** Settings of {@link Adam} and {@link AdamW}; the defaults are the paper's. */
export interface AdamOptions extends OptimizerOptions {
  /** How much of the mean of gradients each step keeps. Default: 0.9. */
  beta1?: number;
  /** How much of the mean of squared gradients each step keeps. Default: 0.999. */
  beta2?: number;
  /** What is added to the divisor, so that it is never 0. Default: 1e-8. */
  epsilon?: number;
}

/**
 * Adam ("Adam: A Method for Stochastic Optimization", arXiv 1412.6980) with PyTorch's defaults;
 * weight decay is added to the gradient (L2), as in PyTorch's `Adam`.
 */
export class Adam extends Optimizer {
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number;
  readonly #steps: tf.Variable;
  readonly #firstMoments: Map<string, tf.Variable>;
  readonly #secondMoments: Map<string, tf.Variable>;

  constructor(parameters: Parameters, options: AdamOptions = {}) {
    super(parameters, options);
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
    for (const [name, beta] of Object.entries({ beta1, beta2 })) {
      requireRange(this, name, beta, beta >= 0 && beta < 1, "in [0, 1)");
    }
    this.#beta1 = beta1;
    this.#beta2 = beta2;
    this.#epsilon = epsilon;
    this.#steps = this.addState("steps", [], "int32");
    this.#firstMoments = this.addStatePerParameter("firstMoment");
    this.#secondMoments = this.addStatePerParameter("secondMoment");
  }

  apply(gradients: readonly (tf.Tensor | undefined)[], learningRate: tf.Scalar): void {
    tf.tidy(() => {
      this.#steps.assign(tf.add(this.#steps, tf.scalar(1, "int32")));
      const steps = tf.cast(this.#steps, "float32");
      const firstCorrection = oneMinusPower(this.#beta1, steps);
      const secondCorrection = oneMinusPower(this.#beta2, steps);
      // Parameters of one rate and one decay share what their updates take.
      const shared = new Map<string, ops.AdamScalars | undefined>();
      this.forEachGradient(gradients, learningRate, (each) => {
        const update = {
          learningRate: each.learningRate,
          firstCorrection,
          secondCorrection,
          beta1: this.#beta1,
          beta2: this.#beta2,
          epsilon: this.#epsilon,
          weightDecay: this.couplesWeightDecay ? 0 : each.weightDecay,
        };
        const key = `${each.learningRate.id} ${update.weightDecay}`;
        if (!shared.has(key)) shared.set(key, ops.adamScalars(update));
        ops.adamUpdate(
          each.parameter,
          this.#firstMoments.get(each.path)!,
          this.#secondMoments.get(each.path)!,
          this.couplesWeightDecay ? withL2(each) : each.gradient,
          update,
          shared.get(key),
        );
      });
    });
  }

  override hyperparameters(): Record<string, number> {
    return { beta1: this.#beta1, beta2: this.#beta2, epsilon: this.#epsilon };
  }

  /** Whether weight decay passes through the moments (L2) or shrinks the parameter beside them. */
  protected get couplesWeightDecay(): boolean {
    return true;
  }
}

/**
 * Adam with decoupled weight decay ("Decoupled Weight Decay Regularization", arXiv 1711.05101),
 * with PyTorch's defaults, weight decay 0.01 among them.
 */
export class AdamW extends Adam {
  constructor(parameters: Parameters, { weightDecay = 0.01, ...options }: AdamOptions = {}) {
    super(parameters, { ...options, weightDecay });
  }

  protected override get couplesWeightDecay(): boolean {
    return false;
  }
}

/** Settings of {@link SGD}. */
export interface SGDOptions extends OptimizerOptions {
  /** How much of the velocity each step keeps. Default: 0. */
  momentum?: number;
  /** Looks ahead along the velocity; needs momentum. */
  nesterov?: boolean;
}

/** Stochastic gradient descent with momentum; weight decay is added to the gradient, as in PyTorch. */
export class SGD extends Optimizer {
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly #velocities: Map<string, tf.Variable>;

  constructor(parameters: Parameters, options: SGDOptions = {}) {
    super(parameters, options);
    const { momentum = 0, nesterov = false } = options;
    requireRange(this, "momentum", momentum, momentum >= 0, "0 or more");
    if (nesterov && momentum === 0) throw new RangeError("SGD: nesterov needs momentum above 0");
    this.momentum = momentum;
    this.nesterov = nesterov;
    this.#velocities = momentum > 0 ? this.addStatePerParameter("velocity") : new Map();
  }

  override hyperparameters(): Record<string, number | boolean> {
    return { momentum: this.momentum, nesterov: this.nesterov };
  }

  apply(gradients: readonly (tf.Tensor | undefined)[], learningRate: tf.Scalar): void {
    tf.tidy(() => {
      this.forEachGradient(gradients, learningRate, (each) => {
        const gradient = withL2(each);
        const velocity = this.#velocities.get(each.path);
        if (velocity) {
          ops.momentumUpdate(each.parameter, velocity, gradient, {
            learningRate: each.learningRate,
            momentum: this.momentum,
            nesterov: this.nesterov,
          });
        } else {
          each.parameter.assign(tf.sub(each.parameter, tf.mul(each.learningRate, gradient)));
        }
      });
    });
  }
}

/** The gradient with weight decay as the gradient of a squared norm. */
function withL2({ gradient, parameter, weightDecay }: GradientStep): tf.Tensor {
  return weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(parameter, weightDecay));
}

/** `1 − baseⁿ` without the cancellation that float32 would suffer for a base near 1. */
function oneMinusPower(base: number, exponent: tf.Tensor): tf.Scalar {
  if (base === 0) return tf.scalar(1);
  return tf.neg(tf.expm1(tf.mul(exponent, Math.log(base)))) as tf.Scalar;
}

function requireRange(
  optimizer: Optimizer,
  name: string,
  value: number,
  fits: boolean,
  rule: string,
): void {
  if (fits) return;
  throw new RangeError(
    `${optimizer.constructor.name}: ${name} is ${given(value)}, must be ${rule}`,
  );
}
