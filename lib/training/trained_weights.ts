/** Whose trained weights a notebook takes: a person's own, once that training is complete, else the course's. */
import { exists } from "../platform/files.ts";
import { homePath, projectPath } from "../platform/places.ts";
import { readLog } from "./callbacks.ts";
import { readResult } from "./result.ts";
import { folderBefore } from "./set_aside.ts";

/** A notebook's own training, and how many epochs it has when it is complete. */
export interface OwnTraining {
  folder: string;
  epochs: number;
}

/**
 * The folder with the trained weights to use for a recipe: that of the notebook's own training, if it is
 * complete; else that of `./tessera train RECIPE` in the home's `runs`, if it has as many epochs as the
 * course's; else the course's. While one's own is trained anew, the one before counts.
 */
export async function weightsFolder(recipe: string, own?: OwnTraining): Promise<string> {
  for (const folder of own ? [own.folder, folderBefore(own.folder)] : []) {
    if (await isRunComplete(folder, own!.epochs)) return folder;
  }
  const given = projectPath("checkpoints", recipe);
  const trained = homePath("runs", recipe);
  for (const folder of [trained, folderBefore(trained)]) {
    const result = await readResult(folder);
    if (!result || !exists(`${folder}/best.safetensors`)) continue;
    if (result.epochs >= ((await readResult(given))?.epochs ?? 0)) return folder;
  }
  return given;
}

/** Whether a training in this folder came to its end. */
export async function isRunComplete(folder: string, epochs: number): Promise<boolean> {
  return (await readLog(folder).catch(() => [])).length >= epochs;
}
