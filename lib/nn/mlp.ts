import type * as tf from "../tensor/tf.ts";
import type { Random } from "../random.ts";
import { Gelu } from "./activation.ts";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";

/** Settings of an {@link Mlp}. */
export interface MlpOptions {
  /** Features that come in and, unless `outputWidth` says otherwise, go out. */
  width: number;
  /** Features of the hidden layer. */
  hiddenWidth: number;
  /** Features that go out. Default: `width`. */
  outputWidth?: number;
  /** Rate of the dropout after the activation and after the second linear map. Default: 0. */
  dropout?: number;
  random: Random;
}

/**
 * Linear, GELU, dropout, Linear, dropout, for each token alone: `[…, D] → […, D]`.
 *
 * ```ts
 * const layer = new Mlp({ width: 8, hiddenWidth: 32, random: new Random(1) });
 * layer.forward(tf.ones([2, 5, 8])).shape; // [2, 5, 8]
 * ```
 */
export class Mlp extends Module {
  readonly hidden: Linear;
  readonly activation: Module;
  readonly hiddenDropout: Dropout;
  readonly output: Linear;
  readonly outputDropout: Dropout;

  constructor({ width, hiddenWidth, outputWidth = width, dropout = 0, random }: MlpOptions) {
    super();
    this.hidden = new Linear(width, hiddenWidth, { random });
    this.activation = new Gelu();
    this.hiddenDropout = new Dropout(dropout, { random });
    this.output = new Linear(hiddenWidth, outputWidth, { random });
    this.outputDropout = new Dropout(dropout, { random });
  }

  forward(x: tf.Tensor): tf.Tensor {
    const hidden = this.activation.forward(this.hidden.forward(x));
    const output = this.output.forward(this.hiddenDropout.forward(hidden));
    return this.outputDropout.forward(output);
  }
}
