/** A site that tests share, made once for all of them, and notebooks for it. */
import { dirname, join } from "node:path";
import { missingDataSets } from "../../site/contents.ts";
import { exists } from "../../lib/platform/files.ts";
import { withLock } from "../../lib/platform/with_lock.ts";
import { root } from "../../tools/command.ts";
import type { Notebook } from "../../tools/notebook.ts";
import { digestOfInputs } from "./inputs.ts";

/** Calls `./tessera`, and gives all that it says. */
export async function tessera(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(join(root, "tessera"), {
    args: [...args],
    env: { NO_COLOR: "1", ...env },
  }).output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  return { code, said };
}

/** Sites that tests made, each by the sum of what it is made of. */
const sites = join(root, "out", "tests", "sites");
const longestUnused = 24 * 60 * 60 * 1000; // milliseconds

let made: Promise<string> | undefined;

/** The folder of a site of unit 0, to be read alone: other files of tests have it, too, and later runs. */
export function siteOfUnit0(): Promise<string> {
  return made ??= madeOnce();
}

async function madeOnce(): Promise<string> {
  const units = ["unit0"];
  for (const name of missingDataSets(units)) await tessera(["data", name]);
  const output = join(sites, (await digestOfInputs(units)).slice(0, 16));
  // Who wants it at the same time waits, and finds it; it is put in place whole.
  await withLock(`${output}.lock`, async () => {
    if (!exists(output)) {
      const { code, said } = await tessera(["site", "--units", ...units, "--output", output]);
      if (code !== 0) throw new Error(said);
    }
    await Deno.utime(output, new Date(), new Date());
    await removeUnused(dirname(output));
  });
  return output;
}

/** Removes sites that no test has asked for since a day ago. */
async function removeUnused(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    const since = Date.now() - ((await Deno.stat(path).catch(() => null))?.mtime?.getTime() ?? 0);
    if (isDirectory && since > longestUnused) await Deno.remove(path, { recursive: true });
  }
}

/** A notebook of cells with code. */
export function notebookOf(sources: readonly string[]): Notebook {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
    cells: sources.map((source, index) => ({
      ...{ cell_type: "code" as const, id: `cell-${index}`, source, metadata: {} },
      ...{ outputs: [], execution_count: null },
    })),
  };
}
