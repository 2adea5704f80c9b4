/** Kernels that tfjs-node lacks though TensorFlow has the op. */
import * as tf from "tfjs";
import { attribute } from "../attributes.ts";
import { AttributeType, DataType } from "../c_api.ts";
import { settingsOf } from "../device_settings.ts";
import { rotated, type Transformation } from "../sampling.ts";
import { kernel, runWithInt64, wrapKernel } from "./register.ts";

const dtypeOf = (name: string, { dtype }: tf.Tensor) => ({
  name,
  type: AttributeType.type,
  value: DataType[dtype as keyof typeof DataType],
});
const texts = (name: string, value: string[]) => ({ name, type: AttributeType.string, value });
const int = (value: number) => tf.scalar(value, "int32");

// ---- Numbers ----------------------------------------------------------------------------------

function registerCounting(): void {
  kernel(
    "BitwiseAnd",
    ({ a, b }, _attributes, backend) =>
      backend.executeSingleOutput("BitwiseAnd", [dtypeOf("T", a)], [a, b]),
  );

  kernel(
    "SearchSorted",
    ({ sortedSequence, values }, { side }, backend) =>
      backend.executeSingleOutput(side === "right" ? "UpperBound" : "LowerBound", [
        dtypeOf("T", sortedSequence),
        attribute.type("out_type", "int32"),
      ], [sortedSequence, tf.cast(values, sortedSequence.dtype)]),
  );

  kernel("DenseBincount", ({ x, weights }, { size, binaryOutput }, backend) => {
    if (weights.size > 0 && !settingsOf(backend.binding).weightedCounts) {
      return weightedCounts(x, weights, size, binaryOutput);
    }
    return backend.executeSingleOutput("DenseBincount", [
      dtypeOf("Tidx", x),
      dtypeOf("T", weights),
      attribute.bool("binary_output", binaryOutput ?? false),
    ], [x, int(size), weights]);
  });

  wrapKernel("Bincount", (original, inputs, attributes, backend) => {
    const { x, weights } = inputs;
    return weights.size > 0 && !settingsOf(backend.binding).weightedCounts
      ? weightedCounts(x, weights, attributes.size, false)
      : original(inputs, attributes);
  });

  // Sampling takes logarithms of probabilities as well as any other logits.
  const multinomial = tf.getKernel("Multinomial", "tensorflow").kernelFunc;
  kernel("Multinomial", ({ logits }, attributes, backend) =>
    multinomial({
      inputs: { logits: attributes.normalized ? tf.log(logits) : logits },
      attrs: { ...attributes, normalized: false },
      backend,
    }) as tf.Tensor);
}

/** Counts by sums into segments: `[N]` or `[B, N]` of whole numbers to `[size]` or `[B, size]`. */
function weightedCounts(
  x: tf.Tensor,
  weights: tf.Tensor,
  size: number,
  binaryOutput: boolean,
): tf.Tensor {
  const rows = x.rank === 2 ? x.shape[0] : 1;
  const starts = () => tf.reshape(tf.mul(tf.range(0, rows, 1, "int32"), int(size)), [rows, 1]);
  const places = x.rank === 2 ? tf.add(x, starts()) : x;
  // Compared as floats, which a card does itself; whole numbers it would hand to the processor.
  const isCounted = tf.less(tf.cast(x, "float32"), size);
  const counted = tf.where(isCounted, places, int(-1));
  const segments = (x.rank === 2 ? tf.reshape(counted, [-1]) : counted) as tf.Tensor1D;
  const values = binaryOutput ? tf.onesLike(weights) : weights;
  const sums = tf.unsortedSegmentSum(tf.reshape(values, [-1]), segments, rows * size);
  const counts = binaryOutput ? tf.minimum(sums, 1) : sums;
  return tf.reshape(counts, x.rank === 2 ? [rows, size] : [size]);
}

// ---- Images -----------------------------------------------------------------------------------

function registerImages(): void {
  kernel(
    "RotateWithOffset",
    ({ image }, attributes) => rotated(image, attributes as Parameters<typeof rotated>[1]),
  );

  kernel("Transform", ({ image, transforms }, attributes, backend) => {
    const { interpolation, fillMode, fillValue, outputShape } = attributes as Transformation;
    const [, height, width] = image.shape as number[];
    const size = outputShape ?? [height, width];
    return backend.executeSingleOutput("ImageProjectiveTransformV3", [
      dtypeOf("dtype", image),
      attribute.string("interpolation", interpolation.toUpperCase()),
      attribute.string("fill_mode", fillMode.toUpperCase()),
    ], [image, transforms, tf.tensor1d(size, "int32"), tf.scalar(fillValue)]);
  });

  kernel("MaxPoolWithArgmax", ({ x }, attributes, backend) => {
    const { filterSize, strides, pad, includeBatchInIndex } = attributes;
    const shape = x.shape as [number, number, number, number];
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad);
    const [top, left] = [info.padInfo.top, info.padInfo.left];
    const isNamed = ["VALID", "SAME"].includes(info.padInfo.type);
    const { bottom, right } = info.padInfo;
    const map = isNamed ? x : tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]], -Infinity);
    const [values, places] = backend.executeMultipleOutputs(
      "MaxPoolWithArgmax",
      [
        dtypeOf("T", x),
        attribute.type("Targmax", "int32"),
        attribute.int("ksize", [1, info.filterHeight, info.filterWidth, 1]),
        attribute.int("strides", [1, info.strideHeight, info.strideWidth, 1]),
        attribute.string("padding", isNamed ? info.padInfo.type : "VALID"),
        attribute.bool("include_batch_in_index", includeBatchInIndex),
      ],
      [map],
      2,
    );
    if (isNamed) return [values, places];
    // Places of the padded map become the map's.
    const [, height, width, channels] = x.shape;
    const [, wideHeight, wideWidth] = map.shape;
    const channel = tf.mod(places, int(channels));
    const column = tf.sub(tf.mod(tf.floorDiv(places, int(channels)), int(wideWidth)), int(left));
    const line = tf.floorDiv(places, int(channels * wideWidth));
    const row = tf.sub(tf.mod(line, int(wideHeight)), int(top));
    const image = tf.floorDiv(line, int(wideHeight));
    const lines = tf.add(tf.mul(image, int(height)), row);
    const pixels = tf.add(tf.mul(lines, int(width)), column);
    return [values, tf.add(tf.mul(pixels, int(channels)), channel)];
  });
}

