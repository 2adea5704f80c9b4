/** A disk of a few kilobytes for one program: a file system in memory that nobody else sees. */

const script = `mount -t tmpfs -o size="$1" tessera-small-disk "$2" && shift 2 && exec "$@"`;

/** How a program is started that finds a disk of `kilobytes` at `folder`, which is empty for it. */
export function onSmallDisk(
  { folder, kilobytes }: { folder: string; kilobytes: number },
  command: readonly string[],
): { command: string; args: string[] } {
  const unshare = Deno.uid() === 0 ? ["--mount"] : ["--user", "--map-root-user", "--mount"];
  const args = [...unshare, "sh", "-c", script, "sh", `${kilobytes}k`, folder, ...command];
  return { command: "unshare", args };
}

/** Whether this system lets one have such a disk. */
export async function hasSmallDisks(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  const folder = await Deno.makeTempDir();
  try {
    const { command, args } = onSmallDisk({ folder, kilobytes: 100 }, ["true"]);
    return (await new Deno.Command(command, { args, stderr: "null" }).output()).success;
  } catch {
    return false;
  } finally {
    await Deno.remove(folder);
  }
}
