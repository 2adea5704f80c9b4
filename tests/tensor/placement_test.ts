import { assertEquals, assertRejects } from "@std/assert";
import { randomAffine } from "../../lib/augmentations/affine.ts";
import { colorJitter } from "../../lib/augmentations/color_jitter.ts";
import { randomCrop } from "../../lib/augmentations/crop.ts";
import { randomErasing } from "../../lib/augmentations/erasing.ts";
import { randomHorizontalFlip } from "../../lib/augmentations/flip.ts";
import { cutmix, mixup } from "../../lib/augmentations/mixup.ts";
import { randAugment } from "../../lib/augmentations/rand_augment.ts";
import { randomResizedCrop } from "../../lib/augmentations/resized_crop.ts";
import { compose, type Transform } from "../../lib/augmentations/transform.ts";
import { ImageDataset } from "../../lib/datasets/image_dataset.ts";
import { resNet18 } from "../../lib/models/resnet.ts";
import { VisionTransformer } from "../../lib/models/vision_transformer.ts";
import type { Module } from "../../lib/nn/module.ts";
import { Random } from "../../lib/random.ts";
import { ByteTensor } from "../../lib/tensor/bytes.ts";
import { compile } from "../../lib/tensor/compile.ts";
import { deviceSettings } from "../../lib/tensor/device_settings.ts";
import type { KernelsOf } from "../../lib/tensor/gpu_kernels.ts";
import { nativeBackend } from "../../lib/tensor/native.ts";
import * as ops from "../../lib/tensor/ops.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { AdamW, SGD } from "../../lib/training/optimizers.ts";
import { TrainingStep } from "../../lib/training/training_step.ts";
import { crossEntropyOfEach } from "../../lib/training/losses.ts";

/** TensorFlow's registry, by tests/reference/gpu_kernels.py. */
const registry: Record<string, [types: Record<string, number[]>, onHost: string[]][]> = JSON.parse(
  await Deno.readTextFile(new URL("../reference/gpu_kernels.json", import.meta.url)),
);

const kernelsOf: KernelsOf = (op) => {
  if (!(op in registry)) throw new Error(`${op} is not in gpu_kernels.json; make it anew`);
  return registry[op].map(([types, onHost]) => ({ types, onHost }));
};

const native = nativeBackend();
const ignore = native === null || native.binding.isUsingGpuDevice();

/** Calls with this processor standing in for a card, as far as it can. */
async function asOnCard<T>(call: () => T | Promise<T>): Promise<T> {
  const { binding } = native!;
  const before = { ...deviceSettings.cpu };
  // The processor's kernels know no explicit padding, nor the graph optimizer's order of axes.
  const { explicitPadding: _, graphOptimizer: _not, ...gpu } = deviceSettings.gpu;
  Object.assign(deviceSettings.cpu, gpu);
  binding.kernelsOf = kernelsOf;
  try {
    return await call();
  } finally {
    Object.assign(deviceSettings.cpu, before);
    binding.kernelsOf = null;
  }
}

Deno.test("ops that a card has no kernel for: pictures, strings, ragged tensors, logs, and no others", () => {
  const without = Object.keys(registry).filter((op) => registry[op].length === 0);
  // deno-fmt-ignore
  assertEquals(without, [
    "CreateSummaryFileWriter", "DecodeBmp", "DecodeGif", "DecodeImage", "DecodeJpeg", "DecodePng", "EncodeJpeg",
    "EncodePng", "FlushSummaryWriter", "NonMaxSuppressionV5", "RaggedGather", "RaggedRange",
    "RaggedTensorToTensor", "ScaleAndTranslate", "StaticRegexReplace", "StringNGrams", "StringSplit",
    "StringToHashBucketFast", "SummaryWriter", "UniqueV2", "WriteScalarSummary", "WriteSummary",
  ]);
});

const all: Record<string, Transform> = {
  affine: randomAffine({ degrees: 10 }),
  colorJitter: colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }),
  crop: randomCrop(),
  cutmix: cutmix({ classes: 10 }),
  erasing: randomErasing(),
  flip: randomHorizontalFlip(),
  mixup: mixup({ classes: 10 }),
  randAugment: randAugment(),
  resizedCrop: randomResizedCrop(),
};
for (const [name, transform] of Object.entries(all)) {
  Deno.test(`on a card nothing goes to the processor in ${name}`, { ignore }, async () => {
    const random = new Random(1);
    const step = compile((images: tf.Tensor4D, labels: tf.Tensor1D) => {
      const batch = transform({ images, labels }, random);
      return [batch.images, batch.labels];
    });
    const images = tf.mul(tf.ones([4, 12, 10, 3]), 9) as tf.Tensor4D;
    await asOnCard(() => step(images, tf.tensor1d([0, 1, 2, 3], "int32")));
    const [{ mode, crossings }] = step.reports();
    assertEquals(mode, "compiled");
    assertEquals(crossings.filter(({ to }) => to === "processor"), []);
    step.dispose();
    random.dispose();
  });
}

