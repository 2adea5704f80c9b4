import { join } from "node:path";
import { withLock } from "../platform/lock.ts";
import { dataFolder } from "./data_folder.ts";
import { download } from "./download.ts";
import type { DownloadReporter } from "./download_progress.ts";
import { DownloadError, explainDiskError, isFolder } from "./files.ts";
import type { ImageDataset } from "./image_dataset.ts";
import { imageFolder, type ImageFolderOptions } from "./image_folder.ts";

const NAME = "imagenette2-160";
const ARCHIVE = {
  name: `Imagenette (${NAME}.tgz)`,
  addresses: [`https://s3.amazonaws.com/fast-ai-imageclas/${NAME}.tgz`],
  sha256: "64d0c4859f35a461889e0147755a999a48b49bf38a7e0f9bd27003f10db02fe5",
};

const BESIDE = "unpacking-";
const LOCK = ".unpacking";

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
 * Unpacks the archive unless its pictures are there, beside at first, so that a folder under its own name
 * is whole. A second process waits here for the first.
 *
 * Throws a `DownloadError` where the archive cannot be unpacked.
 */
export async function unpackImagenette(archive: string, folder: string): Promise<void> {
  await withLock(join(folder, LOCK), () => unpackAlone(archive, folder));
}

async function unpackAlone(archive: string, folder: string): Promise<void> {
  if (await isFolder(imagenetteFolder(folder))) return;
  await removeLeftOvers(folder);
  const beside = await Deno.makeTempDir({ dir: folder, prefix: BESIDE });
  try {
    const { success, stderr } = await new Deno.Command("tar", {
      args: ["-xzf", archive, "-C", beside],
      stderr: "piped",
    }).output();
    if (!success) {
      const [reason] = new TextDecoder().decode(stderr).trim().split("\n");
      const error = new DownloadError(`${archive} cannot be unpacked: ${reason}`);
      throw explainDiskError(error, "Imagenette", folder);
    }
    await Deno.rename(join(beside, NAME), join(folder, NAME));
  } finally {
    await Deno.remove(beside, { recursive: true });
  }
}

/** Removes what an unpacking that was killed has left. */
async function removeLeftOvers(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(BESIDE)) await Deno.remove(join(folder, name), { recursive: true });
  }
}
