/** The data sets of the course: what `./tessera data` fetches and `./tessera doctor` looks for. */
import { join } from "node:path";
import { dataFolder } from "../lib/datasets/data_folder.ts";
import { shown } from "./command.ts";

export interface DataSet {
  name: string;
  summary: string;
  /** What is fetched, in megabytes; none where it is made here. */
  megabytes?: number;
  folder: string;
  /** A folder below `folder` in which everything lies, where there is one. */
  inside?: string;
  /** The files or folders without which it is not complete. */
  parts: readonly string[];
  /** Fetches what is missing and checks what is there. */
  fetch(): Promise<void>;
  /** One more line for whoever cannot get it. */
  instead?: () => string;
}

const idxFiles = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"]
  .map((name) => `${name}-ubyte`);

const ownPictures = () =>
  `Pictures of your own will do as well: put them into ${shown(dataFolder("pictures"))}, as ` +
  "train/CLASS/*.jpg and val/CLASS/*.jpg (or png, gif, bmp, webp; any sizes). " +
  "`./tessera data cifar10-folder` writes such a folder of small pictures from CIFAR-10.";

/** Loads a data set, which fetches and checks its files, and frees it. */
async function loaded(
  load: () => Promise<{ train: { dispose(): void }; test: { dispose(): void } }>,
): Promise<void> {
  const { train, test } = await load();
  train.dispose();
  test.dispose();
}

export const dataSets: readonly DataSet[] = [
  {
    name: "mnist",
    summary: "70,000 handwritten digits, 28×28",
    megabytes: 12,
    folder: "mnist",
    parts: idxFiles,
    fetch: () => loaded(async () => (await import("../lib/datasets/mnist.ts")).mnist()),
  },
  {
    name: "fashion-mnist",
    summary: "70,000 clothes, 28×28",
    megabytes: 30,
    folder: "fashion-mnist",
    parts: idxFiles,
    fetch: () => loaded(async () => (await import("../lib/datasets/mnist.ts")).fashionMnist()),
  },
  {
    name: "cifar10",
    summary: "60,000 images of ten classes, 32×32",
    megabytes: 139,
    folder: "cifar10",
    inside: "cifar-10-batches-bin",
    parts: [...[1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`), "test_batch.bin"],
    fetch: () => loaded(async () => (await import("../lib/datasets/cifar10.ts")).cifar10()),
  },
  {
    name: "imagenette",
    summary: "13,394 photographs of ten classes of ImageNet, shorter side 160",
    megabytes: 99,
    folder: "imagenette",
    parts: ["imagenette2-160"],
    async fetch() {
      await (await import("../lib/datasets/imagenette.ts")).fetchImagenette();
    },
    instead: ownPictures,
  },
  {
    name: "cifar10-folder",
    summary: "14,000 of CIFAR-10's images as train|val/CLASS/*.png, 1,000 and 400 a class",
    folder: "cifar10-folder",
    parts: ["train", "val"],
    async fetch() {
      await (await import("../lib/datasets/cifar10_folder.ts")).writeCifar10Folder();
    },
  },
];

/** Whether there is a file or folder of this path. */
export function exists(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}

/** Where a data set lies, and which of its parts are not there. */
export function look(
  { folder, inside = "", parts }: DataSet,
): { place: string; missing: string[] } {
  const place = dataFolder(folder);
  return { place, missing: parts.filter((part) => !exists(join(place, inside, part))) };
}
