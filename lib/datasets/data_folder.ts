import { join } from "../platform/paths.ts";
import { exists, isWritable } from "../platform/files.ts";
import { homeFolder, installationFolder, pathFrom } from "../platform/places.ts";
import { variable } from "../platform/variables.ts";

const idxFiles = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"]
  .map((name) => `${name}-ubyte`);
const cifar10Files = [
  "data_batch_1",
  "data_batch_2",
  "data_batch_3",
  "data_batch_4",
  "data_batch_5",
]
  .concat("test_batch").map((name) => `cifar-10-batches-bin/${name}.bin`);

/** The files and folders, by their path in its folder, without which a data set is not whole. */
export const partsOfDataSets: Readonly<Record<string, readonly string[]>> = {
  mnist: idxFiles,
  "fashion-mnist": idxFiles,
  cifar10: cifar10Files,
  imagenette: ["imagenette2-160"],
  "cifar10-folder": ["train", "val"],
};

/**
 * The folder of a data set: the first of TESSERA_DATA's `NAME`, the installation's `data/NAME` and the
 * home's `data/NAME` that has it whole; where none has it, the first that can be written.
 */
export function dataFolder(name: string): string {
  const folders = sharedFolders(name);
  return folders.find((folder) => missingParts(name, folder).length === 0) ??
    folders.find(isWritable) ?? folders.at(-1)!;
}

/** The parts of a data set that are not in a folder. */
export function missingParts(name: string, folder: string): string[] {
  return partsOf(name).filter((part) => !exists(join(folder, part)));
}

/** The parts that a data set is made of; one that is not known is its folder alone. */
export function partsOf(name: string): readonly string[] {
  return partsOfDataSets[name] ?? [""];
}

/**
 * The folders in which a person's own things of that kind may lie, such as pictures: the home's, in which
 * they are written, and then those of the data sets.
 */
export function ownDataFolders(name: string): [own: string, ...shared: string[]] {
  return [join(homeFolder(), "data", name), ...sharedFolders(name)];
}

/** Where one's own pictures are: `data/pictures` in the home, or where data sets are shared. */
export function ownPicturesFolder(): string {
  const folders = ownDataFolders("pictures");
  return folders.find((folder) => exists(join(folder, "train"))) ?? folders[0];
}

/** Where data sets are looked for, in this order. */
function sharedFolders(name: string): string[] {
  const given = variable("TESSERA_DATA");
  return [
    // From the home, where it is no whole path: notebooks run each in its own folder.
    ...(given ? [join(pathFrom(homeFolder(), given), name)] : []),
    join(installationFolder(), "data", name),
    join(homeFolder(), "data", name),
  ];
}
