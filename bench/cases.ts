/** What is measured: models, each with its images, batch and optimizer. */
import {
  AdamW,
  cifar10,
  cifar10Colors,
  compose,
  CrossViT,
  type Dataset,
  mnist,
  type Module,
  normalize,
  type Optimizer,
  PlainCnn,
  type Random,
  randomHorizontalFlip,
  randomResizedCrop,
  resNet18,
  SGD,
  smallResNet,
  type Transform,
  VisionTransformer,
} from "../lib/mod.ts";
import { randomCrop } from "../lib/augmentations/crop.ts";
import { LearnersVit } from "./learners_vit.ts";

export interface Case {
  name: string;
  imageShape: [height: number, width: number, channels: number];
  model(random: Random): Module;
  optimizer(model: Module): Optimizer;
  learningRate: number;
  /** The first `images` of the training set, for epochs. */
  dataset(images: number): Promise<Dataset>;
  transform: Transform;
}

/** Images of a step, by a variable that both sides read. */
export const batchSize = Number(Deno.env.get("TESSERA_BENCH_BATCH") || 128);

const onMnist = {
  imageShape: [28, 28, 1] as [number, number, number],
  dataset: async (images: number): Promise<Dataset> => (await mnist({ limit: images })).train,
  transform: compose(
    randomHorizontalFlip(),
    randomResizedCrop({ size: 28, scale: [0.8, 1], aspect: [0.9, 1.1] }),
    normalize(0.1307, 0.3081),
  ),
};

const onCifar10 = {
  imageShape: [32, 32, 3] as [number, number, number],
  dataset: async (images: number): Promise<Dataset> => (await cifar10({ limit: images })).train,
  transform: compose(
    randomCrop({ padding: 4 }),
    randomHorizontalFlip(),
    normalize(cifar10Colors.mean, cifar10Colors.standardDeviation),
  ),
};

const adamW = {
  optimizer: (model: Module) => new AdamW(model),
  learningRate: 3e-4,
};

/** Those whose epochs are measured too, and all that a graphics card is measured with. */
export const mainCases: readonly Case[] = [
  {
    name: "ResNet-18",
    ...onCifar10,
    model: (random) => resNet18({ classes: 10, random }),
    optimizer: (model) => new SGD(model, { momentum: 0.9 }),
    learningRate: 0.01,
  },
  {
    name: "ResNet-20",
    ...onCifar10,
    ...adamW,
    model: (random) => smallResNet({ depth: 20, classes: 10, random }),
  },
  {
    name: "ViT, MNIST",
    ...onMnist,
    ...adamW,
    model: (random) =>
      new VisionTransformer({
        imageSize: 28,
        channels: 1,
        classes: 10,
        patchSize: 4,
        width: 64,
        mlpWidth: 128,
        heads: 4,
        depth: 3,
        dropout: 0.1,
        positions: 64,
        random,
      }),
  },
  {
    name: "ViT, CIFAR-10",
    ...onCifar10,
    ...adamW,
    model: (random) =>
      new VisionTransformer({
        imageSize: 32,
        channels: 3,
        classes: 10,
        patchSize: 4,
        width: 256,
        mlpWidth: 512,
        heads: 8,
        depth: 6,
        dropout: 0.1,
        random,
      }),
  },
];

export const cases: readonly Case[] = [
  ...mainCases,
  {
    name: "a learner's own ViT, MNIST size",
    ...onMnist,
    ...adamW,
    model: (random) => new LearnersVit({ width: 64, heads: 4, depth: 3, hidden: 128 }, random),
  },
  {
    name: "a learner's own ViT, width 256",
    ...onMnist,
    ...adamW,
    model: (random) => new LearnersVit({ width: 256, heads: 8, depth: 2, hidden: 512 }, random),
  },
  {
    name: "CrossViT, CIFAR size",
    ...onCifar10,
    ...adamW,
    model: (random) =>
      new CrossViT({
        imageSize: 32,
        channels: 3,
        classes: 10,
        small: { patchSize: 4, width: 96, depth: 1, heads: 3 },
        large: { patchSize: 8, width: 192, depth: 2, heads: 3 },
        stages: 2,
        random,
      }),
  },
  {
    name: "plain CNN, CIFAR size",
    ...onCifar10,
    ...adamW,
    model: (random) => new PlainCnn({ classes: 10, random }),
  },
];

const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/**
 * A case by its name, or by a part of it that no other has: "crossvit", "vit-mnist". Throws a RangeError that
 * lists the names.
 */
export function caseOf(name: string): Case {
  const wanted = plain(name);
  const same = cases.filter((each) => plain(each.name) === wanted);
  const found = same.length > 0 ? same : cases.filter((each) => plain(each.name).includes(wanted));
  if (found.length === 1 && wanted !== "") return found[0];
  const names = (found.length > 1 ? found : cases).map((each) => each.name).join("; ");
  throw new RangeError(
    `${found.length > 1 ? "several cases are" : "no case is"} "${name}": ${names}`,
  );
}
