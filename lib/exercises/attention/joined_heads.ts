import * as tf from "../../tensor/tf.ts";
import type { Weights } from "../engine/plain_layers.ts";

/**
 * Weights in which every attention of separate heads (`heads.0.query.weight`, …) also has the joined maps
 * that the computations of attention read: all heads' queries, then keys, then values.
 */
export function joinedHeads(weights: Weights): Weights {
  const joined = new Map<string, tf.Tensor>(weights);
  for (const path of weights.keys()) {
    const prefix = /^(.*)heads\.0\.query\.weight$/.exec(path)?.[1];
    if (prefix === undefined) continue;
    for (const kind of ["weight", "bias"]) {
      const parts = ["query", "key", "value"].flatMap((name) => {
        const found: tf.Tensor[] = [];
        for (let head = 0;; head++) {
          const part = weights.get(`${prefix}heads.${head}.${name}.${kind}`);
          if (!part) return found;
          found.push(part);
        }
      });
      joined.set(`${prefix}qkv.${kind}`, tf.concat(parts, -1));
    }
  }
  // The computations only read, and a tensor reads like a variable.
  return joined as unknown as Weights;
}
