/**
 * `./tessera data [NAME…]`: fetches data sets ahead of time; alone, it lists them with their sizes and
 * whether they are there. What was interrupted goes on; what is there is checked.
 */
import { join } from "node:path";
import { dataFolder } from "../lib/datasets/data_folder.ts";
import { CommandError, runCommand, shown, suggestion } from "./command.ts";

interface DataSet {
  name: string;
  summary: string;
  /** What is fetched, in megabytes; none where it is made here. */
  megabytes?: number;
  folder: string;
  /** A folder below `folder` in which everything lies, where there is one. */
  inside?: string;
  /** The files or folders without which it is not complete. */
  parts: readonly string[];
  /** Fetches what is missing and checks what is there. */
  fetch(): Promise<void>;
  /** One more line for whoever cannot get it. */
  instead?: () => string;
}

const idxFiles = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"]
  .map((name) => `${name}-ubyte`);

const ownPictures = () =>
  `Pictures of your own will do as well: put them into ${shown(dataFolder("pictures"))}, as ` +
  "train/CLASS/*.jpg and val/CLASS/*.jpg (or png, gif, bmp, webp; any sizes). " +
  "`./tessera data cifar10-folder` writes such a folder of small pictures from CIFAR-10.";

/** Loads a data set, which fetches and checks its files, and frees it. */
async function loaded(
  load: () => Promise<{ train: { dispose(): void }; test: { dispose(): void } }>,
): Promise<void> {
  const { train, test } = await load();
  train.dispose();
  test.dispose();
}

const dataSets: readonly DataSet[] = [
  {
    name: "mnist",
    summary: "70,000 handwritten digits, 28×28",
    megabytes: 12,
    folder: "mnist",
    parts: idxFiles,
    fetch: () => loaded(async () => (await import("../lib/datasets/mnist.ts")).mnist()),
  },
  {
    name: "fashion-mnist",
    summary: "70,000 clothes, 28×28",
    megabytes: 30,
    folder: "fashion-mnist",
    parts: idxFiles,
    fetch: () => loaded(async () => (await import("../lib/datasets/mnist.ts")).fashionMnist()),
  },
  {
    name: "cifar10",
    summary: "60,000 images of ten classes, 32×32",
    megabytes: 139,
    folder: "cifar10",
    inside: "cifar-10-batches-bin",
    parts: [...[1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`), "test_batch.bin"],
    fetch: () => loaded(async () => (await import("../lib/datasets/cifar10.ts")).cifar10()),
  },
  {
    name: "imagenette",
    summary: "13,394 photographs of ten classes of ImageNet, shorter side 160",
    megabytes: 99,
    folder: "imagenette",
    parts: ["imagenette2-160"],
    async fetch() {
      await (await import("../lib/datasets/imagenette.ts")).fetchImagenette();
    },
    instead: ownPictures,
  },
  {
    name: "cifar10-folder",
    summary: "14,000 of CIFAR-10's images as train|val/CLASS/*.png, 1,000 and 400 a class",
    folder: "cifar10-folder",
    parts: ["train", "val"],
    async fetch() {
      await (await import("../lib/datasets/cifar10_folder.ts")).writeCifar10Folder();
    },
  },
];

function exists(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}

/** Where a data set lies, and which of its parts are not there. */
function look({ folder, inside = "", parts }: DataSet): { place: string; missing: string[] } {
  const place = dataFolder(folder);
  return { place, missing: parts.filter((part) => !exists(join(place, inside, part))) };
}

function describe(dataSet: DataSet): string {
  const { name, summary, megabytes, parts } = dataSet;
  const { place, missing } = look(dataSet);
  const size = megabytes === undefined ? "made here" : `${megabytes} MB`;
  const state = missing.length === 0
    ? `here, in ${shown(place)}`
    : missing.length === parts.length
    ? "not here"
    : `incomplete: ${missing.join(", ")} missing`;
  return `  ${name.padEnd(15)} ${size.padStart(9)}  ${state}\n${" ".repeat(28)}${summary}`;
}

function list(): void {
  const own = dataFolder("pictures");
  const state = exists(join(own, "train")) ? `here, in ${shown(own)}` : "none";
  console.log(`Data sets, what is fetched for each, and whether it is there:

${dataSets.map(describe).join("\n")}
  ${"your own".padEnd(15)} ${"".padStart(9)}  ${state}
${" ".repeat(28)}pictures for unit 4, in ${shown(own)}: train|val/CLASS/*.jpg

./tessera data NAME… fetches and checks; what was interrupted goes on. Notebooks fetch what they
need by themselves, but for Imagenette. TESSERA_DATA=FOLDER keeps data sets elsewhere.`);
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
  for (const dataSet of wanted) await fetchOne(dataSet);
}

if (import.meta.main) await runCommand(main);
