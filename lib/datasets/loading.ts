import type { DownloadReporter } from "../platform/fetching/progress.ts";
import type { ImageDataset } from "./image_dataset.ts";

/** What every loader of a known data set takes. */
export interface LoadOptions {
  /** Only the first so many images of each part, for quick runs. Default: all. */
  limit?: number;
  /** Where the files are kept. Default: in TESSERA_DATA, the installation or the home; see `dataFolder`. */
  folder?: string;
  report?: DownloadReporter;
}

/** A data set in its two parts: one to train on, one to test with. */
export interface TrainAndTest {
  train: ImageDataset;
  test: ImageDataset;
}

/** Throws a `RangeError` for a limit that is not a whole number above 0. */
export function checkLimit(name: string, limit: number | undefined): void {
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    throw new RangeError(`${name}: limit ${limit} is not a whole number above 0`);
  }
}