// ---- Ragged and sparse tensors, strings ---------------------------------------------------------

function registerRagged(): void {
  kernel("RaggedGather", (inputs, { outputRaggedRank }, backend) => {
    const splits = inputs.paramsNestedSplits as unknown as tf.Tensor[];
    const { paramsDenseValues: values, indices } = inputs;
    return backend.executeMultipleOutputs(
      "RaggedGather",
      [
        dtypeOf("Tvalues", values),
        dtypeOf("Tindices", indices),
        attribute.type("Tsplits", "int32"),
        attribute.int("PARAMS_RAGGED_RANK", splits.length),
        attribute.int("OUTPUT_RAGGED_RANK", outputRaggedRank),
      ],
      [...splits, values, indices],
      outputRaggedRank + 1,
    );
  });

  kernel(
    "RaggedRange",
    ({ starts, limits, deltas }, _attributes, backend) =>
      backend.executeMultipleOutputs(
        "RaggedRange",
        [
          dtypeOf("T", starts),
          attribute.type("Tsplits", "int32"),
        ],
        [starts, limits, deltas],
        2,
      ),
  );

  kernel("RaggedTensorToTensor", (inputs, { rowPartitionTypes }, backend) => {
    const partitions = inputs.rowPartitionTensors as unknown as tf.Tensor[];
    const { shape, values, defaultValue } = inputs;
    return backend.executeSingleOutput("RaggedTensorToTensor", [
      dtypeOf("T", values),
      attribute.type("Tindex", "int32"),
      dtypeOf("Tshape", shape),
      attribute.int("num_row_partition_tensors", partitions.length),
      texts("row_partition_types", rowPartitionTypes),
    ], [shape, values, defaultValue, ...partitions]);
  });
}

function registerSparse(): void {
  for (const name of ["SparseSegmentSum", "SparseSegmentMean"]) {
    kernel(
      name,
      ({ data, indices, segmentIds }, _attributes, backend) =>
        backend.executeSingleOutput(name, [
          dtypeOf("T", data),
          attribute.type("Tidx", "int32"),
          attribute.type("Tsegmentids", "int32"),
        ], [data, indices, segmentIds]),
    );
  }

  kernel("SparseFillEmptyRows", (inputs, _attributes, backend) => {
    const { indices, values, denseShape, defaultValue } = inputs;
    return runWithInt64(
      backend,
      "SparseFillEmptyRows",
      [dtypeOf("T", values)],
      [indices, values, denseShape, defaultValue],
      { count: 4, int64Inputs: [0, 2] },
    );
  });

  kernel(
    "SparseReshape",
    ({ inputIndices, inputShape, newShape }, _attributes, backend) =>
      runWithInt64(backend, "SparseReshape", [], [inputIndices, inputShape, newShape], {
        count: 2,
        int64Inputs: [0, 1, 2],
      }),
  );
}

function registerStrings(): void {
  kernel("StringNGrams", ({ data, dataSplits }, attributes, backend) => {
    const { separator, nGramWidths, leftPad, rightPad, padWidth, preserveShortSequences } =
      attributes;
    return backend.executeMultipleOutputs(
      "StringNGrams",
      [
        attribute.string("separator", separator),
        attribute.int("ngram_widths", nGramWidths),
        attribute.string("left_pad", leftPad),
        attribute.string("right_pad", rightPad),
        attribute.int("pad_width", padWidth),
        attribute.bool("preserve_short_sequences", preserveShortSequences),
        attribute.type("Tsplits", "int32"),
      ],
      [data, dataSplits],
      2,
    );
  });

  kernel(
    "StringSplit",
    ({ input, delimiter }, { skipEmpty }, backend) =>
      runWithInt64(backend, "StringSplit", [attribute.bool("skip_empty", skipEmpty)], [
        input,
        delimiter,
      ], { count: 3 }),
  );

  kernel("StringToHashBucketFast", ({ input }, { numBuckets }, backend) => {
    const attributes = [attribute.int("num_buckets", numBuckets)];
    return runWithInt64(backend, "StringToHashBucketFast", attributes, [input], { count: 1 })[0];
  });
}

export function registerMissing(): void {
  registerCounting();
  registerImages();
  registerRagged();
  registerSparse();
  registerStrings();
}
