/** Copies beside a file, under a date: how an update and a restore leave what was there. */
import { basename, dirname, extname, join } from "node:path";
import { removePartial, writeToDisk } from "../../lib/platform/files.ts";
import { bytesOf, sameBytes } from "./pattern.ts";

/** `2026-11-26`, and with `time` also the minute, `2026-11-26-1405`, by the clock on the wall. */
export function dateName(date: Date, time = false): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return time ? `${day}-${two(date.getHours())}${two(date.getMinutes())}` : day;
}

/** Whether a file is such a copy, by its name: `training.2026-11-26.ts`, `task.2026-11-26-2.ipynb`. */
export function isDatedCopy(path: string): boolean {
  return /\.\d{4}-\d\d-\d\d(-\d+)*\.[^.]+$/.test(basename(path));
}

/**
 * Writes bytes beside a file under a name that is free, `NAME.DATE.ipynb` or `NAME.DATE-2.ipynb`, and
 * returns its path. Where such a copy holds the same bytes already, that one is taken. What killed writers
 * have left beside is removed.
 */
export async function writeBeside(
  path: string,
  date: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  await removePartial(dirname(path));
  const temporary = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.partial`);
  try {
    for (let count = 1;; count++) {
      const copy = nameBeside(path, date, count);
      const there = await bytesOf(copy);
      if (sameBytes(there, bytes)) return copy;
      if (there) continue;
      if (await writeToDisk(temporary, [bytes], () => takeName(temporary, copy))) return copy;
    }
  } finally {
    await Deno.remove(temporary).catch(() => {});
  }
}

/** Where a copy of a file would go; the second of a day has a number. */
export function nameBeside(path: string, date: string, count = 1): string {
  const end = extname(path);
  const stem = basename(path, end);
  return join(dirname(path), `${stem}.${date}${count > 1 ? `-${count}` : ""}${end}`);
}

/** Gives a whole file its name, unless the name was taken meanwhile. */
async function takeName(temporary: string, path: string): Promise<boolean> {
  try {
    await Deno.link(temporary, path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    await Deno.rename(temporary, path); // a disk without links
  }
  return true;
}
