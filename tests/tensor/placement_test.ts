import { assertEquals, assertRejects } from "@std/assert";
import { randomAffine } from "../../lib/augmentations/affine.ts";
import { colorJitter } from "../../lib/augmentations/color_jitter.ts";
import { randomCrop } from "../../lib/augmentations/crop.ts";
import { randomErasing } from "../../lib/augmentations/erasing.ts";
import { randomHorizontalFlip } from "../../lib/augmentations/flip.ts";
import { cutmix, mixup } from "../../lib/augmentations/mixup.ts";
import { randAugment } from "../../lib/augmentations/rand_augment.ts";
import { randomResizedCrop } from "../../lib/augmentations/resized_crop.ts";
import type { Transform } from "../../lib/augmentations/transform.ts";
import { ImageDataset } from "../../lib/datasets/image_dataset.ts";
import { Random } from "../../lib/random.ts";
import { cString } from "../../lib/tensor/attributes.ts";
import { ByteTensor } from "../../lib/tensor/bytes.ts";
import { compile } from "../../lib/tensor/compile.ts";
import { deviceSettings } from "../../lib/tensor/device_settings.ts";
import type { KernelsOf } from "../../lib/tensor/gpu_kernels.ts";
import { nativeBackend } from "../../lib/tensor/native.ts";
import { bufferBytes, opDefinition } from "../../lib/tensor/op_definitions.ts";
import * as ops from "../../lib/tensor/ops.ts";
import { TensorFlowError } from "../../lib/tensor/tensorflow_error.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { TrainingStep } from "../../lib/training/training_step.ts";
import { crossEntropyOfEach } from "../../lib/training/losses.ts";
import { WeightAverage } from "../../lib/training/weight_average.ts";
import { recipes } from "../../recipes/mod.ts";

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

/**
 * Ops that run on the processor, a card having no kernel for them; none is part of a course's training step or
 * augmentation, which the tests below hold.
 */
const onProcessor: Record<string, readonly string[]> = {
  pictures: [
    "DecodeBmp",
    "DecodeGif",
    "DecodeImage",
    "DecodeJpeg",
    "DecodePng",
    "EncodeJpeg",
    "EncodePng",
  ],
  strings: [
    ...["ParseSingleExample", "StaticRegexReplace", "StringNGrams", "StringSplit"],
    ...["StringToHashBucketFast", "TextLineDataset"],
  ],
  "ragged tensors": ["RaggedGather", "RaggedRange", "RaggedTensorToTensor"],
  logs: [
    ...["CreateSummaryFileWriter", "FlushSummaryWriter", "SummaryWriter", "WriteScalarSummary"],
    "WriteSummary",
  ],
  "results whose shape hangs on the data": ["NonMaxSuppressionV5", "UniqueV2"],
  // A word in our source; resizing is another op.
  "nothing of ours": ["ScaleAndTranslate"],
};

Deno.test("a card has no kernel for pictures, strings, ragged tensors, logs and a few ops that are known", () => {
  const without = Object.keys(registry).filter((op) => registry[op].length === 0);
  assertEquals(without.sort(), Object.values(onProcessor).flat().sort());
});

/** What is written in quotes and begins as the names of ops do, below a folder. */
async function namesIn(folder: URL): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const place = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory && name !== "third_party") {
      (await namesIn(place)).forEach((each) => names.add(each));
    } else if (name.endsWith(".ts")) {
      const text = await Deno.readTextFile(place);
      for (const [, word] of text.matchAll(/["']([A-Z][A-Za-z0-9]+)["']/g)) names.add(word);
    }
  }
  return names;
}

Deno.test("every op that the engine or a test names is in the list of a card's kernels", {
  ignore: native === null,
}, async () => {
  const { api, status, check } = native!.binding;
  const graph = api.TF_NewGraph()!;
  const isOp = (name: string) => {
    try {
      opDefinition(native!.binding, graph, name);
    } catch (error) {
      if (error instanceof TensorFlowError) return false;
      throw error;
    }
    const list = api.TF_GetRegisteredKernelsForOp(cString(name), status);
    check.call(native!.binding, name);
    const hasKernel = bufferBytes(list!).length > 0;
    api.TF_DeleteBuffer(list);
    return hasKernel;
  };
  const folders = ["../../lib/", "../"].map((folder) => new URL(folder, import.meta.url));
  const names = (await Promise.all(folders.map(namesIn))).flatMap((some) => [...some]);
  const missing = names.filter((name) => !(name in registry) && isOp(name));
  api.TF_DeleteGraph(graph);
  assertEquals(missing, [], "tests/reference/gpu_kernels.py makes the list anew");
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

/** One of each make; the other recipes differ from these in settings. */
const names = [
  ...["mnist-vit", "cifar-strided-cnn", "cifar-pooled-cnn", "cifar-resnet8", "cifar-resnet18"],
  ...["cifar-grid-vit", "cifar-crossvit", "folder-vit"],
];
for (const name of names) {
  Deno.test(`on a card a step of ${name} sends labels there, and nothing back`, {
    ignore,
  }, async () => {
    const { model: make, optimizer, transforms, maximumGradientNorm } = recipes[name];
    const imageShape: [number, number, number] = name.startsWith("mnist")
      ? [28, 28, 1]
      : [32, 32, 3];
    await asOnCard(async () => {
      const random = new Random(1);
      const model = make(random);
      model.setTraining(true);
      const dataset = new ImageDataset({
        images: new Uint8Array(8 * imageShape.reduce((a, b) => a * b)).fill(7),
        imageShape,
        labels: [0, 1, 2, 3, 4, 5, 6, 7],
        classNames: Array.from("abcdefghij"),
      });
      const step = new TrainingStep({
        ...{ model, dataset, optimizer: optimizer(model), random, maximumGradientNorm },
        ...{ loss: crossEntropyOfEach, transform: transforms.train, compile: true },
        average: name === "mnist-vit" ? new WeightAverage(model, 0.9) : undefined,
      });
      await step.run(Int32Array.of(1, 5), 1e-3);
      const { mode, crossings, onProcessor } = step.report!;
      assertEquals([mode, crossings.filter(({ to }) => to === "processor")], ["compiled", []]);
      assertEquals(onProcessor, ["GatherV2 × 2"], "the labels, and their check");
      const most = Math.max(...crossings.map(({ bytes }) => bytes));
      assertEquals(most <= 8, true, `two labels or indices, not ${most} bytes`);
      await assertRejects(() => step.run(Int32Array.of(1, 9), 1e-3), Error, "9 is not");
      step.dispose();
      model.dispose();
      random.dispose();
    });
  });
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
