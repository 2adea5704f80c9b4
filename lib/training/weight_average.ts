import * as tf from "../tensor/tf.ts";
import type { Module } from "../nn/module.ts";

/**
 * An exponential moving average of a model's weights and running statistics ("Mean teachers are
 * better role models", arXiv 1703.01780); it often generalises better than the last weights.
 */
export class WeightAverage {
  readonly decay: number;
  readonly #pairs: { path: string; variable: tf.Variable; average: tf.Variable }[];

  /** Starts at the model's current weights. Throws a RangeError when `decay` is not in [0, 1). */
  constructor(model: Module, decay: number) {
    if (!(decay >= 0 && decay < 1)) {
      throw new RangeError(`WeightAverage: decay is ${decay}, must be in [0, 1)`);
    }
    this.decay = decay;
    this.#pairs = [...model.namedVariables()]
      .filter(([, variable]) => variable.dtype === "float32")
      .map(([path, variable]) => ({ path, variable, average: copyOf(variable) }));
  }

  /** Moves the average by 1 − decay towards the model's weights; can be compiled. */
  update(): void {
    tf.tidy(() => {
      for (const { variable, average } of this.#pairs) {
        const step = tf.mul(tf.sub(variable, average), 1 - this.decay);
        average.assign(tf.add(average, step));
      }
    });
  }

  /** Exchanges the model's weights and the average. */
  swap(): void {
    for (const { variable, average } of this.#pairs) {
      tf.tidy(() => {
        const [first, second] = [variable.dataSync(), average.dataSync()];
        variable.assign(tf.tensor(second, variable.shape));
        average.assign(tf.tensor(first, variable.shape));
      });
    }
  }

  /** The averages, by the path of their parameter. */
  namedVariables(): Map<string, tf.Variable> {
    return new Map(this.#pairs.map(({ path, average }) => [path, average]));
  }

  dispose(): void {
    for (const { average } of this.#pairs) average.dispose();
  }
}

function copyOf(variable: tf.Variable): tf.Variable {
  return tf.tidy(() => tf.variable(tf.tensor(variable.dataSync(), variable.shape), false));
}