const models: Record<string, (random: Random) => Module> = {
  "a residual network": (random) => resNet18({ classes: 10, random }),
  "a transformer": (random) =>
    new VisionTransformer({
      ...{ imageSize: 32, channels: 3, classes: 10, patchSize: 8, width: 16, mlpWidth: 16 },
      ...{ heads: 2, depth: 1, dropout: 0.1, random },
    }),
};
for (const [name, make] of Object.entries(models)) {
  Deno.test(
    `on a card a training step of ${name} sends labels there, and nothing back`,
    { ignore },
    async () => {
      await asOnCard(async () => {
        const random = new Random(1);
        const model = make(random);
        model.setTraining(true);
        const dataset = new ImageDataset({
          images: new Uint8Array(8 * 32 * 32 * 3).fill(7),
          imageShape: [32, 32, 3],
          labels: [0, 1, 2, 3, 4, 5, 6, 7],
          classNames: Array.from("abcdefghij"),
        });
        const optimizer = name === "a transformer" ? new AdamW(model) : new SGD(model);
        const step = new TrainingStep({
          ...{ model, dataset, optimizer, random, loss: crossEntropyOfEach, compile: true },
          transform: compose(randomCrop(), randomHorizontalFlip()),
        });
        await step.run(Int32Array.of(1, 5), 1e-3);
        const { crossings, onProcessor } = step.report!;
        assertEquals(crossings.filter(({ to }) => to === "processor"), []);
        assertEquals(onProcessor, ["GatherV2 × 2"], "the labels, and their check");
        const most = Math.max(...crossings.map(({ bytes }) => bytes));
        assertEquals(most <= 8, true, `two labels or indices, not ${most} bytes`);
        await assertRejects(() => step.run(Int32Array.of(1, 9), 1e-3), Error, "9 is not");
        step.dispose();
      });
    },
  );
}

Deno.test(
  "placement: what crosses over is counted, once for each value and side",
  { ignore },
  async () => {
    const step = compile((x: tf.Tensor) => {
      const whole = tf.cast(x, "int32"); // on the card
      const sum = tf.add(whole, tf.scalar(1, "int32")); // whole numbers: on the processor
      return [tf.cast(sum, "float32"), tf.mul(tf.cast(sum, "float32"), x), tf.mul(whole, whole)];
    });
    await asOnCard(() => step(tf.tensor1d([1.5, 2.5, 3])));
    assertEquals(step.reports()[0].crossings, [
      { op: "Add", to: "processor", bytes: 12 },
      { op: "Cast", to: "card", bytes: 12 },
    ]);
    step.dispose();
  },
);

Deno.test(
  "on a card a number that a kernel reads from the processor lies there",
  { ignore },
  async () => {
    const step = compile((x: tf.Tensor2D) => tf.pad(tf.reshape(x, [3, 1]), [[1, 0], [0, 0]], 7));
    const [result] = await asOnCard(async () => [await step(tf.tensor2d([[1, 2, 3]]))]);
    assertEquals([...result.dataSync()], [7, 1, 2, 3]);
    const graph = new TextDecoder("latin1").decode(step.graphDef()!);
    assertEquals(
      new Set(graph.match(/HostConst_\d+/g)).size,
      1,
      "the 7, and no shape: whole numbers lie there anyway",
    );
    assertEquals(step.reports()[0].crossings, []);
    step.dispose();
  },
);

Deno.test("on a card cross-entropy is made of other ops, with the same values and gradients", {
  ignore,
}, async () => {
  const logits = tf.tensor2d([[1, -2, 3], [0.5, 0, -1e9], [4, 4, 4]]);
  const hard = tf.tensor1d([2, 0, 1], "int32"),
    soft = tf.tensor2d([[0.2, 0.3, 0.5], [1, 0, 0], [0, 0.5, 0.5]]);
  const results = () =>
    [hard, soft].flatMap((labels) => {
      const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
        tf.mul(ops.crossEntropy(x as tf.Tensor2D, labels), tf.tensor1d([1, 2, 3]))
      )(logits);
      return [...value.dataSync(), ...grad.dataSync()];
    });
  const [fused, composed] = [results(), await asOnCard(results)];
  composed.forEach((value, index) => {
    const error = Math.abs(value - fused[index]);
    assertEquals(
      error <= 2e-6 * Math.max(1, Math.abs(fused[index])),
      true,
      `${value}, ${fused[index]}`,
    );
  });
});

Deno.test(
  "on a card weighted counts are sums into segments, with the same values",
  { ignore },
  async () => {
    const line = tf.tensor1d([0, 3, 3, 9, 1], "int32"), weights = tf.tensor1d([1, 2, 0.5, 7, -1]);
    const table = tf.tensor2d([[0, 2, 2], [1, 5, 0]], [2, 3], "int32");
    const tableWeights = tf.tensor2d([[1, 2, 3], [4, 5, 6]]);
    const results = () =>
      [
        tf.bincount(line, weights, 4),
        tf.denseBincount(line, weights, 4),
        tf.denseBincount(table, tableWeights, 3),
        tf.denseBincount(table, tableWeights, 3, true),
      ].map((counts) => counts.arraySync());
    assertEquals(await asOnCard(results), results());
  },
);

Deno.test("ByteTensor in words gives its bytes, whatever a row's length", { ignore }, async () => {
  const bytes = Uint8Array.from({ length: 3 * 7 }, (_, index) => (index * 53 + 200) % 256);
  const gathered = await asOnCard(() => {
    const tensor = new ByteTensor(bytes, [3, 7, 1]);
    const rows = tensor.gather(tf.tensor1d([2, 0], "int32"));
    assertEquals(rows.shape, [2, 7, 1]);
    tensor.dispose();
    return rows.dataSync();
  });
  assertEquals([...gathered], [...bytes.subarray(14), ...bytes.subarray(0, 7)]);
});
