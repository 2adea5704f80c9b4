import type { DownloadOptions } from "../../fetching/download.ts";
import { DownloadError } from "../../fetching/download_error.ts";

export type { DownloadOptions };

/** Refuses: no request leaves the site. */
export function download({ name, file }: DownloadOptions): Promise<void> {
  const what = name ?? file;
  return Promise.reject(
    new DownloadError(
      `${what} cannot be fetched: a notebook in the browser asks its own site alone`,
    ),
  );
}
