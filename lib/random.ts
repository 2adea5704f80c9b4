import * as tf from "./tensor/tf.ts";
/** Provisional: final interface, host generator. */
export class Random {
  readonly seed: number;
  readonly state: tf.Variable;
  constructor(seed: number) {
    this.seed = seed >>> 0;
    this.state = tf.variable(tf.tensor1d([this.seed | 0, 0], "int32"), false);
  }
  /** A generator of its own, whose key depends on this one's seed and on `name` alone. */
  fork(name: string): Random {
    let h = this.seed ^ 0x9e3779b9;
    for (const c of name) h = Math.imul(h ^ c.codePointAt(0)!, 0x85ebca6b);
    return new Random(h);
  }
  uniform(shape: number[], low = 0, high = 1): tf.Tensor {
    return tf.randomUniform(shape, low, high);
  }
  normal(shape: number[], mean = 0, standardDeviation = 1): tf.Tensor {
    return tf.randomNormal(shape, mean, standardDeviation);
  }
  /** int32 in [low, high). */
  integers(shape: number[], low: number, high: number): tf.Tensor {
    return tf.randomUniform(shape, low, high, "int32");
  }
  /** 1 with the given probability, else 0 (float32). */
  bernoulli(shape: number[], probability: number): tf.Tensor {
    return tf.cast(tf.less(this.uniform(shape), probability), "float32");
  }
  dispose(): void {
    this.state.dispose();
  }
}
/** A permutation of 0…size−1, a pure function of `seed` (host side; for splits and epoch orders). */
export function permutation(size: number, seed: number): Int32Array {
  const order = Int32Array.from({ length: size }, (_, i) => i);
  let s = seed >>> 0;
  const next = () => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
