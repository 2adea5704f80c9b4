import * as tf from "../tensor/tf.ts";
import * as ops from "../tensor/ops.ts";
import { Module } from "./module.ts";

/** `max(x, 0)`, value by value. */
export class Relu extends Module {
  forward(x: tf.Tensor): tf.Tensor {
    return ops.relu(x);
  }
}

/** `x · Φ(x)`, Φ being the normal distribution function (Gaussian Error Linear Units, arXiv 1606.08415). */
export class Gelu extends Module {
  forward(x: tf.Tensor): tf.Tensor {
    return ops.gelu(x);
  }
}

/** All axes but the first in one: `[B, …] → [B, product of …]`, the last axis running fastest. */
export class Flatten extends Module {
  forward(x: tf.Tensor): tf.Tensor {
    return tf.reshape(x, [x.shape[0], x.size / x.shape[0]]);
  }
}

/** Its input, unchanged. */
export class Identity extends Module {
  forward(x: tf.Tensor): tf.Tensor {
    return x;
  }
}
