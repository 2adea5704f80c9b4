import { freeBytes } from "../tensor/bytes.ts";
import { obtainBatch, RECORD_BYTES, RECORDS } from "./cifar10_files.ts";
import { dataFolder } from "./data_folder.ts";
import { progressLine } from "../platform/fetching/progress.ts";
import { ImageDataset } from "./image_dataset.ts";
import { checkLimit, type LoadOptions, type TrainAndTest } from "./loading.ts";

export const cifar10ClassNames: readonly string[] =
  "airplane automobile bird cat deer dog frog horse ship truck".split(" ");

/** Mean and standard deviation of each channel of the 50,000 training images, in 0…1. */
export const cifar10Colors = {
  mean: [0.4914, 0.4822, 0.4465],
  standardDeviation: [0.2470, 0.2435, 0.2616],
} as const;

const SIDE = 32;
const PIXELS = SIDE * SIDE;

/**
 * CIFAR-10: 50,000 training and 10,000 test images of ten classes, 32×32×3.
 * Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
 *
 * Throws a `DownloadError` that says what to do where the files can be had nowhere.
 */
export async function cifar10(options: LoadOptions = {}): Promise<TrainAndTest> {
  const { limit = Infinity, folder = dataFolder("cifar10"), report = progressLine() } = options;
  checkLimit("CIFAR-10", options.limit);
  const load = async (fileNames: readonly string[]) => {
    const size = Math.min(fileNames.length * RECORDS, limit);
    const images = new Uint8Array(size * PIXELS * 3);
    const labels = new Uint8Array(size);
    for (let start = 0; start < size; start += RECORDS) {
      const records = await obtainBatch(fileNames[start / RECORDS], folder, report);
      const end = Math.min(start + RECORDS, size);
      readRecords(records, labels.subarray(start, end), images.subarray(start * PIXELS * 3));
      freeBytes(records);
    }
    return new ImageDataset({
      images,
      isTaken: true,
      imageShape: [SIDE, SIDE, 3],
      labels,
      classNames: cifar10ClassNames,
    });
  };
  const trainFiles = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}`);
  return { train: await load(trainFiles), test: await load(["test_batch"]) };
}

/** Reads as many records as there is room for labels: a label, then red, green and blue planes. */
function readRecords(records: Uint8Array, labels: Uint8Array, images: Uint8Array): void {
  let target = 0;
  for (let index = 0; index < labels.length; index++) {
    const start = index * RECORD_BYTES;
    labels[index] = records[start];
    for (let red = start + 1; red <= start + PIXELS; red++) {
      images[target++] = records[red];
      images[target++] = records[red + PIXELS];
      images[target++] = records[red + 2 * PIXELS];
    }
  }
}
