/** Which version of the course a hand-in, or a site, is made from. */
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { exercisesFolder } from "../../tools/homes.ts";
import { notebooksIn } from "../../tools/notebooks.ts";
import { checksum } from "./manifest.ts";

/** The course's version, with a mark that changes with its exercises. */
export async function courseVersion(): Promise<string> {
  const { version } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const sums = await Promise.all(notebooksIn(exercisesFolder).map((path) => checksum(path)));
  const mark = await checksum(new TextEncoder().encode(sums.join("\n")));
  return `${version}, exercises ${mark.slice(0, 12)}`;
}
