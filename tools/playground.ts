/**
 * `./tessera playground`: makes a page on which one draws digits while a trained Vision Transformer looks
 * at them. `--checkpoint` takes a training's name, one's own or the course's, or a
 * safetensors file.
 */
import { parseArgs } from "node:util";
import { dirname, join, resolve } from "node:path";
import { FileError, loadWeights, mnist, Random, weightsFolder } from "../lib/mod.ts";
import { trainingIn } from "../lib/training/result.ts";
import { playground } from "../playground/mod.ts";
import { mnistVit } from "../recipes/mnist_vit.ts";
import { home, madeIn, useHome } from "./homes.ts";
import { callerFolder, CommandError, root, runCommand, shown, suggestion } from "./command.ts";

const standard = "mnist-vit";

interface Settings {
  name: string;
  weights: string;
  output: string;
}

async function readSettings(args: string[]): Promise<Settings> {
  try {
    const { values: { checkpoint = standard, output } } = parseArgs({
      args,
      options: { checkpoint: { type: "string" }, output: { type: "string", short: "o" } },
    });
    return {
      name: checkpoint,
      weights: await findWeights(checkpoint),
      output: output === undefined
        ? join(home(), "out", "playground.html")
        : resolve(callerFolder, output),
    };
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const usage = "usage: ./tessera playground [--checkpoint NAME|FILE] [--output FILE]";
    throw new CommandError(`${(error as Error).message}\n${usage}`, 2);
  }
}

/** The file that a user means by a training's name, a folder or a file. */
async function findWeights(checkpoint: string): Promise<string> {
  const kept = join(root, "checkpoints");
  const places = [await weightsFolder(checkpoint), resolve(callerFolder, checkpoint)];
  const files = places.flatMap((place) => [place, join(place, "best.safetensors")]);
  const found = files.find(isFile);
  if (found) return found;
  const names = [...Deno.readDirSync(kept)].filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => name).filter((name) => isFile(join(kept, name, "best.safetensors")));
  throw new CommandError(
    `there is no checkpoint "${checkpoint}".${
      suggestion(checkpoint, names)
    } It is a name in checkpoints/ ` +
      "or a safetensors file; `./tessera train mnist-vit` trains one.",
    2,
  );
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

async function main(args: string[]): Promise<void> {
  useHome();
  const { name, weights, output } = await readSettings(args);
  const model = mnistVit.model(new Random(0));
  try {
    await loadWeights(model, weights);
    const { test } = await mnist();
    const made = madeIn(home());
    const kept = await made.makeRoom(output);
    const page = await playground(model, { name, examples: test, file: output });
    await made.note(output);
    if (kept) console.log(`Another file was in its place: kept as ${shown(kept)}.`);
    console.log(`${shown(output)} (${page.megabytes.toFixed(1)} MB): open it in a browser.`);
    if (weights.endsWith("/best.safetensors")) {
      console.log(`The weights are those of ${trainingIn(dirname(weights))}.`);
    }
  } catch (error) {
    if (error instanceof FileError && error.message.includes("of another model")) {
      throw new CommandError(
        `${error.message}. The playground shows the Vision Transformer of ${standard}.`,
      );
    }
    const isPlain = error instanceof FileError || error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.IsADirectory ||
      error instanceof Error && error.name === "DownloadError";
    throw isPlain ? new CommandError((error as Error).message) : error;
  }
}

if (import.meta.main) await runCommand(main);
