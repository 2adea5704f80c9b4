import type { Random } from "../random.ts";
import * as tf from "../tensor/tf.ts";
import { firstValid, pick } from "./first_valid.ts";

const CANDIDATES = 64;

/**
 * Numbers from the distribution Beta(α, α): `[count]`, within 0…1.
 *
 * Drawn by rejection, of 64 candidates the first that is accepted (½ in the rare case that none is):
 * for α < 1 by Jöhnk's method (1964), for larger α by a uniform number kept with probability
 * (4x(1 − x))^(α − 1).
 */
export function randomBeta(count: number, alpha: number, random: Random): tf.Tensor1D {
  if (alpha === 1) return random.uniform([count]) as tf.Tensor1D;
  const first = random.uniform([count, CANDIDATES]) as tf.Tensor2D;
  const second = random.uniform([count, CANDIDATES]);
  if (alpha > 1) {
    const height = tf.pow(tf.mul(4, tf.mul(first, tf.sub(1, first))), alpha - 1);
    return pick(firstValid(tf.less(second, height) as tf.Tensor2D), first, 0.5);
  }
  const x = tf.pow(first, 1 / alpha);
  const sum = tf.add(x, tf.pow(second, 1 / alpha));
  // A small α can make both powers 0 in float32; such a pair is passed over.
  const accepted = tf.logicalAnd(tf.lessEqual(sum, 1), tf.greater(sum, 0)) as tf.Tensor2D;
  const ratio = tf.div(x, tf.maximum(sum, 1e-38)) as tf.Tensor2D;
  return pick(firstValid(accepted), ratio, 0.5);
}
