/** Kernels that TensorFlow.js lacks on native TensorFlow, against TensorFlow's own values. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { Random } from "../../lib/random.ts";
import * as tf from "../../lib/tensor/tf.ts";
import reference from "../reference/kernels.json" with { type: "json" };
import { flatValues } from "./compiled.ts";

interface Values {
  shape: number[];
  dtype: string;
  values: (number | boolean | string)[];
}

interface Case {
  inputs: Values[];
  // deno-lint-ignore no-explicit-any
  attributes: any;
  outputs: Values[];
}

// deno-lint-ignore no-explicit-any
type Op = (inputs: any[], attributes: any) => tf.Tensor | tf.Tensor[];

const { image, sparse, string } = tf;
const ops: Record<string, Op> = {
  bitwiseAnd: ([a, b]) => tf.bitwiseAnd(a, b),
  searchSorted: ([sequence, values], { side }) => tf.searchSorted(sequence, values, side),
  lowerBound: ([sequence, values]) => tf.lowerBound(sequence, values),
  upperBound: ([sequence, values]) => tf.upperBound(sequence, values),
  denseBincount: ([x, weights], { size, binaryOutput }) =>
    tf.denseBincount(x, weights, size, binaryOutput),
  transform: ([x, moves], { interpolation, fillMode, fillValue, outputShape }) =>
    image.transform(x, moves, interpolation, fillMode, fillValue, outputShape),
  maxPoolWithArgmax: ([x], { size, stride, pad, includeBatch }) =>
    Object.values(tf.maxPoolWithArgmax(x, size, stride, pad, includeBatch)),
  conv2d: ([x, filter], { stride, pad, format, dilation }) =>
    tf.conv2d(x, filter, stride, pad, format, dilation),
  depthwiseConv2d: ([x, filter], { stride, pad, dilation }) =>
    tf.depthwiseConv2d(x, filter, stride, pad, "NHWC", dilation),
  conv3d: ([x, filter], { stride, pad, dilation }) =>
    tf.conv3d(x, filter, stride, pad, "NDHWC", dilation),
  maxPool: ([x], { size, stride, pad }) => tf.maxPool(x, size, stride, pad),
  avgPool: ([x], { size, stride, pad }) => tf.avgPool(x, size, stride, pad),
  maxPool3d: ([x], { size, stride, pad }) => tf.maxPool3d(x, size, stride, pad),
  avgPool3d: ([x], { size, stride, pad }) => tf.avgPool3d(x, size, stride, pad),
  raggedGather: ([values, indices, ...splits], { rank }) => {
    const result = tf.raggedGather(splits, values, indices, rank);
    return [...result.outputNestedSplits, result.outputDenseValues];
  },
  raggedRange: ([starts, limits, deltas]) => Object.values(tf.raggedRange(starts, limits, deltas)),
  raggedTensorToTensor: ([shape, values, fill, ...rows], { types }) =>
    tf.raggedTensorToTensor(shape, values, fill, rows, types),
  sparseSegmentSum: ([data, indices, segments]) => sparse.sparseSegmentSum(data, indices, segments),
  sparseSegmentMean: ([data, indices, segments]) =>
    sparse.sparseSegmentMean(data, indices, segments),
  sparseFillEmptyRows: ([indices, values, shape, fill]) =>
    Object.values(sparse.sparseFillEmptyRows(indices, values, shape, fill)),
  sparseReshape: ([indices, shape, wanted]) =>
    Object.values(sparse.sparseReshape(indices, shape, wanted)),
  stringNGrams: ([data, splits]) =>
    Object.values(string.stringNGrams(data, splits, "|", [2, 3], "<", ">", 1, false)),
  stringSplit: ([input, delimiter], { skipEmpty }) =>
    Object.values(string.stringSplit(input, delimiter, skipEmpty)),
  stringToHashBucketFast: ([input], { buckets }) => string.stringToHashBucketFast(input, buckets),
};

const given = ({ shape, dtype, values }: Values) =>
  tf.tensor(values as number[], shape, dtype as tf.DataType);

function compare(actual: tf.Tensor, { shape, dtype, values }: Values): void {
  assertEquals([actual.shape, actual.dtype], [shape, dtype]);
  const found = flatValues(actual);
  if (dtype !== "float32") {
    return assertEquals(
      found,
      values.map((each) => each === true ? 1 : each === false ? 0 : each) as number[],
    );
  }
  (values as number[]).forEach((value, index) =>
    assertLess(Math.abs(found[index] - value), 2e-5 * Math.max(1, Math.abs(value)))
  );
}

/** The backend of the tests, and plain JavaScript, where that has the kernel. */
const native = tf.getBackend();
const backends = [native, "cpu"];

async function onBackend(backend: string, compute: () => void): Promise<void> {
  await tf.setBackend(backend);
  try {
    compute();
  } finally {
    await tf.setBackend(native);
  }
}

for (const [name, cases] of Object.entries(reference as unknown as Record<string, Case[]>)) {
  for (const backend of backends) {
    Deno.test(`tf's ${name} gives TensorFlow's values on the backend ${backend}`, () =>
      onBackend(backend, () => {
        for (const { inputs, attributes, outputs } of cases) {
          const before = tf.memory().numTensors;
          tf.tidy(() => {
            const results = [ops[name](inputs.map(given), attributes)].flat();
            assertEquals(results.length, outputs.length);
            results.forEach((result, index) => compare(result, outputs[index]));
          });
          assertEquals(tf.memory().numTensors, before);
        }
      }));
  }
}

