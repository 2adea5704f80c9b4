/** The data sets of the course: what `./tessera data` fetches and `./tessera doctor` looks for. */
import {
  dataFolder,
  missingParts,
  ownPicturesFolder,
  partsOf,
} from "../lib/datasets/data_folder.ts";
import { shown } from "./command.ts";

export interface DataSet {
  name: string;
  summary: string;
  /** What is fetched, in megabytes; none where it is made here. */
  megabytes?: number;
  /** Fetches what is missing and checks what is there. */
  fetch(): Promise<void>;
  /** One more line for whoever cannot get it. */
  instead?: () => string;
}

const ownPictures = () =>
  `Pictures of your own will do as well: put them into ${shown(ownPicturesFolder())}, as ` +
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
    fetch: () => loaded(async () => (await import("../lib/datasets/mnist.ts")).mnist()),
  },
  {
    name: "fashion-mnist",
    summary: "70,000 clothes, 28×28",
    megabytes: 30,
    fetch: () => loaded(async () => (await import("../lib/datasets/mnist.ts")).fashionMnist()),
  },
  {
    name: "cifar10",
    summary: "60,000 images of ten classes, 32×32",
    megabytes: 139,
    fetch: () => loaded(async () => (await import("../lib/datasets/cifar10.ts")).cifar10()),
  },
  {
    name: "imagenette",
    summary: "13,394 photographs of ten classes of ImageNet, shorter side 160",
    megabytes: 99,
    async fetch() {
      await (await import("../lib/datasets/imagenette.ts")).fetchImagenette();
    },
    instead: ownPictures,
  },
  {
    name: "cifar10-folder",
    summary: "14,000 of CIFAR-10's images as train|val/CLASS/*.png, 1,000 and 400 a class",
    async fetch() {
      await (await import("../lib/datasets/cifar10_folder.ts")).writeCifar10Folder();
    },
  },
];

/** Where a data set lies or would be put, and which of its parts are not there. */
export function look({ name }: DataSet): { place: string; missing: string[]; isEmpty: boolean } {
  const place = dataFolder(name);
  const missing = missingParts(name, place);
  return { place, missing, isEmpty: missing.length === partsOf(name).length };
}
