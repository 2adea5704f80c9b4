import { assert, assertEquals, assertThrows } from "@std/assert";
import * as ops from "../../lib/tensor/ops.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { flatValues } from "./compiled.ts";

const sum = (x: tf.Tensor) => tf.sum(x) as tf.Scalar;

Deno.test("a gradient within an objective may be taken by anything", () => {
  const weight = tf.variable(tf.tensor1d([3, 4])), factor = tf.tensor1d([5, 6]);
  const x = tf.tensor1d([1, 1]);
  const { value, gradients } = ops.valueAndGradients(() => {
    const slope = tf.grad((x: tf.Tensor) => sum(tf.mul(x, factor)))(x);
    return sum(tf.mul(weight, slope));
  }, [weight]);
  assertEquals([flatValues(value), flatValues(gradients[0])], [[39], [5, 6]]);
});

Deno.test("an image made worse by its gradient can be part of an objective", () => {
  const weight = tf.variable(tf.tensor1d([2, -3])), x = tf.tensor1d([1, 2]);
  const loss = (x: tf.Tensor) => sum(tf.square(tf.mul(tf.mul(x, x), weight)));
  const worse = () => tf.add(x, tf.grad(loss)(x)); // x + 4·w²·x³
  const { value, gradients } = ops.valueAndGradients(() => loss(worse()), [weight]);
  // loss = Σ w²·z⁴ with z = x + 4·w²·x³, so its gradient is 2·w·z⁴ + 4·w²·z³ · 8·w·x³.
  const expected = [[2, 1], [-3, 2]].map(([w, x]) => {
    const z = x + 4 * w ** 2 * x ** 3;
    return { loss: w ** 2 * z ** 4, slope: 2 * w * z ** 4 + 32 * w ** 3 * x ** 3 * z ** 3 };
  });
  const near = (actual: number, wanted: number) => Math.abs(actual / wanted - 1) < 1e-5;
  assert(near(value.dataSync()[0], expected[0].loss + expected[1].loss));
  flatValues(gradients[0]).forEach((each, index) => assert(near(each, expected[index].slope)));
});

Deno.test("a gradient within an objective may use what its ops saved of their outputs", () => {
  // The slope of a sigmoid is made of the sigmoid itself.
  const weight = tf.variable(tf.tensor1d([0.5, -2]));
  const { gradients } = ops.valueAndGradients(
    () => sum(tf.grad((x: tf.Tensor) => sum(tf.sigmoid(x)))(tf.mul(weight, 1))),
    [weight],
  );
  flatValues(gradients[0]).forEach((each, index) => {
    const s = 1 / (1 + Math.exp(-[0.5, -2][index]));
    assert(Math.abs(each - s * (1 - s) * (1 - 2 * s)) < 1e-6, `${each}`);
  });
});

Deno.test("a gradient that reaches a value which was not saved throws", () => {
  const [weight, other] = [tf.variable(tf.scalar(3)), tf.variable(tf.scalar(5))];
  const objective = () => {
    const product = tf.mul(weight, other);
    const { grads } = tf.variableGrads(() => tf.square(product) as tf.Scalar, [other]);
    return grads[other.name] as tf.Scalar;
  };
  const message = "reaches a product that was computed outside of the function";
  assertThrows(() => ops.valueAndGradients(objective, [weight]), Error, message);
});

Deno.test("valueAndGradients can be differentiated itself", () => {
  const weight = tf.variable(tf.tensor1d([3, 4])), factor = tf.tensor1d([5, 6]);
  const cubes = () => sum(tf.mul(tf.mul(weight, weight), weight));
  const { gradients } = ops.valueAndGradients(
    () => sum(tf.mul(factor, ops.valueAndGradients(cubes, [weight]).gradients[0])),
    [weight],
  );
  assertEquals(flatValues(gradients[0]), [90, 144]); // 6 · factor · weight
});

const random = tf.randomNormal([3, 4], 0, 1, "float32", 1);
const weight = tf.randomNormal<tf.Rank.R2>([4, 4], 0, 1, "float32", 2);
const vector = tf.randomNormal<tf.Rank.R1>([4], 0, 1, "float32", 3);
const kernel = tf.randomNormal<tf.Rank.R4>([3, 3, 1, 2], 0, 1, "float32", 4);
const zeros = [[1, 1], [1, 1]] as const;
const functions: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  linear: (x) => ops.linear(x, weight, vector),
  layerNorm: (x) => ops.layerNorm(x, vector, vector, 1e-5),
  gelu: ops.gelu,
  relu: ops.relu,
  masked: (x) => ops.masked(x, tf.greater(random, 0.2), 2),
  softmax: ops.softmax,
  "tfjs's softmax": (x) => tf.softmax(x),
  "tfjs's exp": tf.exp,
  "tfjs's sigmoid": tf.sigmoid,
  conv2d: (x) => ops.conv2d(tf.reshape(x, [1, 3, 4, 1]), kernel, { stride: 1, zeros }),
  batchNormTraining: (x) => {
    const images = tf.reshape(x, [3, 1, 1, 4]) as tf.Tensor4D;
    return ops.batchNormTraining(images, vector, vector, 1e-2).y;
  },
  crossEntropy: (x) => ops.crossEntropy(x as tf.Tensor2D, tf.tensor1d([0, 3, 1], "int32")),
};

for (const [name, compute] of Object.entries(functions)) {
  Deno.test(`${name} can be differentiated twice`, () => {
    // The length of the gradient, whose own gradient needs the second derivative.
    const slope = tf.grad((x: tf.Tensor) => sum(tf.mul(tf.square(compute(x)), 0.5)));
    const length = (x: tf.Tensor) => sum(tf.square(slope(x)));
    const direction = tf.randomNormal(random.shape, 0, 1, "float32", 5);
    const exact = sum(tf.mul(tf.grad(length)(random), direction)).dataSync()[0];
    const step = 2e-3;
    const [above, below] = [step, -step].map((by) =>
      length(tf.add(random, tf.mul(direction, by))).dataSync()[0]
    );
    const difference = (above - below) / (2 * step);
    assert(
      Math.abs(exact - difference) <= 2e-2 * Math.max(1, Math.abs(difference)),
      `${exact} ${difference}`,
    );
  });
}
