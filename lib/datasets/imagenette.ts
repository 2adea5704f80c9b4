import { join } from "node:path";
import { dataFolder } from "./data_folder.ts";
import { download } from "./download.ts";
import { DownloadError } from "./files.ts";
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
  const { folder = dataFolder("imagenette"), report } = options;
  const pictures = join(folder, NAME);
  if (!await isFolder(pictures)) {
    const file = join(folder, `${NAME}.tgz`);
    await download({ ...ARCHIVE, file, report });
    await extract(file, folder);
  }
  return await imageFolder(pictures, { classNames, ...options });
}

/** Unpacks beside, so that a folder under its own name is whole. */
async function extract(archive: string, folder: string): Promise<void> {
  const beside = await Deno.makeTempDir({ dir: folder, prefix: "unpacking-" });
  try {
    const { success, stderr } = await new Deno.Command("tar", {
      args: ["-xzf", archive, "-C", beside],
      stderr: "piped",
    }).output();
    if (!success) {
      throw new DownloadError(
        `${archive} cannot be unpacked: ${new TextDecoder().decode(stderr).trim()}`,
      );
    }
    await Deno.rename(join(beside, NAME), join(folder, NAME));
  } finally {
    await Deno.remove(beside, { recursive: true });
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}
