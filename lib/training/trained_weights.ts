/** Whose trained weights a notebook takes: a person's own, once that training is complete, else the course's. */
import { exists } from "../platform/files.ts";
import { homePath, projectPath } from "../platform/places.ts";
import { readLog } from "./callbacks.ts";
import { readResult } from "./result.ts";

/** A notebook's own training, and how many epochs it has when it is complete. */
export interface OwnTraining {
  folder: string;
  epochs: number;
}

/**
 * The folder with the trained weights to use for a recipe: that of the notebook's own training, if it is
 * complete; else that of `./tessera train RECIPE` in the home's `runs`, if it has as many epochs as the
 * course's; else the course's.
 */
export async function weightsFolder(recipe: string, own?: OwnTraining): Promise<string> {
  if (own && await isRunComplete(own.folder, own.epochs)) return own.folder;
  const given = projectPath("checkpoints", recipe);
  const trained = homePath("runs", recipe);
  const result = await readResult(trained);
  if (!result || !exists(`${trained}/best.safetensors`)) return given;
  return result.epochs >= ((await readResult(given))?.epochs ?? 0) ? trained : given;
}

/** Whether a training in this folder came to its end. */
export async function isRunComplete(folder: string, epochs: number): Promise<boolean> {
  return (await readLog(folder).catch(() => [])).length >= epochs;
}
