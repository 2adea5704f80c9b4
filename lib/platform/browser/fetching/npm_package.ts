import { DownloadError } from "../../fetching/download_error.ts";

/** Refuses: no request leaves the site. */
export function npmPackageFolder(specifier: string): Promise<string> {
  return Promise.reject(new DownloadError(`npm package ${specifier}: not in the browser`));
}
