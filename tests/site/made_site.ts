/** A site that tests share, made once for all of them in a process, and notebooks for it. */
import { join } from "node:path";
import { missingDataSets } from "../../site/contents.ts";
import { root } from "../../tools/command.ts";
import type { Notebook } from "../../tools/notebook.ts";

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

let made: Promise<string> | undefined;

/** The folder of a site of unit 0. */
export function siteOfUnit0(): Promise<string> {
  return made ??= make();
}

async function make(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "tessera-site-test-" });
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const output = join(folder, "site");
  for (const name of missingDataSets(["unit0"])) await tessera(["data", name]);
  const { code, said } = await tessera(["site", "--units", "unit0", "--output", output]);
  if (code !== 0) throw new Error(said);
  return output;
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
