/** What a site is made of, as one sum: two sites of the same sum are the same. */
import { createHash, type Hash } from "node:crypto";
import { join } from "node:path";
import { dataSetsOf } from "../../site/contents.ts";
import { dataFolder, partsOfDataSets } from "../../lib/datasets/data_folder.ts";
import { root } from "../../tools/command.ts";

/**
 * What of the project's folder is in no site: what is fetched by locks, what is made, and what only tests and readers
 * have.
 */
const without = /^(\..*|bench|data|docs|grading|node_modules|out|runs|tests|work|.*\.(db|tar))$/;
/** Larger files, such as weights, are known by their size and time. */
const largestRead = 1e6;

/** The SHA-256 of all that goes into a site of units, in hexadecimal: the project, and their data sets. */
export async function digestOfInputs(units: readonly string[]): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([Deno.version, ...units]));
  await add(hash, root, (name) => !without.test(name));
  for (const name of new Set(units.flatMap((unit) => dataSetsOf[unit] ?? []))) {
    for (const part of partsOfDataSets[name]) await addFile(hash, join(dataFolder(name), part));
  }
  return hash.digest("hex");
}

async function addFile(hash: Hash, path: string): Promise<void> {
  const { size, mtime } = await Deno.stat(path);
  hash.update(size > largestRead ? JSON.stringify([size, mtime]) : await Deno.readFile(path));
}

/** Adds the names and contents of the files in a folder. */
async function add(
  hash: Hash,
  folder: string,
  isWanted = (name: string) => name !== "__pycache__",
): Promise<void> {
  const entries = [...Deno.readDirSync(folder)].filter(({ name }) => isWanted(name))
    .sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory, isFile } of entries) {
    const path = join(folder, name);
    hash.update(JSON.stringify([name, isDirectory]));
    if (isDirectory) await add(hash, path);
    else if (isFile) await addFile(hash, path);
    else hash.update(await Deno.readLink(path).catch(() => "")); // a link may lead anywhere
  }
}
