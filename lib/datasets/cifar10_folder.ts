import { given } from "../platform/given.ts";
import { information, list, makeFolder, NotFound, rename, writeFile } from "../platform/disk.ts";
import { withLock } from "../platform/with_lock.ts";
import { join } from "../platform/paths.ts";
import { writePng } from "../platform/png.ts";
import { cifar10, cifar10ClassNames } from "./cifar10.ts";
import { dataFolder } from "./data_folder.ts";
import { type DownloadReporter, progressLine } from "../platform/fetching/progress.ts";
import { explainDiskError } from "../platform/fetching/checked_files.ts";
import type { ImageDataset } from "./image_dataset.ts";

/** About as many pictures as Imagenette has: 10,000 to train on, 4,000 to validate. */
export const cifar10FolderSizes = { train: 1_000, val: 400 } as const;

/** How many pictures {@link writeCifar10Folder} writes, and where. */
export interface Cifar10FolderOptions {
  /** How many pictures each of the ten classes gets. Default: 1,000 to train on, 400 to validate. */
  perClass?: { train: number; val: number };
  /** The folder to write. Default: where {@link dataFolder} puts `cifar10-folder`. */
  folder?: string;
  /** Where CIFAR-10's own files are kept. Default: `data/cifar10`, likewise. */
  source?: string;
  report?: DownloadReporter;
}

/**
 * Writes the first images of each class of CIFAR-10 as a folder of pictures of 32×32 pixels,
 * `train/CLASS/0001.png` and `val/CLASS/0001.png` (from the test images), and gives its path: a stand-in
 * for a folder of photographs.
 *
 * What is there already stays, so a call that was interrupted goes on. Throws a `RangeError` where a class
 * has not so many images, and a `DownloadError` where CIFAR-10 cannot be had or the disk is full.
 */
export async function writeCifar10Folder(options: Cifar10FolderOptions = {}): Promise<string> {
  const { perClass = cifar10FolderSizes, folder = dataFolder("cifar10-folder") } = options;
  const { source = dataFolder("cifar10"), report = progressLine() } = options;
  for (const [part, count] of Object.entries(perClass)) {
    if (Number.isInteger(count) && count > 0) continue;
    throw new RangeError(
      `CIFAR-10 folder: ${part} is ${given(count)}, must be a whole number above 0`,
    );
  }
  if (await isWritten(folder, perClass)) return folder;
  // Who wants the same folder at the same time waits, and finds it.
  await withLock(`${folder}.lock`, async () => {
    if (!await isWritten(folder, perClass)) await write(folder, perClass, { source, report });
  });
  return folder;
}

/** Among so many of CIFAR-10's first images are `count` of every class: ten classes, with some to spare. */
const imagesWith = (count: number) => 200 + 20 * count;

/**
 * The pictures that {@link writeCifar10Folder} writes, as `imageFolder` reads them, at most `limitPerClass` of each
 * class: with no folder between.
 */
export async function cifar10Pictures(
  { limitPerClass = Infinity, source, report }: {
    limitPerClass?: number;
    source?: string;
    report?: DownloadReporter;
  } = {},
): Promise<{ train: ImageDataset; validation: ImageDataset }> {
  const { train, val } = cifar10FolderSizes;
  const limit = imagesWith(Math.min(limitPerClass, train));
  const whole = await cifar10({ limit, folder: source, report });
  const firstOfEach = (dataset: ImageDataset, count: number) =>
    dataset.subset(dataset.classNames.flatMap((_, label) => {
      const indices = dataset.indicesOfClass(label).subarray(0, Math.min(count, limitPerClass));
      return [...indices];
    }));
  return { train: firstOfEach(whole.train, train), validation: firstOfEach(whole.test, val) };
}

async function write(
  folder: string,
  perClass: { train: number; val: number },
  { source, report }: { source: string; report: DownloadReporter },
): Promise<void> {
  const { train, test } = await cifar10({ folder: source, report });
  try {
    const progress = new Progress(report, 10 * (perClass.train + perClass.val));
    await writePart(join(folder, "train"), train, perClass.train, progress);
    await writePart(join(folder, "val"), test, perClass.val, progress);
    progress.end();
  } catch (error) {
    throw explainDiskError(error, "The folder of CIFAR-10's pictures", folder);
  } finally {
    train.dispose();
    test.dispose();
  }
}

/**
 * Whether every class of both parts has its pictures; no picture lies under its name half written. What
 * else lies there, such as Finder's .DS_Store, does not count.
 */
async function isWritten(folder: string, perClass: { train: number; val: number }) {
  for (const part of ["train", "val"] as const) {
    try {
      for (const name of cifar10ClassNames) {
        if (await countPictures(join(folder, part, name)) < perClass[part]) return false;
      }
    } catch (error) {
      if (error instanceof NotFound) return false;
      throw error;
    }
  }
  return true;
}

async function countPictures(folder: string): Promise<number> {
  let count = 0;
  for await (const { name } of list(folder)) {
    if (name.endsWith(".png") && !name.startsWith(".")) count++;
  }
  return count;
}

async function writePart(
  folder: string,
  dataset: ImageDataset,
  count: number,
  progress: Progress,
): Promise<void> {
  const [height, width] = dataset.imageShape;
  for (const [label, className] of dataset.classNames.entries()) {
    const indices = dataset.indicesOfClass(label).subarray(0, count);
    if (indices.length < count) {
      throw new RangeError(
        `CIFAR-10 folder: ${count} pictures of ${className} are wanted, but there are ${indices.length}`,
      );
    }
    const inside = join(folder, className);
    await makeFolder(inside);
    const batch = dataset.batch(indices);
    const bytes = Uint8Array.from(await batch.images.data());
    batch.images.dispose();
    batch.labels.dispose();
    for (let index = 0; index < count; index++) {
      const file = join(inside, `${String(index + 1).padStart(4, "0")}.png`);
      if (await isThere(file)) {
        progress.add(0);
        continue;
      }
      const data = bytes.subarray(index * width * height * 3, (index + 1) * width * height * 3);
      const picture = writePng({ width, height, data }, { inputColorType: 2 });
      // Under its name a picture is whole, whenever this ends.
      await writeFile(`${file}.part`, picture);
      await rename(`${file}.part`, file);
      progress.add(picture.length);
    }
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    return (await information(file)).size > 0;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}

/** Tells how many pictures there are of how many. */
class Progress {
  #pictures = 0;
  #bytes = 0;
  readonly #started = performance.now();
  readonly #report: DownloadReporter;
  readonly #total: number;

  constructor(report: DownloadReporter, total: number) {
    this.#report = report;
    this.#total = total;
  }

  add(bytes: number): void {
    this.#pictures++;
    this.#bytes += bytes;
    this.#tell(`writing picture ${this.#pictures} of ${this.#total}`);
  }

  end(): void {
    this.#tell(`writing ${this.#total} pictures`, true);
  }

  #tell(what: string, done?: true): void {
    this.#report({
      name: `CIFAR-10 folder, ${what}`,
      receivedBytes: this.#bytes,
      elapsedSeconds: (performance.now() - this.#started) / 1000,
      done,
    });
  }
}
