/** Sums, extremes and products over axes, and along them. */
import * as tf from "tfjs";
import { type Attributes, gradient, gradients } from "./register.ts";

/** The shape with 1 in the place of each axis that was reduced, and how often each axis is repeated. */
function reduced(shape: number[], axis: unknown): { kept: number[]; repeats: number[] } {
  const axes = new Set(tf.util.parseAxisParam(axis as number[], shape));
  return {
    kept: shape.map((size, index) => axes.has(index) ? 1 : size),
    repeats: shape.map((size, index) => axes.has(index) ? size : 1),
  };
}

/** Repeats a reduced gradient over the axes that were summed: tfjs multiplies by a tensor of ones. */
function spread(dy: tf.Tensor, shape: number[], axis: unknown): tf.Tensor {
  const { kept, repeats } = reduced(shape, axis);
  return tf.tile(tf.reshape(dy, kept), repeats);
}

gradient("Sum", { inputs: ["x"] }, (dy, [x], { axis }) => ({
  x: () => spread(dy, x.shape, axis),
}));

gradient("Mean", { inputs: ["x"] }, (dy, [x], { axis }) => ({
  x: () => spread(tf.mul(dy, dy.size / x.size), x.shape, axis),
}));

// Equal extremes share the gradient, as in TensorFlow; tfjs gives all of it to each.
for (const [kernelName, attribute] of [["Max", "reductionIndices"], ["Min", "axis"]]) {
  const saved = { inputs: ["x"], outputs: [true] };
  gradient(kernelName, saved, (dy, [x, y], attributes: Attributes) => ({
    x: () => {
      const { kept } = reduced(x.shape, attributes[attribute]);
      const chosen = tf.cast(tf.equal(x, tf.reshape(y, kept)), "float32");
      const axes = tf.util.parseAxisParam(attributes[attribute], x.shape);
      return tf.mul(chosen, tf.div(tf.reshape(dy, kept), tf.sum(chosen, axes, true)));
    },
  }));
}

// The product of all others, by products from both ends: a zero is no exception.
gradient("Prod", { inputs: ["x"] }, (dy, [x], { axis }) => ({
  x: () => {
    const axes = tf.util.parseAxisParam(axis, x.shape);
    const others = x.shape.map((_, index) => index).filter((index) => !axes.includes(index));
    const order = [...others, ...axes];
    const moved = tf.transpose(tf.cast(x, "float32"), order);
    const rows = tf.reshape(moved, [-1, axes.reduce((count, each) => count * x.shape[each], 1)]);
    const rest = tf.mul(tf.cumprod(rows, 1, true), tf.cumprod(rows, 1, true, true));
    const slope = tf.mul(rest, tf.reshape(dy, [-1, 1]));
    const back = order.map((_, index) => order.indexOf(index));
    return tf.transpose(tf.reshape(slope, moved.shape), back);
  },
}));

// tfjs transposes the result where the axis is not the last.
gradient("Cumsum", {}, (dy, _saved, { axis, exclusive, reverse }) => ({
  x: () => tf.cumsum(dy, axis, exclusive, !reverse),
}));

/**
 * Each value is a factor of the products from its place on: their sum is divided by it. In the place of the
 * first zero that sum is of the products without it, and beyond it all products are 0.
 */
gradient("Cumprod", { inputs: ["x"] }, (dy, [x], { axis, exclusive, reverse }) => ({
  x: () => {
    const sums = (factors: tf.Tensor) =>
      tf.cumsum(
        tf.mul(dy, tf.cumprod(factors, axis, exclusive, reverse)),
        axis,
        exclusive,
        !reverse,
      );
    const isZero = tf.equal(x, 0), ones = tf.onesLike(x);
    const zerosSoFar = tf.cumsum(tf.cast(isZero, "float32"), axis, false, reverse);
    const isFirst = tf.logicalAnd(isZero, tf.equal(zerosSoFar, 1));
    const away = tf.div(sums(x), tf.where(isZero, ones, x));
    const atFirst = tf.where(isFirst, sums(tf.where(isFirst, ones, x)), tf.zerosLike(x));
    return tf.where(isZero, atFirst, away);
  },
}));

// Back to the places that the values came from.
gradients("TopK", { inputs: ["x"], outputs: [false, true] }, ([dy], [x, indices]) => ({
  x: () => {
    const width = x.shape[x.rank - 1], rows = x.size / width;
    const starts = tf.mul(tf.range(0, rows, 1, "int32"), tf.scalar(width, "int32"));
    const places = tf.add(tf.reshape(indices, [rows, -1]), tf.reshape(starts, [rows, 1]));
    const flatPlaces = tf.reshape(places, [-1]) as tf.Tensor1D;
    return tf.reshape(
      tf.unsortedSegmentSum(tf.reshape(dy, [-1]), tf.cast(flatPlaces, "int32"), x.size),
      x.shape,
    );
  },
}));
