/** What a finished training leaves in its folder. */
import { join } from "node:path";
import { CommandError, shown } from "./command.ts";

/** What a finished training says of itself, in `result.json`. */
export interface Result {
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
}

/** What a finished training in this folder says of itself; undefined where there is none. */
export async function readResult(folder: string): Promise<Result | undefined> {
  const path = resultPath(folder);
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (!(error instanceof SyntaxError)) throw error;
    throw new CommandError(`${shown(path)} is damaged: restore it, or delete it to train again`);
  }
}

export function resultPath(folder: string): string {
  return join(folder, "result.json");
}
