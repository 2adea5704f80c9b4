import { join } from "../platform/paths.ts";
import { dataFolder } from "./data_folder.ts";
import { unpackFolder } from "../platform/fetching/archive.ts";
import { download } from "../platform/fetching/download.ts";
import type { DownloadReporter } from "../platform/fetching/progress.ts";
import { isFolder } from "../platform/fetching/checked_files.ts";
import type { ImageDataset } from "./image_dataset.ts";
import { imageFolder, type ImageFolderOptions } from "./image_folder.ts";

const NAME = "imagenette2-160";
const ARCHIVE = {
  name: `Imagenette (${NAME}.tgz)`,
  addresses: [`https://s3.amazonaws.com/fast-ai-imageclas/${NAME}.tgz`],
  sha256: "64d0c4859f35a461889e0147755a999a48b49bf38a7e0f9bd27003f10db02fe5",
};

/** ImageNet's names for its folders. */
const classNames = {
  n01440764: "tench",
  n02102040: "English springer",
  n02979186: "cassette player",
  n03000684: "chain saw",
  n03028079: "church",
  n03394916: "French horn",
  n03417042: "garbage truck",
  n03425413: "gas pump",
  n03445777: "golf ball",
  n03888257: "parachute",
};

/**
 * Imagenette, ten classes of ImageNet: 9,469 training and 3,925 validation pictures whose shorter side is
 * 160. Jeremy Howard, "Imagenette", https://github.com/fastai/imagenette.
 *
 * Throws a `DownloadError` that says what to do where the archive cannot be had.
 */
export async function imagenette(
  options: ImageFolderOptions & { folder?: string } = {},
): Promise<{ train: ImageDataset; validation: ImageDataset }> {
  const { folder, report } = options;
  return await imageFolder(await fetchImagenette({ folder, report }), { classNames, ...options });
}

/** Where Imagenette's pictures lie once they are there. Default: `data/imagenette/imagenette2-160`. */
export function imagenetteFolder(folder: string = dataFolder("imagenette")): string {
  return join(folder, NAME);
}

/**
 * Fetches and unpacks Imagenette unless its pictures are there, and gives their folder. An interrupted
 * download goes on where it was; unpacking begins anew.
 *
 * Throws a `DownloadError` that says what to do where the archive cannot be had or unpacked.
 */
export async function fetchImagenette(
  { folder = dataFolder("imagenette"), report }: { folder?: string; report?: DownloadReporter } =
    {},
): Promise<string> {
  const pictures = imagenetteFolder(folder);
  if (await isFolder(pictures)) return pictures;
  const file = join(folder, `${NAME}.tgz`);
  await download({ ...ARCHIVE, file, report });
  await unpackImagenette(file, folder);
  return pictures;
}

/**
 * Unpacks the archive unless its pictures are there. A second process waits here for the first.
 *
 * Throws a `DownloadError` where the archive cannot be unpacked.
 */
export async function unpackImagenette(archive: string, folder: string): Promise<void> {
  await unpackFolder(archive, { name: NAME, folder, title: "Imagenette" });
}
