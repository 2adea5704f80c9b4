import { sha256 as sha256Of } from "../platform/digests.ts";
import {
  list,
  makeFolder,
  NotADirectory,
  NotFound,
  PermissionDenied,
  readBeginning,
  readFile,
  readText,
  remove,
  rename,
  writeFile,
} from "../platform/disk.ts";
import { workingFolder } from "../platform/places.ts";
import { basename, dirname, join, resolve } from "../platform/paths.ts";
import { ownDataFolders } from "./data_folder.ts";
import { type DownloadReporter, progressLine } from "../platform/fetching/progress.ts";
import { explainDiskError, isFolder, readWhole } from "../platform/fetching/checked_files.ts";
import {
  bytesPerPixel,
  decodePicture,
  mostPixels,
  type PictureSize,
  requireSize,
} from "./image_decoding.ts";
import { ImageDataset } from "./image_dataset.ts";
import { MemoryBudget } from "./memory_budget.ts";
import { faultOfFile, type Picture, picturesOfClass } from "./picture_files.ts";
import { pictureHeader } from "./picture_header.ts";

/** How {@link imageFolder} reads and scales a folder's pictures; sizes in pixels. */
export interface ImageFolderOptions {
  /** Height and width of every image. Default: 160. */
  size?: number | readonly [height: number, width: number];
  /** The shorter side after scaling, before the middle is cut out. Default: the larger of `size`. */
  resize?: number;
  /** At most so many images of each class, for quick runs. Default: all. */
  limitPerClass?: number;
  /** What becomes of a file that is no whole picture: named and left out, or an error. Default: "skip". */
  corrupt?: "skip" | "refuse";
  /** How classes are called, by the name of their folder. Default: as the folder. */
  classNames?: Readonly<Record<string, string>>;
  /** Where decoded images are kept. Default: `data/decoded` in the home. */
  cacheFolder?: string;
  report?: DownloadReporter;
}

/** A folder that does not hold what it should, or a picture that cannot be read. */
export class ImageFolderError extends Error {
  override name = "ImageFolderError";
}

/** What pictures may take of memory at one time while they are decoded, beside the images made of them. */
const decodingBytes = 0.8e9;
/** In so many bytes at its beginning a file says how large its picture is. */
const headerBytes = 1 << 20;
const mostNamed = 20;
const VALIDATION_NAMES = ["val", "valid", "validation", "test"];

/**
 * Loads a folder of pictures of any sizes, `train/CLASS/*.jpg` and `val/CLASS/*.jpg` (or png, gif, bmp,
 * webp): decoded in parallel, scaled and cropped once, and kept as bytes for the next time. What cannot be
 * decoded is named. However large the pictures are, decoding takes about 0.8 GB of memory at most; one of
 * more than 100 million pixels is left out.
 *
 * Throws an `ImageFolderError` that says what is missing: the folders, classes, or pictures.
 */
export async function imageFolder(
  folder: string,
  options: ImageFolderOptions = {},
): Promise<{ train: ImageDataset; validation: ImageDataset }> {
  const inside = await subfolders(folder);
  const validationName = VALIDATION_NAMES.find((name) => inside.includes(name));
  if (!inside.includes("train") || validationName === undefined) {
    throw new ImageFolderError(
      `${folder} should hold the folders train and val, each with a folder of pictures for every ` +
        `class; it holds ${inside.length > 0 ? inside.join(", ") : "no folders"}`,
    );
  }
  const [trainFolder, validationFolder] = [join(folder, "train"), join(folder, validationName)];
  const classes = await subfolders(trainFolder);
  const others = await subfolders(validationFolder);
  const missing = [
    ...classes.filter((name) => !others.includes(name)).map((name) => `${validationName}/${name}`),
    ...others.filter((name) => !classes.includes(name)).map((name) => `train/${name}`),
  ];
  if (missing.length > 0) {
    throw new ImageFolderError(
      `${folder} lacks ${
        missing.join(", ")
      }: every class needs both training and validation pictures`,
    );
  }
  return {
    train: await classFolders(trainFolder, options),
    validation: await classFolders(validationFolder, options),
  };
}

/**
 * Loads one folder of pictures, `CLASS/*.jpg`: the classes are its folders, in the order of the alphabet.
 * Throws an `ImageFolderError` where a class has no picture that can be read.
 */
