/** Ops that move values: shapes, padding, slicing, gathering and scattering. */
import * as tf from "../../../lib/tensor/tf.ts";
import type { Entry } from "./judge.ts";

/** The variants of an op for tensors of one rank. */
const ofRanks = (make: (rank: number) => [name: string, entry: Entry]) =>
  Object.fromEntries([1, 2, 3, 4].map(make));
// deno-lint-ignore no-explicit-any
const op = (name: string) => (tf as any)[name] as (...given: unknown[]) => tf.Tensor;

export const movement: Record<string, Entry> = {
  reshape: { compute: ([x], { shape }) => tf.reshape(x, shape) },
  expandDims: { compute: ([x], { axis }) => tf.expandDims(x, axis) },
  squeeze: { compute: ([x], { axis }) => tf.squeeze(x, axis ?? undefined) },
  transpose: { compute: ([x], { perm }) => tf.transpose(x, perm) },
  tile: { compute: ([x], { reps }) => tf.tile(x, reps) },
  broadcastTo: { compute: ([x], { shape }) => tf.broadcastTo(x, shape) },
  ensureShape: { compute: ([x], { shape }) => tf.ensureShape(x, shape) },
  concat: { compute: (xs, { axis }) => tf.concat(xs, axis) },
  stack: { compute: (xs, { axis }) => tf.stack(xs, axis) },
  ...ofRanks((rank) => {
    const name = `concat${rank}d`;
    return [name, { compute: (xs, { axis }) => op(name)(xs, axis) }];
  }),
  ...ofRanks((rank) => {
    const name = `slice${rank}d`;
    return [name, {
      compute: ([x], { begin, size }) =>
        rank === 1 ? op(name)(x, begin[0], size[0]) : op(name)(x, begin, size),
    }];
  }),
  ...ofRanks((rank) => {
    const name = `reverse${rank}d`;
    return [name, { compute: ([x], { axis }) => rank === 1 ? op(name)(x) : op(name)(x, axis) }];
  }),
  ...ofRanks((rank) => {
    const name = `pad${rank}d`;
    return [name, {
      compute: ([x], { paddings, value }) =>
        op(name)(x, rank === 1 ? paddings[0] : paddings, value),
    }];
  }),
  pad: { compute: ([x], { paddings }) => tf.pad(x, paddings) },
  mirrorPad: { compute: ([x], { paddings, mode }) => tf.mirrorPad(x, paddings, mode) },
  slice: { compute: ([x], { begin, size }) => tf.slice(x, begin, size) },
  stridedSlice: {
    compute: ([x], { begin, end, strides, beginMask, endMask, shrinkAxisMask }) =>
      tf.stridedSlice(x, begin, end, strides, beginMask, endMask, 0, 0, shrinkAxisMask),
  },
  reverse: { compute: ([x], { axis }) => tf.reverse(x, axis) },
  split: { compute: ([x], { parts, axis }) => tf.split(x, parts, axis) },
  unstack: { compute: ([x], { axis }) => tf.unstack(x, axis) },
  spaceToBatchND: { compute: ([x], { block, sides }) => tf.spaceToBatchND(x, block, sides) },
  batchToSpaceND: { compute: ([x], { block, sides }) => tf.batchToSpaceND(x, block, sides) },
  depthToSpace: { compute: ([x], { block, format }) => tf.depthToSpace(x, block, format) },
  diag: { compute: ([x]) => tf.diag(x) },
  "linalg.bandPart": { compute: ([x], { low, high }) => tf.linalg.bandPart(x, low, high) },
  meshgrid: { compute: ([a, b], { indexing }) => tf.meshgrid(a, b, { indexing }) },
  gather: { compute: ([x, places], { axis, batchDims }) => tf.gather(x, places, axis, batchDims) },
  gatherND: { compute: ([x, places]) => tf.gatherND(x, places) },
  scatterND: { compute: ([places, updates], { shape }) => tf.scatterND(places, updates, shape) },
  tensorScatterUpdate: {
    compute: ([x, places, updates]) => tf.tensorScatterUpdate(x, places, updates),
  },
  sparseToDense: {
    compute: ([places, values, fill], { shape }) => tf.sparseToDense(places, values, shape, fill),
  },
  unsortedSegmentSum: { compute: ([x, ids], { count }) => tf.unsortedSegmentSum(x, ids, count) },
  "sparse.sparseSegmentSum": {
    compute: ([x, places, ids]) => tf.sparse.sparseSegmentSum(x, places, ids),
  },
  "sparse.sparseSegmentMean": {
    compute: ([x, places, ids]) => tf.sparse.sparseSegmentMean(x, places, ids),
  },
  "sparse.sparseFillEmptyRows": {
    compute: ([places, values, fill], { shape }) =>
      tf.sparse.sparseFillEmptyRows(places, values, shape, fill).outputValues,
  },
  raggedGather: {
    compute: ([splits, values, places]) =>
      tf.raggedGather([splits], values, places, 1).outputDenseValues,
    withoutCompiled: "its shape depends on data",
  },
  raggedTensorToTensor: {
    compute: ([splits, values, fill], { shape }) =>
      tf.raggedTensorToTensor(shape, values, fill, [splits], ["ROW_SPLITS"]),
  },
  oneHot: {
    compute: ([places, x], { depth }) => tf.mul(tf.oneHot(places, depth, 1, 0, "float32"), x),
  },
};
