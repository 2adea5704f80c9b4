/** The files of a folder of pictures: which can be decoded, and why others cannot. */
import {
  FilesystemLoop,
  information,
  IsADirectory,
  list,
  NotFound,
  PermissionDenied,
} from "../platform/disk.ts";
import { join } from "../platform/paths.ts";
import { namesBeyondUtf8 } from "../platform/files.ts";

/** A file that is a picture by its name. */
export interface Picture {
  path: string;
  label: number;
  bytes: number;
  changed: number;
  /** Why it cannot be a picture here, known without reading it. */
  fault?: string;
}

const readable = /\.(jpe?g|jfif|jpe|png|gif|bmp|webp)$/i;
/** What people take for pictures, and what is read here is not. */
const unreadable = /\.(heic|heif|avif|tiff?|jp2|jxl|svg|psd|raw|dng|cr2|cr3|nef|arw|ico)$/i;
const largestFile = 500e6;

/**
 * The pictures of one class, at most `limit` that may be read, in the order of their names. Throws a
 * PermissionDenied where the folder may not be read.
 */
export async function picturesOfClass(
  folder: string,
  label: number,
  limit = Infinity,
): Promise<Picture[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of list(folder)) {
    if (isDirectory || name.startsWith(".")) continue;
    if (readable.test(name) || unreadable.test(name)) names.push(name);
  }
  names.push(...(await namesBeyondUtf8(folder)).filter((name) => readable.test(name)));
  const pictures: Picture[] = [];
  let count = 0;
  for (const name of names.sort()) {
    const picture = await lookAt(join(folder, name), label);
    if (picture.fault || count++ < limit) pictures.push(picture);
  }
  return pictures;
}

async function lookAt(path: string, label: number): Promise<Picture> {
  const without = (fault: string) => ({ path, label, bytes: 0, changed: 0, fault });
  const [, kind] = unreadable.exec(path) ?? [];
  if (kind) return without(`is of a kind that is not read (${kind}): save it as JPEG or PNG`);
  if (path.includes("\ufffd")) return without("has a name that is not UTF-8: rename it");
  try {
    const { size, mtime, isFile, isDirectory } = await information(path);
    if (isDirectory) return without("is a link to a folder");
    if (!isFile) return without("is no file, but a pipe or a device");
    if (size > largestFile) return without(`has ${Math.round(size / 1e6)} MB: make it smaller`);
    return { path, label, bytes: size, changed: mtime?.getTime() ?? 0 };
  } catch (error) {
    const fault = faultOfFile(error);
    if (fault) return without(fault);
    throw error;
  }
}

/** What is wrong with a file that cannot be read; undefined for other errors. */
export function faultOfFile(error: unknown): string | undefined {
  if (error instanceof NotFound) return "is not there, or a link to nothing";
  if (error instanceof PermissionDenied) return "may not be read";
  if (error instanceof FilesystemLoop || /os error 40\b/.test(`${error}`)) {
    return "is a link that leads in a circle";
  }
  if (error instanceof IsADirectory) return "is a link to a folder";
  if (error instanceof Error && /\(os error (5|36|75|116)\)/.test(error.message)) {
    return `cannot be read (${error.message})`;
  }
}
