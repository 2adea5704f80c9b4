import { given } from "../platform/given.ts";
import { keepsFolders } from "../platform/disk.ts";
import { join, relative, resolve } from "../platform/paths.ts";
import { homeFolder, installationFolder } from "../platform/places.ts";
import { cifar10FolderSizes, cifar10Pictures, writeCifar10Folder } from "./cifar10_folder.ts";
import { dataFolder, ownPicturesFolder } from "./data_folder.ts";
import type { DownloadReporter } from "../platform/fetching/progress.ts";
import { isFolder } from "../platform/fetching/checked_files.ts";
import type { ImageDataset } from "./image_dataset.ts";
import { imageFolder } from "./image_folder.ts";
import { imagenette, imagenetteFolder } from "./imagenette.ts";

/** Which pictures a notebook works on, and in what size. */
export interface PictureSource {
  kind: "own" | "imagenette" | "cifar10";
  /** As a person would call them. */
  name: string;
  /** The folder with `train` and `val`. */
  folder: string;
  /** Height and width to which each picture is scaled and cut. */
  imageSize: number;
  /** What was taken, and what that means for the size of the images. */
  note: string;
}

/** Which pictures {@link choosePictures} offers, and at which size in pixels. */
export interface PicturesOptions {
  /**
   * A folder of one's own, `train|val/CLASS/*.jpg`; it must be there. A relative path counts from the home.
   * Default: `data/pictures`, if it is there.
   */
  own?: string;
  /** Height and width of photographs, a multiple of 32. Default: 128. CIFAR-10's pictures stay at 32. */
  imageSize?: number;
  /** At most so many pictures of each class, for quick runs. Default: all. */
  limitPerClass?: number;
  report?: DownloadReporter;
}

/**
 * Chooses a folder of pictures: one's own where there is one, else Imagenette where it has been fetched,
 * else the folder written from CIFAR-10. Nothing is fetched.
 */
export async function choosePictures(options: PicturesOptions = {}): Promise<PictureSource> {
  const { own, imageSize = 128 } = options;
  if (!(Number.isInteger(imageSize) && imageSize > 0 && imageSize % 32 === 0)) {
    throw new RangeError(
      `choosePictures: imageSize is ${given(imageSize)}, must be a multiple of 32`,
    );
  }
  const scaled = `each is scaled and cut to ${imageSize}×${imageSize} pixels`;
  if (own !== undefined || await isFolder(join(ownPicturesFolder(), "train"))) {
    const folder = resolve(homeFolder(), own ?? ownPicturesFolder());
    const note = `Your own pictures, from ${shown(folder)}: ${scaled}.`;
    return { kind: "own", name: "your own pictures", folder, imageSize, note };
  }
  const folder = imagenetteFolder();
  if (await isFolder(folder)) {
    const note = `Imagenette, from ${shown(folder)}: ${scaled}.`;
    return { kind: "imagenette", name: "Imagenette", folder, imageSize, note };
  }
  return {
    kind: "cifar10",
    name: "CIFAR-10's folder",
    folder: dataFolder("cifar10-folder"),
    imageSize: 32,
    note: "CIFAR-10's first images as a folder of pictures, " +
      `${cifar10FolderSizes.train.toLocaleString("en")} of each class to train on and ` +
      `${cifar10FolderSizes.val} to validate. They are 32×32 pixels and stay so: small, quick to train ` +
      `on, and good to begin with. \`./tessera data imagenette\` fetches photographs (99 MB); pictures ` +
      `of your own go to ${shown(ownPicturesFolder())}, as train|val/CLASS/*.jpg.`,
  };
}

/**
 * Loads what {@link choosePictures} chooses. CIFAR-10's folder is written where it is not there; where no disk would
 * keep it, its pictures are taken without it.
 */
export async function coursePictures(
  options: PicturesOptions = {},
): Promise<{ train: ImageDataset; validation: ImageDataset; source: PictureSource }> {
  const source = await choosePictures(options);
  const { limitPerClass, report } = options;
  const settings = { size: source.imageSize, limitPerClass, report };
  if (source.kind === "imagenette") return { ...await imagenette(settings), source };
  if (source.kind === "cifar10") {
    if (!keepsFolders) return { ...await cifar10Pictures({ limitPerClass, report }), source };
    await writeCifar10Folder({ report });
  }
  return { ...await imageFolder(source.folder, settings), source };
}

/** A path in the home or the installation as seen from there; another one as it is. */
function shown(path: string): string {
  const short = [homeFolder(), installationFolder()].map((place) => relative(place, path));
  return short.find((each) => !each.startsWith("..")) ?? path;
}
