/**
 * `./tessera data [NAME…]`: fetches data sets ahead of time; alone, it lists them with their sizes and
 * whether they are there. What was interrupted goes on; what is there is checked.
 */
import { ownPicturesFolder } from "../lib/datasets/data_folder.ts";
import { dirname } from "node:path";
import { exists } from "../lib/platform/files.ts";
import { useHome } from "./homes.ts";
import { type DataSet, dataSets, look } from "./data_sets.ts";
import { CommandError, runCommand, shown, suggestion } from "./command.ts";

function describe(dataSet: DataSet): string {
  const { name, summary, megabytes } = dataSet;
  const { place, missing, isEmpty } = look(dataSet);
  const size = megabytes === undefined ? "made here" : `${megabytes} MB`;
  const state = missing.length === 0
    ? `here, in ${shown(place)}`
    : isEmpty
    ? "not here"
    : `incomplete: ${missing.join(", ")} missing`;
  return `  ${name.padEnd(15)} ${size.padStart(9)}  ${state}\n${" ".repeat(28)}${summary}`;
}

function list(): void {
  const own = ownPicturesFolder();
  const state = exists(`${own}/train`) ? `here, in ${shown(own)}` : "none";
  console.log(`Data sets, what is fetched for each, and whether it is there:

${dataSets.map(describe).join("\n")}
  ${"your own".padEnd(15)} ${"".padStart(9)}  ${state}
${" ".repeat(28)}pictures for unit 4, in ${shown(own)}: train|val/CLASS/*.jpg

./tessera data NAME… fetches and checks; what was interrupted goes on. Notebooks fetch what they
need by themselves, but for Imagenette. TESSERA_DATA=FOLDER keeps data sets elsewhere.`);
}

/** Lets others, and a folder's group, read what comes into one that they may read, whatever this user's files are by default. */
export function openAs(folder: string): void {
  while (!exists(folder) && dirname(folder) !== folder) folder = dirname(folder);
  const { mode } = Deno.statSync(folder);
  const may = (rights: number) => ((mode ?? 0) & rights) === rights;
  const readers = may(0o005) ? 0o055 : may(0o050) ? 0o050 : 0;
  Deno.umask(Deno.umask() & ~readers);
}

async function fetchOne(dataSet: DataSet): Promise<void> {
  try {
    await dataSet.fetch();
  } catch (error) {
    if (!(error instanceof Error && error.name === "DownloadError")) throw error;
    const instead = dataSet.instead?.();
    throw new CommandError(error.message + (instead ? `\n${instead}` : ""));
  }
  console.log(`${dataSet.name} is whole, in ${shown(look(dataSet).place)}`);
}

async function main(names: string[]): Promise<void> {
  useHome();
  if (names.length === 0) return list();
  const known = dataSets.map(({ name }) => name);
  const wanted = names.map((name) => {
    const found = dataSets.find((each) => each.name === name);
    if (found) return found;
    throw new CommandError(
      `there is no data set "${name}".${suggestion(name, known)} They are: ${known.join(", ")}.`,
      2,
    );
  });
  for (const dataSet of wanted) {
    openAs(dirname(look(dataSet).place));
    await fetchOne(dataSet);
  }
}

if (import.meta.main) await runCommand(main);
