/** Gradients that tfjs lacks or computes wastefully. */
import * as tf from "tfjs";

const zeros = (tensor: tf.Tensor) => () => tf.zeros(tensor.shape);

// Comparisons are flat. Without a gradient `tf.where` on a comparison of what is differentiated fails.
const comparisons = ["Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"];
for (const kernelName of [...comparisons, "LogicalAnd", "LogicalOr"]) {
  tf.registerGradient({
    kernelName,
    inputsToSave: ["a", "b"],
    gradFunc: (_dy, [a, b]) => ({ a: zeros(a), b: zeros(b) }),
  });
}
tf.registerGradient({
  kernelName: "LogicalNot",
  inputsToSave: ["x"],
  gradFunc: (_dy, [x]) => ({ x: zeros(x) }),
});

/** Repeats a reduced gradient over the axes that were summed: tfjs multiplies by a tensor of ones. */
function spread(dy: tf.Tensor, shape: number[], axis: unknown): tf.Tensor {
  const axes = new Set(tf.util.parseAxisParam(axis as number[], shape));
  const kept = shape.map((size, index) => axes.has(index) ? 1 : size);
  const repeats = shape.map((size, index) => axes.has(index) ? size : 1);
  return tf.tile(tf.reshape(dy, kept), repeats);
}

tf.registerGradient({
  kernelName: "Sum",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attributes) => ({
    x: () => spread(dy as tf.Tensor, x.shape, attributes.axis),
  }),
});

tf.registerGradient({
  kernelName: "Mean",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attributes) => ({
    x: () => {
      const count = x.size / (dy as tf.Tensor).size;
      return spread(tf.mul(dy as tf.Tensor, 1 / count), x.shape, attributes.axis);
    },
  }),
});

// tfjs adds one slice for each repeat; this is one sum.
tf.registerGradient({
  kernelName: "Tile",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attributes) => ({
    x: () => {
      const repeats = attributes.reps as number[];
      const split = x.shape.flatMap((size, axis) => [repeats[axis], size]);
      return tf.sum(tf.reshape(dy as tf.Tensor, split), x.shape.map((_, axis) => 2 * axis));
    },
  }),
});
