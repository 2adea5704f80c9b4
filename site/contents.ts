/** What the site brings: notebooks as learners get them, data sets, and the weights that they show. */
import { dirname, join } from "node:path";
import { dataFolder, missingParts, partsOfDataSets } from "../lib/datasets/data_folder.ts";
import { sha256 } from "../lib/platform/digests.ts";
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

/**
 * Copies what units need to a folder, data sets packed, and notes it in `files.json` there; gives the epochs
 * of the trainings among them, by recipe.
 */
export async function bringContents(
  units: readonly string[],
  course: string,
): Promise<Record<string, number>> {
  const brought: Brought = {};
  const bring = async (from: string, path: string) => {
    brought[path] = { size: (await Deno.stat(from)).size };
    await Deno.mkdir(dirname(join(course, path)), { recursive: true });
    await Deno.copyFile(from, join(course, path));
  };
  const bringPacked = async (from: string, path: string) => {
    const bytes = await Deno.readFile(from);
    const packing = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
    const packed = new Uint8Array(await new Response(packing).arrayBuffer());
    brought[path] = {
      ...{ size: bytes.length, gzip: true, packed: packed.length },
      sha256: [await sha256(packed), await sha256(bytes)],
    };
    await Deno.mkdir(dirname(join(course, path)), { recursive: true });
    await Deno.writeFile(join(course, `${path}.gz`), packed);
  };
  for (const name of new Set(units.flatMap((unit) => dataSetsOf[unit] ?? []))) {
    for (const part of partsOfDataSets[name]) {
      await bringPacked(join(dataFolder(name), part), `data/${name}/${part}`);
    }
  }
  const recipes: Record<string, number> = {};
  for (const folder of await weightsOf(units)) {
    for (const name of ["best.safetensors", "log.json", "result.json"]) {
      const from = join(root, "checkpoints", folder, name);
      if (exists(from)) await bring(from, `checkpoints/${folder}/${name}`);
      if (exists(from) && name === "result.json") {
        recipes[folder] = JSON.parse(await Deno.readTextFile(from)).epochs;
      }
    }
  }
  await Deno.writeTextFile(join(course, "files.json"), JSON.stringify(brought));
  return recipes;
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

/** Copies the notebooks of units and the modules beside them, as learners get them; gives their paths. */
export async function bringNotebooks(units: readonly string[], folder: string): Promise<string[]> {
  const brought: string[] = [];
  for (const unit of units) {
    const from = join(root, "notebooks", "exercises", unit);
    await Deno.mkdir(join(folder, unit), { recursive: true });
    for await (const { name, isFile } of Deno.readDir(from)) {
      if (isFile && !name.startsWith(".")) {
        await Deno.copyFile(join(from, name), join(folder, unit, name));
        brought.push(`${unit}/${name}`);
      }
    }
  }
  return brought.sort();
}