export async function classFolders(
  folder: string,
  options: ImageFolderOptions = {},
): Promise<ImageDataset> {
  const { corrupt = "skip", cacheFolder } = options;
  const size = pictureSize(options);
  const classes = await subfolders(folder);
  if (classes.length === 0) {
    throw new ImageFolderError(`${folder} should hold a folder of pictures for every class`);
  }
  const pictures = await listPictures(folder, classes, options.limitPerClass);
  checkClasses(folder, classes, pictures.map(({ label }) => label));
  const name = `${basename(resolve(folder))}-${await keyOf(pictures, size)}`;
  const caches = (cacheFolder ? [cacheFolder] : ownDataFolders("decoded"))
    .map((each) => join(each, name));
  const kept = await readCaches(caches, size) ??
    await decodeAll(pictures, { size, cache: caches[0], options });
  if (corrupt === "refuse" && kept.refused.length > 0) throw refusal(folder, kept.refused);
  warnOf(kept.refused, pictures.length);
  checkClasses(folder, classes, kept.labels);
  const [height, width] = size.crop;
  return new ImageDataset({
    images: kept.images,
    isTaken: true,
    imageShape: [height, width, 3],
    labels: kept.labels,
    classNames: classes.map((name) => options.classNames?.[name] ?? name),
  });
}

/** Decoded pictures: what the cache keeps. */
interface Decoded {
  images: Uint8Array<ArrayBuffer>;
  labels: number[];
  /** Files that could not be read, each with the reason. */
  refused: string[];
}

async function subfolders(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of list(folder)) {
      if (entry.name.startsWith(".")) continue;
      if (await isFolder(join(folder, entry.name))) names.push(entry.name);
    }
  } catch (error) {
    if (error instanceof NotFound) {
      throw new ImageFolderError(`The folder ${folder} is not there (from ${workingFolder()})`);
    }
    if (error instanceof PermissionDenied) {
      throw new ImageFolderError(`${folder} may not be read: change its permissions`);
    }
    if (error instanceof NotADirectory) {
      throw new ImageFolderError(`${folder} is a file; a folder of pictures is needed`);
    }
    throw error;
  }
  return names.sort();
}

async function listPictures(
  folder: string,
  classes: readonly string[],
  limit = Infinity,
): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const [label, name] of classes.entries()) {
    try {
      pictures.push(...await picturesOfClass(join(folder, name), label, limit));
    } catch (error) {
      if (!(error instanceof PermissionDenied)) throw error;
      throw new ImageFolderError(`${join(folder, name)} may not be read: change its permissions`);
    }
  }
  return pictures;
}

/** Changes with every picture that is added, removed or altered, and with the size. */
async function keyOf(pictures: readonly Picture[], size: PictureSize): Promise<string> {
  const all = pictures.map(({ path, label, bytes, changed }) =>
    `${resolve(path)}\n${label} ${bytes} ${changed}\n`
  );
  return (await sha256Of(JSON.stringify(size) + all.join(""))).slice(0, 16);
}

function pictureSize({ size = 160, resize }: ImageFolderOptions): PictureSize {
  const crop = typeof size === "number" ? [size, size] as const : size;
  const shorter = resize ?? Math.max(...crop);
  if (![...crop, shorter].every((side) => Number.isInteger(side) && side > 0)) {
    throw new RangeError(
      `imageFolder: size ${crop.join("×")}, resize ${shorter}: not whole numbers`,
    );
  }
  if (shorter < Math.max(...crop)) {
    throw new RangeError(`imageFolder: resize ${shorter} is smaller than size ${crop.join("×")}`);
  }
  return { crop, resize: shorter };
}

async function decodeAll(
  pictures: readonly Picture[],
  { size, cache, options }: { size: PictureSize; cache: string; options: ImageFolderOptions },
): Promise<Decoded> {
  const report = options.report ?? progressLine();
  const name = `Decoding ${pictures.length} pictures`;
  const imageSize = size.crop[0] * size.crop[1] * 3;
  const images = new Uint8Array(pictures.length * imageSize);
  const reasons = new Map<number, string>();
  const started = performance.now();
  let next = 0;
  let receivedBytes = 0;
  const totalBytes = pictures.reduce((sum, picture) => sum + picture.bytes, 0);
  const elapsedSeconds = () => (performance.now() - started) / 1000;
  const memory = new MemoryBudget(decodingBytes);
  const decodeSome = async () => {
    while (next < pictures.length) {
      const index = next++;
      const { path, bytes, fault } = pictures[index];
      try {
        if (fault) reasons.set(index, `${path} ${fault}`);
        else images.set(await decode(pictures[index], size, memory), index * imageSize);
      } catch (error) {
        reasons.set(index, `${path} ${faultOfPicture(error)}`);
      }
      receivedBytes += bytes;
      report({ name, receivedBytes, totalBytes, elapsedSeconds: elapsedSeconds() });
    }
  };
  // Two for each core: one decodes while another is read.
  await Promise.all(Array.from({ length: 2 * navigator.hardwareConcurrency }, decodeSome));
  report({ name, receivedBytes, totalBytes, elapsedSeconds: elapsedSeconds(), done: true });

  // Close the gaps that unreadable pictures leave.
  const readable = pictures.map((_, index) => index).filter((index) => !reasons.has(index));
  readable.forEach((from, to) => {
    if (from !== to) images.copyWithin(to * imageSize, from * imageSize, (from + 1) * imageSize);
  });
  const decoded = {
    images: images.subarray(0, readable.length * imageSize),
    labels: readable.map((index) => pictures[index].label),
    refused: [...reasons].sort(([a], [b]) => a - b).map(([, reason]) => reason),
  };
  await writeCache(cache, decoded);
  return decoded;
}

