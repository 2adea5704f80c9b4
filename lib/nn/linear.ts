import * as tf from "../tensor/tf.ts";
import * as ops from "../tensor/ops.ts";
import type { Random } from "../random.ts";
import {
  type Initializer,
  kaimingUniform,
  parameter,
  requireRandom,
  uniform,
} from "./initialization.ts";
import { Module } from "./module.ts";
import { expectCount, expectShape } from "./shapes.ts";

/** Settings of a {@link Linear} layer. */
export interface LinearOptions {
  /** Whether a bias is added. Default: true. */
  bias?: boolean;
  /** First values of the weight. Default: uniform within ±1/√inputs, as in PyTorch. */
  weightInitializer?: Initializer;
  /** First values of the bias. Default: uniform within ±1/√inputs, as in PyTorch. */
  biasInitializer?: Initializer;
  /** Where the first values are drawn from. */
  random: Random;
}

/**
 * The linear map `x · weight + bias` over the last axis: `[…, inputs] → […, outputs]`.
 *
 * ```ts
 * const layer = new Linear(3, 4, { random: new Random(1) });
 * layer.forward(tf.ones([2, 3])).shape; // [2, 4]
 * ```
 */
export class Linear extends Module {
  readonly weight: tf.Variable<tf.Rank.R2>;
  readonly bias: tf.Variable<tf.Rank.R1> | undefined;

  constructor(inputs: number, outputs: number, options: LinearOptions) {
    super();
    expectCount("Linear", "inputs", inputs);
    expectCount("Linear", "outputs", outputs);
    const {
      bias = true,
      weightInitializer = kaimingUniform,
      biasInitializer = uniform(1 / Math.sqrt(inputs)),
    } = options ?? {};
    const random = requireRandom("Linear", options?.random);
    this.weight = parameter(() => weightInitializer(random, [inputs, outputs]));
    if (bias) this.bias = parameter(() => biasInitializer(random, [outputs]));
  }

  forward(x: tf.Tensor): tf.Tensor {
    expectShape("Linear", "input", x, ["…", this.weight.shape[0]]);
    return ops.linear(x, this.weight, this.bias);
  }
}
