/** Steps of narrow shapes, with fused kernels and eagerly: rows and heads that fill no vector. */
import * as ops from "../../../lib/tensor/ops.ts";
import { Random } from "../../../lib/random.ts";
import * as tf from "../../../lib/tensor/tf.ts";
import { ran } from "./fused.ts";

/** Lengths of rows and heads around those of vectors: 4, 8 and 16 numbers. */
const WIDTHS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17];
const LONGEST_SEQUENCE = 20;
const BATCH = 3, HEADS = 2;

type Step = (...inputs: tf.Tensor[]) => tf.Tensor[];

/** What a step gives, with its gradients. */
const withGradients = (forward: (...inputs: tf.Tensor[]) => tf.Tensor): Step => (...inputs) => {
  const { grads } = tf.valueAndGrads((...given: tf.Tensor[]) =>
    tf.sum(tf.square(forward(...given))) as tf.Scalar
  )(inputs);
  return [forward(...inputs), ...grads];
};

/** Attention of heads `width` wide: `[B, T, 3·H·width] → [B, T, H·width]`. */
const attention = (width: number) => (qkv: tf.Tensor) => {
  const [batch, tokens] = qkv.shape as number[];
  const split = tf.transpose(
    tf.reshape(qkv, [batch, tokens, 3, HEADS, width]),
    [2, 0, 3, 1, 4],
  );
  const [q, k, v] = tf.unstack(split);
  const shares = tf.softmax(tf.mul(tf.matMul(q, k, false, true), width ** -0.5));
  const mixed = tf.transpose(tf.matMul(shares, v), [0, 2, 1, 3]);
  return tf.reshape(mixed, [batch, tokens, HEADS * width]);
};

/** A LayerNorm and a softmax over the last axis, of the library's and of tf's own ops. */
const rows = (x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor) => {
  const { mean, variance } = tf.moments(x, -1, true);
  const normal = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 0.1)));
  const own = tf.add(tf.mul(normal, scale), shift);
  const librarys = ops.layerNorm(x, scale as tf.Tensor1D, shift as tf.Tensor1D, 0.1);
  const e = tf.exp(tf.sub(own, tf.max(own, -1, true)));
  return tf.add(ops.softmax(librarys), tf.mul(tf.div(e, tf.sum(e, -1, true)), own));
};

/** What differs, each in a line; empty where all agrees. */
export async function differencesOfNarrowShapes(): Promise<string[]> {
  const random = new Random(5);
  const problems: string[] = [];
  const compare = async (name: string, step: Step, inputs: tf.Tensor[]) => {
    const expected = tf.tidy(() =>
      step(...inputs).map((output) => Float32Array.from(output.dataSync()))
    );
    const { calls, report } = await ran("all", step, inputs, 3);
    if (report.kernels === 0) problems.push(`${name}: no kernel, ${report.reason ?? ""}`);
    calls.forEach((outputs, call) =>
      outputs.forEach((output, at) => {
        const scale = Math.max(1e-3, ...expected[at].map(Math.abs));
        const far = output.findIndex((value, place) =>
          !(Math.abs(value - expected[at][place]) <= 1e-5 * scale)
        );
        if (far < 0) return;
        problems.push(
          `${name}, call ${call}, output ${at}[${far}]: ${output[far]}, not ${expected[at][far]}`,
        );
      })
    );
    tf.dispose(inputs);
  };
  for (let tokens = 1; tokens <= LONGEST_SEQUENCE; tokens++) {
    const width = WIDTHS[(3 * tokens) % WIDTHS.length];
    const shape = [BATCH, tokens, 3 * HEADS * width];
    const name = `attention of ${tokens} tokens, heads ${width} wide`;
    await compare(name, withGradients(attention(width)), [random.normal(shape)]);
  }
  for (const width of WIDTHS) {
    const inputs = [random.normal([33, width]), random.normal([width]), random.normal([width])];
    await compare(`rows ${width} wide`, withGradients(rows), inputs);
  }
  return problems;
}
