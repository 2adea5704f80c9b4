import { DownloadError } from "../../fetching/download_error.ts";

export function extractFile(archive: string, _member: string, _file: string): Promise<void> {
  return refuse(archive);
}

export function unpackFolder(
  archive: string,
  _folder: { name: string; folder: string; title: string },
): Promise<void> {
  return refuse(archive);
}

function refuse(archive: string): Promise<void> {
  return Promise.reject(new DownloadError(`${archive} cannot be unpacked in the browser`));
}
