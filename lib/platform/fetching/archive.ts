/** Archives, unpacked by the system's `tar`. */
import { join } from "node:path";
import { withLock } from "../with_lock.ts";
import { explainDiskError, isFolder } from "./checked_files.ts";
import { DownloadError } from "./download_error.ts";

const beside = "unpacking-";
const lockName = ".unpacking";

/** Writes one file of an archive. Throws a `DownloadError` where that is corrupt or has no such file. */
export async function extractFile(archive: string, member: string, file: string): Promise<void> {
  await Deno.stat(archive);
  using target = await Deno.open(file, { create: true, write: true });
  const tar = new Deno.Command("tar", {
    args: ["-xOf", archive, member],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  await tar.stdout.pipeTo(target.writable);
  if (!(await tar.status).success) {
    throw new DownloadError(`${archive}: corrupt, or without ${member}`);
  }
}

/**
 * Unpacks the one folder that an archive holds into another one, unless it is there: beside at first, so
 * that under its own name it is whole. A second process waits here for the first.
 *
 * Throws a `DownloadError` where the archive cannot be unpacked; `title` is what it is called then.
 */
export async function unpackFolder(
  archive: string,
  { name, folder, title }: { name: string; folder: string; title: string },
): Promise<void> {
  await withLock(join(folder, lockName), () => unpackAlone(archive, { name, folder, title }));
}

async function unpackAlone(
  archive: string,
  { name, folder, title }: { name: string; folder: string; title: string },
): Promise<void> {
  if (await isFolder(join(folder, name))) return;
  await removeLeftOvers(folder);
  const place = await Deno.makeTempDir({ dir: folder, prefix: beside });
  try {
    const { success, stderr } = await new Deno.Command("tar", {
      args: ["-xzf", archive, "-C", place],
      stderr: "piped",
    }).output();
    if (!success) {
      const [reason] = new TextDecoder().decode(stderr).trim().split("\n");
      const error = new DownloadError(`${archive} cannot be unpacked: ${reason}`);
      throw explainDiskError(error, title, folder);
    }
    await Deno.rename(join(place, name), join(folder, name));
  } finally {
    await Deno.remove(place, { recursive: true });
  }
}

/** Removes what an unpacking that was killed has left. */
async function removeLeftOvers(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(beside)) await Deno.remove(join(folder, name), { recursive: true });
  }
}
