import { resolve } from "../platform/paths.ts";
import { NotADirectory, NotFound, readText } from "../platform/disk.ts";
import { FileError, writeTextAtomically } from "../platform/files.ts";
import { projectPath } from "../platform/places.ts";

/** What lies in a folder is of a training with another recipe or other settings. */
export class OtherTrainingError extends FileError {}

/** What a finished training of a recipe says of itself, in its folder's `result.json`. */
export interface TrainingResult {
  recipe: string;
  seed: number;
  epochs: number;
  parameters: number;
  bestEpoch: number;
  /** On the training images as they are, without augmentation; trainings' logs have it with. */
  trainingAccuracy: number;
  validationAccuracy: number;
  testAccuracy: number;
  testLoss: number;
  trainingSeconds: number;
  backend: string;
  /** How several processes trained, in words; undefined where one did. */
  processes?: string;
}

/**
 * The result of the training in a folder; undefined where none was finished there. Throws a
 * {@link FileError} where it is damaged.
 */
export async function readResult(folder: string): Promise<TrainingResult | undefined> {
  const path = resultPath(folder);
  try {
    const result = JSON.parse(await readText(path));
    if (typeof result?.recipe === "string" && Number.isInteger(result.epochs)) return result;
  } catch (error) {
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new FileError(`${path} is damaged: restore it, or delete it to train again`);
}

/** Writes down the result of the training in a folder, which makes it a finished one. */
export async function writeResult(folder: string, result: TrainingResult): Promise<void> {
  await writeTextAtomically(resultPath(folder), JSON.stringify(result, null, 2) + "\n");
}

/** The file that says that the training in a folder was finished. */
export function resultPath(folder: string): string {
  return `${folder}/result.json`;
}

/** Whose training lies in a folder: `the course's training in FOLDER`, or one's own. */
export function trainingIn(folder: string): string {
  const isGiven = resolve(folder).startsWith(resolve(projectPath("checkpoints")) + "/");
  return `${isGiven ? "the course's" : "your own"} training in ${folder}`;
}
