/** Ops that take values from places, or put them there. */
import * as tf from "tfjs";
import { gradient, gradients } from "./register.ts";

/** `values` summed into `count` rows by their row numbers: `[N, …], [N] → [count, …]`. */
function sumInto(values: tf.Tensor, rows: tf.Tensor, count: number): tf.Tensor {
  return tf.unsortedSegmentSum(values, tf.cast(rows, "int32") as tf.Tensor1D, count);
}

// tfjs's is for one batch dimension or none, and gives the indices back as their own gradient.
gradient("GatherV2", { inputs: ["x", "indices"] }, (dy, [x, indices], attributes) => ({
  indices: () => tf.zeros(indices.shape),
  x: () => {
    const [axis] = tf.util.parseAxisParam(attributes.axis, x.shape);
    const batchDims = attributes.batchDims as number;
    const count = (sizes: number[]) => sizes.reduce((product, size) => product * size, 1);
    const batch = count(x.shape.slice(0, batchDims));
    const outer = count(x.shape.slice(batchDims, axis)), inner = count(x.shape.slice(axis + 1));
    const size = x.shape[axis], taken = indices.size / batch;
    if (dy.size === 0) return tf.zeros(x.shape);
    /** `[batch, a, b, inner] → [batch, b, a, inner]` */
    const swapped = (t: tf.Tensor, a: number, b: number) =>
      outer === 1 ? t : tf.transpose(tf.reshape(t, [batch, a, b, inner]), [0, 2, 1, 3]);
    const values = tf.reshape(swapped(dy, outer, taken), [batch * taken, outer * inner]);
    const starts = tf.mul(tf.range(0, batch, 1, "int32"), tf.scalar(size, "int32"));
    const rows = batch === 1
      ? tf.reshape(indices, [taken])
      : tf.reshape(tf.add(tf.reshape(indices, [batch, taken]), tf.reshape(starts, [batch, 1])), [
        batch * taken,
      ]);
    const sums = sumInto(values, rows, batch * size);
    return tf.reshape(swapped(sums, size, outer), x.shape);
  },
}));

// tfjs's has none for the segments' numbers, and fails where they come from what is differentiated.
gradient("UnsortedSegmentSum", { inputs: ["segmentIds"] }, (dy, [segmentIds]) => ({
  segmentIds: () => tf.zeros(segmentIds.shape),
  x: () => {
    const zero = tf.scalar(0, "int32");
    const values = tf.gather(dy, tf.cast(tf.maximum(segmentIds, zero), "int32"));
    const shape = [...segmentIds.shape, ...values.shape.slice(segmentIds.rank).fill(1)];
    const isCounted = tf.reshape(tf.greaterEqual(segmentIds, zero), shape);
    return tf.where(isCounted, values, tf.zerosLike(values));
  },
}));

gradient("GatherNd", { inputs: ["params", "indices"] }, (dy, [params, indices]) => ({
  params: () => tf.scatterND(indices, dy, params.shape),
  indices: () => tf.zeros(indices.shape),
}));

gradient("ScatterNd", { inputs: ["indices"] }, (dy, [indices]) => ({
  updates: () => tf.gatherND(dy, indices),
  indices: () => tf.zeros(indices.shape),
}));

gradient(
  "TensorScatterUpdate",
  { inputs: ["indices", "updates"] },
  (dy, [indices, updates]) => ({
    tensor: () => tf.tensorScatterUpdate(dy, indices, tf.zerosLike(updates)),
    updates: () => tf.gatherND(dy, indices),
    indices: () => tf.zeros(indices.shape),
  }),
);

gradient(
  "SparseToDense",
  { inputs: ["sparseIndices", "sparseValues"] },
  (dy, [indices, values]) => {
    const taken = () => {
      const places = indices.rank === 2 ? indices : tf.reshape(indices, [-1, 1]);
      return tf.gatherND(dy, tf.cast(places, "int32"));
    };
    return {
      sparseIndices: () => tf.zeros(indices.shape),
      sparseValues: () => values.rank === 0 ? tf.sum(taken()) : tf.reshape(taken(), values.shape),
      defaultValue: () => tf.sub(tf.sum(dy), tf.sum(taken())),
    };
  },
);

// The mean is the sum, of shares instead of whole values.
for (const kernelName of ["SparseSegmentSum", "SparseSegmentMean"]) {
  const saved = { inputs: ["data", "indices", "segmentIds"] };
  gradient(kernelName, saved, (dy, [data, indices, segmentIds]) => ({
    indices: () => tf.zeros(indices.shape),
    segmentIds: () => tf.zeros(segmentIds.shape),
    data: () => {
      let segments = dy;
      if (kernelName === "SparseSegmentMean") {
        const counts = sumInto(tf.ones(segmentIds.shape), segmentIds, dy.shape[0]);
        const shape = [dy.shape[0], ...dy.shape.slice(1).fill(1)];
        segments = tf.div(dy, tf.reshape(tf.maximum(counts, 1), shape));
      }
      return sumInto(tf.gather(segments, segmentIds as tf.Tensor1D), indices, data.shape[0]);
    },
  }));
}

gradients(
  "SparseFillEmptyRows",
  { inputs: ["values"], outputs: [false, false, false, true] },
  ([, dy], [values, rows]) => {
    const taken = () => values.size === 0 ? tf.zeros([0]) : tf.gather(dy, rows as tf.Tensor1D);
    return { values: taken, defaultValue: () => tf.sub(tf.sum(dy), tf.sum(taken())) };
  },
);