/** Names of kernels that no op of TensorFlow.js calls on this backend, and why. */
const withoutKernel: Record<string, string> = {
  OP_SCOPE_SUFFIX: "not a kernel",
  BroadcastTo: "tf.broadcastTo is Tile",
  Draw: "paints on a canvas of a page",
  FromPixels: "tf.browser.fromPixels reads host values here",
  LogSoftmax: "composed",
  LogicalXor: "composed",
  LowerBound: "tf.lowerBound is SearchSorted",
  MatrixBandPart: "composed",
  Pool: "tf.pool is MaxPool or AvgPool",
  UpperBound: "tf.upperBound is SearchSorted",
};

Deno.test("every kernel that TensorFlow.js names is there, but for those that nothing calls", () => {
  const names = Object.entries(tf as unknown as Record<string, unknown>)
    .filter(([name, value]) => /^[A-Z_]/.test(name) && typeof value === "string");
  assert(names.length > 150);
  const missing = names.filter(([, kernel]) => !tf.getKernel(kernel as string, tf.getBackend()))
    .map(([name]) => name).sort();
  assertEquals(missing, Object.keys(withoutKernel).sort());
});

Deno.test("products of batches with one another, and with one matrix, are sums of products", () => {
  const batches = [[], [1], [3], [1, 1], [3, 1], [1, 3], [2, 3], [1, 1, 1], [2, 3, 1], [2, 1, 3]];
  const random = new Random(1);
  const [turned, size] = [(shape: number[]) => shape.toReversed(), tf.util.sizeFromShape];
  const pairs = batches.flatMap((left) => {
    const rights = [[], [1], [1, 1], [1, 1, 1], ...(size(left) === 1 ? batches : [left])];
    return rights.map((right) => [left, right]);
  });
  // Broadcast along some axes only, of which some are both sides'.
  pairs.push([[3, 1], [2]], [[3, 2], [2]], [[3, 1], [1, 4]]);
  for (const [left, right] of pairs) {
    for (const [transposeA, transposeB] of [[false, false], [false, true], [true, false]]) {
      tf.tidy(() => {
        const a = random.normal([...left, ...(transposeA ? turned([8, 2]) : [8, 2])]);
        const b = random.normal([...right, ...(transposeB ? turned([2, 3]) : [2, 3])]);
        const upright = (x: tf.Tensor, isTurned: boolean) => {
          const axes = [...x.shape.keys()];
          return isTurned ? tf.transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]) : x;
        };
        const products = tf.mul(
          tf.expandDims(upright(a, transposeA), -1),
          tf.expandDims(upright(b, transposeB), -3),
        );
        const difference = tf.sub(tf.matMul(a, b, transposeA, transposeB), tf.sum(products, -2));
        const how = `[${left}] · [${right}]${transposeA ? ", the left one turned" : ""}`;
        assertLess(tf.max(tf.abs(difference)).dataSync()[0], 1e-5, how);
      });
    }
  }
});

Deno.test("many matrices times one are zeros where sums have no parts, and none where there are none", () => {
  const cases = [[[2, 3, 4, 0], [0, 5]], [[0, 3, 4, 2], [2, 5]], [[2, 3, 4, 2], [2, 0]], [
    [2, 0, 4, 0],
    [0, 5],
  ], [[2, 3, 0, 0], [0, 5]]];
  for (const [left, right] of cases) {
    tf.tidy(() => {
      const product = tf.matMul(tf.zeros(left), tf.zeros(right));
      assertEquals(product.shape, [...left.slice(0, -1), right[1]]);
      assertEquals(flatValues(product), Array(tf.util.sizeFromShape(product.shape)).fill(0));
    });
  }
});

Deno.test("tf.multinomial takes probabilities as well as logits", () => {
  const probabilities = tf.tensor2d([[0, 0.25, 0.75], [1, 0, 0]]);
  const drawn = tf.multinomial(probabilities, 4000, 11, true);
  const shares = tf.mean(tf.oneHot(drawn as tf.Tensor2D, 3), 1);
  const expected = flatValues(probabilities);
  flatValues(shares).forEach((share, index) => {
    // Five standard deviations of a share of 4,000 draws.
    assert(Math.abs(share - expected[index]) <= 5 * Math.sqrt(0.25 / 4000));
    if (expected[index] === 0) assertEquals(share, 0);
  });
});

Deno.test("tf.image.rotateWithOffset is that of plain JavaScript", async () => {
  const pixels = tf.randomUniform<tf.Rank.R4>([2, 5, 4, 3], 0, 255, "float32", 3);
  const values = pixels.dataSync();
  const turned = () => {
    const images = tf.tensor4d(values, [2, 5, 4, 3]);
    return [
      image.rotateWithOffset(images, 0.7),
      image.rotateWithOffset(images, -2, [1, 2, 3], [0.3, 0.8]),
    ].flatMap(flatValues);
  };
  const expected: number[] = [];
  await onBackend("cpu", () => expected.push(...turned()));
  assertEquals(turned(), expected);
});
