import * as tf from "../tensor/tf.ts";
import type { Random } from "../random.ts";
import { sinusoidalPositions } from "./functional.ts";
import { buffer, normal, parameter, requireRandom } from "./initialization.ts";
import { Module } from "./module.ts";
import { expectCount, expectShape } from "./shapes.ts";

function addPositions(owner: string, tokens: tf.Tensor, positions: tf.Tensor2D): tf.Tensor {
  const [slots, width] = positions.shape;
  expectShape(owner, "tokens", tokens, ["B", "N", width]);
  const count = tokens.shape[1]!;
  if (count > slots) {
    throw new RangeError(`${owner}: ${count} tokens do not fit ${slots} position slots`);
  }
  return tf.tidy(() =>
    tf.add(tokens, count === slots ? positions : tf.slice(positions, [0, 0], [count, width]))
  );
}

/** Settings of {@link LearnedPositions}. */
export interface LearnedPositionsOptions {
  /** How many tokens there can be at most. */
  slots: number;
  /** Features of a token, D. */
  width: number;
  /** Of the normal distribution of the first values. Default: 1. */
  standardDeviation?: number;
  random: Random;
}

/** Adds a learned vector to each token by its place: `[B, N, D] → [B, N, D]`, N up to `slots`. */
export class LearnedPositions extends Module {
  readonly positions: tf.Variable<tf.Rank.R2>;

  constructor({ slots, width, standardDeviation = 1, random }: LearnedPositionsOptions) {
    super();
    expectCount("LearnedPositions", "slots", slots);
    expectCount("LearnedPositions", "width", width);
    const source = requireRandom("LearnedPositions", random);
    this.positions = parameter(() => normal(standardDeviation)(source, [slots, width]));
  }

  forward(tokens: tf.Tensor): tf.Tensor {
    return addPositions("LearnedPositions", tokens, this.positions);
  }
}

/**
 * Adds a fixed vector of sines and cosines to each token by its place: `[B, N, D] → [B, N, D]`, N up
 * to `slots` (arXiv 1706.03762, section 3.5).
 */
export class SinusoidalPositions extends Module {
  readonly positions: tf.Variable<tf.Rank.R2>;

  constructor({ slots, width }: { slots: number; width: number }) {
    super();
    expectCount("SinusoidalPositions", "slots", slots);
    expectCount("SinusoidalPositions", "width", width);
    this.positions = buffer(() => sinusoidalPositions(slots, width));
  }

  forward(tokens: tf.Tensor): tf.Tensor {
    return addPositions("SinusoidalPositions", tokens, this.positions);
  }
}
