/** Ops that move values: repeating, splitting, padding, slicing, reordering. */
import * as tf from "tfjs";
import { padded, part, stretched } from "../axes.ts";
import { gradient, gradients } from "./register.ts";

// tfjs adds one slice for each repeat, up to rank 4; this is one sum.
gradient("Tile", { inputs: ["x"] }, (dy, [x], { reps }) => ({
  x: () => {
    const split = x.shape.flatMap((size, axis) => [reps[axis], size]);
    return tf.sum(tf.reshape(dy, split), x.shape.map((_, axis) => 2 * axis));
  },
}));

gradients("SplitV", {}, (dys, _saved, { axis }) => ({ x: () => tf.concat(dys, axis) }));
gradients("Unpack", {}, (dys, _saved, { axis }) => ({ value: () => tf.stack(dys, axis) }));

gradient("FlipLeftRight", {}, (dy) => ({ image: () => tf.reverse(dy, 2) }));

// tfjs leaves the mirrored values out: they add to where they came from, one axis after the other.
gradient("MirrorPad", { inputs: ["x"] }, (dy, [x], { paddings, mode }) => ({
  x: () => {
    const skipped = mode === "reflect" ? 1 : 0;
    return (paddings as [number, number][]).reduce((gradient, [before, after], axis) => {
      const size = x.shape[axis];
      const sums = [part(gradient, axis, before, size)];
      const mirrored = (begin: number, count: number, place: number) => {
        if (count === 0) return;
        const values = tf.reverse(part(gradient, axis, begin, count), axis);
        sums.push(padded(values, axis, place, size - place - count));
      };
      mirrored(0, before, skipped);
      mirrored(before + size, after, size - skipped - after);
      return sums.length === 1 ? sums[0] : tf.addN(sums);
    }, dy);
  },
}));

gradient("StridedSlice", { inputs: ["x"] }, (dy, [x], attributes) => ({
  x: () => {
    const { begin, end, strides } = attributes;
    const { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
    const taken = tf.slice_util.sliceInfo(
      x.shape,
      begin,
      end,
      strides,
      beginMask,
      endMask,
      ellipsisMask,
      newAxisMask,
      shrinkAxisMask,
    );
    if (dy.size === 0) return tf.zeros(x.shape);
    const counts = x.shape.map((_, axis) =>
      Math.ceil((taken.end[axis] - taken.begin[axis]) / taken.strides[axis])
    );
    return x.shape.reduce<tf.Tensor>((gradient, size, axis) => {
      const step = taken.strides[axis], count = gradient.shape[axis];
      const last = taken.begin[axis] + (count - 1) * step;
      const inOrder = step < 0 ? tf.reverse(gradient, axis) : gradient;
      const apart = stretched(inOrder, axis, Math.abs(step));
      const first = Math.min(taken.begin[axis], last);
      return padded(apart, axis, first, size - first - apart.shape[axis]);
    }, tf.reshape(dy, counts));
  },
}));

gradient("DepthToSpace", {}, (dy, _saved, { blockSize: block, dataFormat }) => ({
  x: () => {
    const [batch, ...sizes] = dy.shape;
    if (dataFormat === "NCHW") {
      const [channels, height, width] = [sizes[0], sizes[1] / block, sizes[2] / block];
      const split = tf.reshape(dy, [batch, channels, height, block, width, block]);
      const moved = tf.transpose(split, [0, 3, 5, 1, 2, 4]);
      return tf.reshape(moved, [batch, block * block * channels, height, width]);
    }
    const [height, width, channels] = [sizes[0] / block, sizes[1] / block, sizes[2]];
    const split = tf.reshape(dy, [batch, height, block, width, block, channels]);
    const moved = tf.transpose(split, [0, 1, 3, 2, 4, 5]);
    return tf.reshape(moved, [batch, height, width, block * block * channels]);
  },
}));

gradient("Diag", { inputs: ["x"] }, (dy, [x]) => ({
  x: () => {
    // Each value of the diagonal is one row and one column after the last.
    const flat = tf.reshape(dy, [x.size * x.size]);
    return tf.reshape(tf.stridedSlice(flat, [0], [x.size * x.size], [x.size + 1]), x.shape);
  },
}));
