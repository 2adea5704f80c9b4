import * as tf from "../../tensor/tf.ts";
import { Random } from "../../random.ts";
import { PlainCnn as LibraryCnn } from "../../models/plain_cnn.ts";
import { Conv2d } from "../../nn/convolution.ts";
import { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { BatchNorm2d } from "../../nn/normalization.ts";
import type { Part } from "../../nn/part.ts";
import { GlobalAveragePool } from "../../nn/pooling.ts";
import { Sequential } from "../../nn/sequential.ts";
import { countParameters } from "../../nn/summary.ts";
import { type CheckOptions, checkRunner, failure } from "../engine/check.ts";
import { checkModule } from "../engine/module_check.ts";
import { checkOtherSizes } from "../engine/other_sizes.ts";
import { build, type CheckedModules } from "../engine/run_module.ts";
import { compareInTraining } from "../engine/norm_statistics.ts";
import { sample } from "../engine/samples.ts";
import { cnn, type CnnKind, cnnMistakes } from "./cnn_mistakes.ts";
import { type ExpectedConvolution, stridesOf, withLayerDiagnosis } from "./layers.ts";

const { runCheck } = checkRunner();

/** What a learner's convolutional network is made from. */
export interface CnnOptions {
  /** Height and width of the images in pixels. */
  imageSize: number;
  /** Channels of the images, C. */
  channels: number;
  /** Channels of every convolution, and features of the hidden Linear layer. */
  width: number;
  classes: number;
  random: Random;
}

const small = { imageSize: 12, channels: 2, width: 5, classes: 7 };
/** All of them others, and no image's. */
const others = { imageSize: 20, channels: 4, width: 6, classes: 9 };
const full = { imageSize: 32, channels: 3, width: 64, classes: 10 };
const batch = 2;
/** The network that is given. */
const plainTask = "Plain CNN";

/**
 * Checks a learner's plain network: two 3×3 convolutions with ReLU and 2×2 max-pooling, flatten, Linear,
 * ReLU, Linear. Throws a `CheckError` that names the first thing wrong and its likely cause.
 */
export function checkPlainCnn(Cnn: Part<CnnOptions>, options: CheckOptions = {}): Promise<void> {
  const kind: CnnKind = { normalised: false, strides: [1, 1], pooling: true, head: "flatten" };
  return checkCnn(plainTask, Cnn, kind, options);
}

/** Checks the same network with batch normalisation between each convolution and its ReLU. */
export function checkNormalisedCnn(
  Cnn: Part<CnnOptions>,
  options: CheckOptions = {},
): Promise<void> {
  const kind: CnnKind = { normalised: true, strides: [1, 1], pooling: true, head: "flatten" };
  return checkCnn("CNN with batch normalisation", Cnn, kind, options);
}

/** Checks the same network with convolutions of stride 2 in place of pooling. */
export function checkStridedCnn(Cnn: Part<CnnOptions>, options: CheckOptions = {}): Promise<void> {
  const kind: CnnKind = { normalised: true, strides: [2, 2], pooling: false, head: "flatten" };
  return checkCnn("Strided CNN", Cnn, kind, options);
}

/**
 * Checks a network of three convolutions with batch normalisation and ReLU, the first two of stride 2 and
 * the third of the learner's choice, global average pooling and one Linear layer.
 */
export function checkPooledCnn(Cnn: Part<CnnOptions>, options: CheckOptions = {}): Promise<void> {
  const strides = tf.tidy(() => stridesOf("the network", Cnn, small, smallImages()));
  const third = strides.length === 3 ? strides[2] : 2;
  const kind: CnnKind = { normalised: true, strides: [2, 2, third], pooling: false, head: "mean" };
  return checkCnn("CNN with global average pooling", Cnn, kind, options);
}

function smallImages(): tf.Tensor {
  return sample([batch, small.imageSize, small.imageSize, small.channels], {
    ...{ seed: 8, low: -2, high: 2 },
  });
}

function checkCnn(
  task: string,
  learner: Part<CnnOptions>,
  kind: CnnKind,
  options: CheckOptions,
): Promise<void> {
  return runCheck(task, options, () => {
    const name = typeof learner === "function" && learner.name ? learner.name : "the network";
    const library = libraryCnn(kind);
    const input = smallImages();
    withLayerDiagnosis(
      { name, learner, options: small, input, expected: expectedLayers(kind) },
      (whenWrong) => {
        checkModule<CnnOptions>({
          whenWrong,
          name,
          learner,
          library,
          readyMade: task === plainTask ? undefined : [LibraryCnn],
          options: small,
          input,
          axes: ["B", "classes"],
          shapeMistakes: shapeMistakes(kind),
          mistakes: cnnMistakes,
          compute: (x, weights, has) => cnn(x, weights, kind, has),
          then: (modules: CheckedModules) => compareInTraining(name, modules),
        });
      },
    );
    const { imageSize, channels } = others;
    const shape = [1, imageSize, imageSize, channels];
    checkOtherSizes<CnnOptions>({ name, learner, library, options: small, others, shape });
    return `values and gradients are right; ${countedText(name, learner, kind)}`;
  });
}

/** The library's network of a kind; for strides that `PlainCnn` does not have, of the same layers. */
function libraryCnn({ normalised, strides, pooling, head }: CnnKind): Part<CnnOptions> {
  if (strides.every((stride) => stride === strides[0])) {
    return class extends LibraryCnn {
      constructor(options: CnnOptions) {
        super({ ...options, normalised, head, halving: pooling ? "pool" : "stride" });
      }
    };
  }
  return class extends StridedReference {
    constructor(options: CnnOptions) {
      super(options, strides);
    }
  };
}

/** The network with global average pooling for any strides, with `PlainCnn`'s paths. */
class StridedReference extends Module {
  blocks: Block[];
  head: Sequential;

  constructor({ channels, width, classes, random }: CnnOptions, strides: readonly number[]) {
    super();
    this.blocks = strides.map((stride, index) =>
      new Block({ inputs: index === 0 ? channels : width, outputs: width, stride, random })
    );
    this.head = new Sequential(new GlobalAveragePool(), new Linear(width, classes, { random }));
  }

  forward(images: tf.Tensor): tf.Tensor {
    return this.head.forward(this.blocks.reduce((x, block) => block.forward(x), images));
  }
}

class Block extends Module {
  convolution: Conv2d;
  norm: BatchNorm2d;

  constructor(
    { inputs, outputs, stride, random }: {
      inputs: number;
      outputs: number;
      stride: number;
      random: Random;
    },
  ) {
    super();
    this.convolution = new Conv2d(inputs, outputs, { padding: 1, stride, bias: false, random });
    this.norm = new BatchNorm2d(outputs);
  }

  forward(x: tf.Tensor): tf.Tensor {
    return tf.relu(this.norm.forward(this.convolution.forward(x)));
  }
}

function expectedLayers({ normalised, strides, pooling }: CnnKind) {
  const convolutions = strides.map((stride): ExpectedConvolution => ({
    size: 3,
    padding: 1,
    stride,
    bias: !normalised,
    reasons: {
      padding:
        "Without `padding: 1` a 3×3 window cuts a pixel off every side, and the sizes after it are odd.",
      stride: pooling
        ? "Here the pooling halves height and width; the convolutions have stride 1."
        : "Without pooling, it is `stride: 2` that halves height and width.",
      bias: normalised
        ? "Pass `bias: false`: the batch normalisation after it subtracts each channel's mean, and with it the " +
          "bias, and adds a shift of its own."
        : "There is no batch normalisation here that would add a shift.",
    },
  }));
  return { convolutions, norms: normalised ? strides.length : 0, pooling };
}

function shapeMistakes({ head }: CnnKind) {
  const { width, classes } = small;
  const last = { shape: [batch, width], explanation: "the last Linear layer is missing." };
  if (head === "flatten") return [last];
  return [last, {
    shape: [batch, 1, 1, classes],
    explanation: "the pooling must leave `[B, C]`: no axes for height and width.",
  }];
}

/** Makes the network in the sizes that it will be trained with, and counts its parameters. */
function countedText(name: string, learner: Part<CnnOptions>, kind: CnnKind): string {
  const random = new Random(1);
  const modules: Module[] = [];
  try {
    modules.push(build(name, learner, { ...full, random }));
    modules.push(build("the library's network", libraryCnn(kind), { ...full, random }));
    const [count, expected] = modules.map((each) => countParameters(each).toLocaleString("en"));
    if (count === expected) return `${count} parameters for images of 32×32`;
    throw failure(
      `${name} has ${count} parameters for images of 32×32 with 64 channels, but should have ${expected}.`,
      "Likely cause: a size that is fixed in the code. Use the options.",
    );
  } finally {
    for (const module of modules) module.dispose();
    random.dispose();
  }
}
