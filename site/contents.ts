/** What the site brings: notebooks as learners get them, data sets, and the weights that they show. */
import { dirname, join } from "node:path";
import { dataFolder, missingParts, partsOfDataSets } from "../lib/datasets/data_folder.ts";
import { exists } from "../lib/platform/files.ts";
import type { Brought } from "./brought.ts";

const root = join(import.meta.dirname!, "..");

/** The data sets of each unit. */
export const dataSetsOf: Record<string, string[]> = {
  unit0: ["mnist"],
  unit1: ["mnist"],
  unit2: ["cifar10"],
  unit3: ["cifar10"],
  unit4: ["cifar10"],
  unit5: ["cifar10"],
};

/** Weights that a unit takes without naming them. */
const unnamed: Record<string, RegExp> = { unit4: /^folder-/ };

/** The data sets that units need and this machine lacks. */
export function missingDataSets(units: readonly string[]): string[] {
  const needed = new Set(units.flatMap((unit) => dataSetsOf[unit] ?? []));
  return [...needed].filter((name) => missingParts(name, dataFolder(name)).length > 0);
}

/** Copies what units need to a folder, data sets packed, and notes it in `files.json` there. */
export async function bringContents(units: readonly string[], course: string): Promise<void> {
  const brought: Brought = {};
  const bring = async (from: string, path: string, gzip = false) => {
    brought[path] = { size: (await Deno.stat(from)).size, ...gzip && { gzip } };
    const to = join(course, gzip ? `${path}.gz` : path);
    await Deno.mkdir(dirname(to), { recursive: true });
    if (!gzip) return await Deno.copyFile(from, to);
    using source = await Deno.open(from);
    using target = await Deno.open(to, { write: true, create: true, truncate: true });
    await source.readable.pipeThrough(new CompressionStream("gzip")).pipeTo(target.writable);
  };
  for (const name of new Set(units.flatMap((unit) => dataSetsOf[unit] ?? []))) {
    for (const part of partsOfDataSets[name]) {
      await bring(join(dataFolder(name), part), `data/${name}/${part}`, true);
    }
  }
  for (const folder of await weightsOf(units)) {
    for (const name of ["best.safetensors", "log.json", "result.json"]) {
      const from = join(root, "checkpoints", folder, name);
      if (exists(from)) await bring(from, `checkpoints/${folder}/${name}`);
    }
  }
  await Deno.writeTextFile(join(course, "files.json"), JSON.stringify(brought));
}

/** The trainings in `checkpoints/` that the notebooks of units name. */
async function weightsOf(units: readonly string[]): Promise<string[]> {
  const names = [...Deno.readDirSync(join(root, "checkpoints"))]
    .filter(({ isDirectory }) => isDirectory).map(({ name }) => name).sort();
  const found = new Set<string>();
  for (const unit of units) {
    const folder = join(root, "notebooks", "exercises", unit);
    let text = "";
    for await (const { name } of Deno.readDir(folder)) {
      text += await Deno.readTextFile(join(folder, name));
    }
    for (const name of names) {
      const isNamed = new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text);
      if (isNamed || unnamed[unit]?.test(name)) found.add(name);
    }
  }
  return [...found];
}

/** Copies the notebooks of units and the modules beside them, as learners get them. */
export async function bringNotebooks(units: readonly string[], folder: string): Promise<void> {
  for (const unit of units) {
    const from = join(root, "notebooks", "exercises", unit);
    await Deno.mkdir(join(folder, unit), { recursive: true });
    for await (const { name, isFile } of Deno.readDir(from)) {
      if (isFile && !name.startsWith(".")) {
        await Deno.copyFile(join(from, name), join(folder, unit, name));
      }
    }
  }
}
