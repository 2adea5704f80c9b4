import type { Source, WantedFile } from "../../fetching/obtain.ts";
import { DownloadError } from "../../fetching/download_error.ts";
import { readWhole } from "./checked_files.ts";

export type { Source, WantedFile };

/** A browser asks the site alone, which brings the data sets of its units. */
export async function obtainFile({ name, file, sha256 }: WantedFile): Promise<
  Uint8Array<ArrayBuffer>
> {
  const bytes = await readWhole(file, sha256);
  if (bytes) return bytes;
  throw new DownloadError(
    `${name} is not in this site, or did not arrive whole: load the page anew`,
  );
}
