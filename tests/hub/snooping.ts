/** What a user of a machine can find out of another's work. */
import type { Account } from "./account.ts";

/** Files of `owner` that `reader` may read, wherever they lie, but for those that come with every account. */
export async function readableFiles(reader: Account, owner: Account): Promise<string[]> {
  const places = "/home /tmp /var/tmp /dev/shm /run";
  const find = `find ${places} -xdev -user ${owner.uid} -type f -readable -print 2> /dev/null`;
  const { said } = await reader.shell(find);
  const given = [...Deno.readDirSync("/etc/skel")].map(({ name }) => `${owner.folder}/${name}`);
  return said.split("\n").filter((path) => path && !given.includes(path));
}

/** The TCP ports of this machine at which a user's programs listen, with what was started. */
export async function listenersOf(
  owner: Account,
): Promise<{ port: number; command: string }[]> {
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => Deno.readTextFile(`/proc/net/${name}`).catch(() => "")),
  );
  const listening = "0A";
  return tables.flatMap((table) => table.trim().split("\n").slice(1)).flatMap((line) => {
    const [, local, , state, , , , uid, , inode] = line.trim().split(/\s+/);
    if (state !== listening || Number(uid) !== owner.uid) return [];
    return [{ port: parseInt(local.split(":").at(-1)!, 16), command: `socket ${inode}` }];
  });
}
