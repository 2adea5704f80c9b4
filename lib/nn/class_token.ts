import * as tf from "../tensor/tf.ts";
import type { Random } from "../random.ts";
import { repeatForBatch } from "./functional.ts";
import { normal, parameter, requireRandom } from "./initialization.ts";
import { Module } from "./module.ts";
import { expectCount, expectShape } from "./shapes.ts";

/** Settings of a {@link ClassToken}. */
export interface ClassTokenOptions {
  /** Features of a token, D. */
  width: number;
  /** Of the normal distribution of the first values. Default: 1. */
  standardDeviation?: number;
  random: Random;
}

/** Puts one learned token before the others, which gathers what the class needs: `[B, N, D] → [B, 1 + N, D]`. */
export class ClassToken extends Module {
  readonly token: tf.Variable<tf.Rank.R2>;

  constructor({ width, standardDeviation = 1, random }: ClassTokenOptions) {
    super();
    expectCount("ClassToken", "width", width);
    const source = requireRandom("ClassToken", random);
    this.token = parameter(() => normal(standardDeviation)(source, [1, width]));
  }

  forward(tokens: tf.Tensor): tf.Tensor {
    expectShape("ClassToken", "tokens", tokens, ["B", "N", this.token.shape[1]]);
    return tf.concat([repeatForBatch(this.token, tokens.shape[0]), tokens], 1);
  }
}
