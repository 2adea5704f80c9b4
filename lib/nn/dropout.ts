import type * as tf from "../tensor/tf.ts";
import type { Random } from "../random.ts";
import { dropout } from "./functional.ts";
import { requireRandom } from "./initialization.ts";
import { Module } from "./module.ts";
import { expectRate } from "./shapes.ts";

/** How many dropout layers were made from a generator: each gets a stream of its own. */
const made = new WeakMap<Random, number>();

/**
 * Zeroes each value with probability `rate` while training and scales the others by 1/(1 − rate);
 * leaves its input as it is in evaluation (Dropout, Srivastava et al., JMLR 2014).
 */
export class Dropout extends Module {
  readonly rate: number;
  /** The layer's own generator, forked from the one it was given: order of calls does not matter. */
  readonly random: Random;

  constructor(rate: number, options: { random: Random }) {
    super();
    expectRate("Dropout", "rate", rate);
    this.rate = rate;
    const random = requireRandom("Dropout", options?.random);
    const count = made.get(random) ?? 0;
    made.set(random, count + 1);
    this.random = random.fork(`dropout.${count}`);
  }

  forward(x: tf.Tensor): tf.Tensor {
    if (!this.training || this.rate === 0) return x;
    return dropout(x, this.rate, this.random);
  }
}
