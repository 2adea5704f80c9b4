/** How an author makes a finished training the one that comes with the course. */
import { join } from "node:path";
import { exists, isWritable } from "../lib/platform/files.ts";
import { recipes } from "../recipes/mod.ts";
import { CommandError, root, shown } from "./command.ts";
import { readResult } from "../lib/training/result.ts";

/** What comes with the course of a training, the weights last: with them it is used. */
const published = ["log.json", "result.json", "train.log", "best.safetensors"];

/** Where the trained weights of a recipe lie that come with the course. */
export function publishedFolder(recipe: string): string {
  return join(root, "checkpoints", recipe);
}

/** Throws a `CommandError` where a training with these settings would not be the recipe's. */
export function refusePublishing(
  { names, isQuick, epochs, seed }: {
    names: readonly string[];
    isQuick: boolean;
    epochs?: number;
    seed?: number;
  },
): void {
  const problem = isQuick
    ? "a quick training"
    : names.some((name) => seed !== undefined && seed !== recipes[name].seed)
    ? "a training with another seed"
    : names.some((name) => epochs !== undefined && epochs < recipes[name].epochs)
    ? "a training of fewer epochs than its recipe has"
    : undefined;
  if (problem) throw new CommandError(`${problem} cannot be published`, 2);
  if (!isWritable(join(root, "checkpoints"))) {
    throw new CommandError(`${shown(join(root, "checkpoints"))} belongs to someone else.`);
  }
}

/** Moves a finished training to `checkpoints`, in place of the one that is there. */
export async function publish(
  { name, folder }: { name: string; folder: string },
): Promise<void> {
  const result = await readResult(folder);
  if (!result) throw new CommandError(`${folder} holds no finished training`);
  const target = publishedFolder(name);
  await Deno.mkdir(target, { recursive: true });
  // Beside first, so that a training is never there in part for lack of room.
  for (const file of published) {
    await Deno.copyFile(join(folder, file), join(target, `${file}.new`));
  }
  for (const file of published) {
    await Deno.rename(join(target, `${file}.new`), join(target, file));
    await Deno.remove(join(folder, file));
  }
  // Else the next training would go on from there.
  const last = join(folder, "last.safetensors");
  if (exists(last)) await Deno.remove(last);
  console.log(`Published, in ${shown(target)}: \`deno task results\` writes it into the README.`);
}
