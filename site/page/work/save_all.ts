/** All of the learner's work as one ZIP: notebooks, trainings, their own files. */
import { BlobReader, BlobWriter, configure, TextReader, ZipWriter } from "@zip.js/zip.js";
import type { HomeFiles } from "../home_files.ts";
import type { OwnFiles } from "./own_files.ts";

configure({ useWebWorkers: false });

/** The file in such a ZIP by which it is known. */
export const noteName = "tessera-work.json";

export interface Note {
  format: 1;
  /** The course's version that it was saved from. */
  course: string;
  /** ISO 8601. */
  savedAt: string;
  files: number;
}

export interface SavedWork {
  archive: Blob;
  name: string;
  files: number;
}

/** Trainings are numbers that no packing makes smaller. */
const packed = /\.(safetensors|png|jpe?g|gz|zip)$/i;

/** Puts all of the learner's own files into a ZIP. */
export async function saveAll(files: HomeFiles, own: OwnFiles): Promise<SavedWork> {
  const writer = new ZipWriter(new BlobWriter("application/zip"), { extendedTimestamp: true });
  const all = await own.all();
  for (const { path, changed } of all) {
    await writer.add(path, new BlobReader(new Blob([await files.read(path)])), {
      lastModDate: changed,
      level: packed.test(path) ? 0 : 6,
    });
  }
  const savedAt = new Date();
  const { version } = await own.course();
  const note: Note = {
    ...{ format: 1, course: version, savedAt: savedAt.toISOString(), files: all.length },
  };
  await writer.add(noteName, new TextReader(JSON.stringify(note, null, 2)));
  const time = savedAt.toLocaleString("sv").replace(" ", "-").replaceAll(":", ".");
  return { archive: await writer.close(), name: `tessera-work-${time}.zip`, files: all.length };
}