/** Decodes one picture, once there is memory for it. */
async function decode(
  { path, bytes }: Picture,
  size: PictureSize,
  memory: MemoryBudget,
): Promise<Uint8ClampedArray> {
  const header = pictureHeader(await readBeginning(path, Math.min(headerBytes, bytes)));
  requireSize(header);
  // Of a file that does not say it the worst is taken.
  const pixels = header ? header.width * header.height : mostPixels;
  return await memory.use(
    bytes + pixels * bytesPerPixel,
    async () => await decodePicture(await readFile(path), size),
  );
}

/** What is wrong with a picture; an error that is no picture's fault is thrown on. */
function faultOfPicture(error: unknown): string {
  const fault = faultOfFile(error);
  if (fault) return fault;
  const isFault = error instanceof Error &&
    ["TensorFlowError", "PictureError"].includes(error.name);
  if (!isFault) throw error;
  return `is no whole picture (${firstLine(error.message)})`;
}

/** What one of several files of decoded pictures keeps: others may have decoded the same. */
async function readCaches(caches: readonly string[], size: PictureSize) {
  for (const cache of caches) {
    const kept = await readCache(cache, size);
    if (kept) return kept;
  }
}

async function readCache(cache: string, { crop }: PictureSize): Promise<Decoded | undefined> {
  try {
    const { sha256, labels, refused } = JSON.parse(await readText(`${cache}.json`));
    const images = await readWhole(`${cache}.bytes`, sha256);
    if (images?.length !== labels.length * crop[0] * crop[1] * 3) return undefined;
    return { images, labels, refused };
  } catch (error) {
    if (error instanceof NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function writeCache(cache: string, { images, labels, refused }: Decoded): Promise<void> {
  // Of this process alone: another may be decoding the same pictures.
  const part = `${cache}.part-${crypto.randomUUID()}`;
  try {
    await makeFolder(dirname(cache));
    // The description last: with it the cache is whole.
    await writeFile(part, images);
    const sha256 = await sha256Of(images);
    await rename(part, `${cache}.bytes`);
    await writeFile(
      part,
      new TextEncoder().encode(JSON.stringify({ sha256, labels, refused })),
    );
    await rename(part, `${cache}.json`);
  } catch (error) {
    await remove(part).catch(() => {});
    throw explainDiskError(error, "What was decoded", `${cache}.bytes`);
  }
}

/** Names what is left out, and counts it. */
function warnOf(refused: readonly string[], total: number): void {
  for (const each of refused.slice(0, mostNamed)) console.warn(`${each}: left out`);
  if (refused.length < 2) return;
  const more = refused.length > mostNamed
    ? `, ${refused.length - mostNamed} of them not named`
    : "";
  console.warn(`${refused.length} of ${total} pictures are left out${more}.`);
}

function refusal(folder: string, refused: readonly string[]): ImageFolderError {
  const shown = refused.slice(0, 10).map((each) => `\n  ${each}`).join("");
  const more = refused.length > 10 ? `\n  and ${refused.length - 10} more` : "";
  return new ImageFolderError(
    `${folder}: ${refused.length} pictures cannot be read:${shown}${more}`,
  );
}

function checkClasses(folder: string, classes: readonly string[], labels: readonly number[]): void {
  const found = new Set(labels);
  const empty = classes.filter((_, label) => !found.has(label));
  if (empty.length > 0) {
    const names = empty.map((name) => join(folder, name)).join(", ");
    throw new ImageFolderError(
      `No picture that can be read (jpg, png, gif, bmp, webp) in ${names}`,
    );
  }
}

function firstLine(text: string): string {
  return text.split("\n")[0];
}
