/** Local response normalisation; batch normalisation is tfjs's. */
import * as tf from "tfjs";
import { gradient } from "./register.ts";

/**
 * With s = bias + α · (squares summed over near channels), y = x · s^−β. TensorFlow's kernel for its gradient
 * has none itself; this one is made of ops that do.
 */
gradient("LRN", { inputs: ["x"] }, (dy, [x], { depthRadius, bias, alpha, beta }) => ({
  x: () => {
    const channels = x.shape[x.rank - 1];
    const near = Float32Array.from(
      { length: channels * channels },
      (_, at) => Number(Math.abs(at % channels - Math.floor(at / channels)) <= depthRadius),
    );
    const band = tf.tensor2d(near, [channels, channels]);
    const overNear = (t: tf.Tensor) =>
      tf.reshape(tf.matMul(tf.reshape(t, [-1, channels]), band), t.shape);
    const sums = tf.add(tf.mul(overNear(tf.square(x)), alpha), bias);
    const share = tf.mul(dy, tf.pow(sums, -beta));
    const others = overNear(tf.div(tf.mul(share, x), sums));
    return tf.sub(share, tf.mul(tf.mul(x, others), 2 * alpha * beta));
  },
}));
