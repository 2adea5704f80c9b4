/** What is handed in from a tab is graded as what is handed in from a home. */
import { assertEquals } from "@std/assert";
import { basename, join } from "node:path";
import { whyNoSandbox } from "../../marking/grading/sandbox.ts";
import type { SubmissionResult } from "../../marking/result.ts";
import { makeHome } from "../../tools/homes.ts";
import { type Notebook, readNotebook } from "../../tools/notebooks.ts";
import { tessera } from "./made_site.ts";
import type { SiteInBrowser } from "./site_in_browser.ts";

/** Hands in the unit of the open notebook, by the File menu; gives what is said, and the archive's path in a folder. */
export async function handIn(
  site: SiteInBrowser,
  { unit, owner, folder }: { unit: string; owner: string; folder: string },
): Promise<{ said: string; archive: string }> {
  await site.command("tessera:hand-in");
  await site.until(`document.querySelector(".jp-Dialog input")`);
  await site.browser.evaluate(`(() => {
    const input = document.querySelector(".jp-Dialog input");
    input.value = ${JSON.stringify(owner)};
    input.dispatchEvent(new Event("input", { bubbles: true }));
    document.querySelector(".jp-Dialog .jp-mod-accept").click();
  })()`);
  await site.until(`document.querySelector(".tessera-hand-in")`);
  const said = await site.dialog();
  await site.answer("Close");
  const made = await site.file(`out/hand-in/${unit}/${owner}.zip`);
  const archive = join(folder, `${owner}.zip`);
  await Deno.writeFile(archive, Uint8Array.from(made!, (each) => each.charCodeAt(0)));
  return { said, archive };
}

/**
 * Collects and grades an archive from a tab, in quick mode, beside a hand-in of `notebooks` from a home: every task
 * must have the same outcome, points and message. Gives how many points both have.
 */
export async function gradesAlike(
  unit: string,
  archive: string,
  notebooks: Readonly<Record<string, Notebook>>,
): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "tessera-graded-test-" });
  const here = "Galois-7654321", there = basename(archive, ".zip");
  const env = {
    ...{ TESSERA_HOME: join(folder, "home"), TESSERA_GRADING: join(folder, "grading") },
    TESSERA_QUICK: "1",
  };
  const call = async (...args: string[]) => {
    const { code, said } = await tessera(args, env);
    assertEquals(code, 0, said);
  };
  try {
    makeHome(env.TESSERA_HOME);
    for (const [name, notebook] of Object.entries(notebooks)) {
      await Deno.writeTextFile(
        join(env.TESSERA_HOME, unit, name),
        JSON.stringify(withoutOutputs(notebook)),
      );
    }
    await call("hand-in", unit, "--as", here);
    const own = join(env.TESSERA_HOME, "out", "hand-in", unit, `${here}.zip`);
    await call("collect", archive, own, "--unit", unit);
    const without = await whyNoSandbox();
    if (without) console.warn(`NOT TRIED in a sandbox: ${without}.`);
    await call("grade", unit, "--quick", ...(without ? ["--unsafe"] : []));
    const [one, other] = await Promise.all([here, there].map(async (learner) => {
      const result = join(env.TESSERA_GRADING, "results", unit, `${learner}.json`);
      const { status, notebooks }: SubmissionResult = JSON.parse(await Deno.readTextFile(result));
      const tasks = notebooks.flatMap(({ tasks }) =>
        tasks.map(({ id, outcome, points, message }) => ({ id, outcome, points, message }))
      );
      return { status, tasks };
    }));
    assertEquals(other, one);
    assertEquals(one.status.kind, "graded");
    return one.tasks.reduce((sum, { points }) => sum + (points ?? 0), 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function withoutOutputs({ cells, ...others }: Notebook): Notebook {
  return {
    ...others,
    cells: cells.map((cell) =>
      cell.cell_type === "code" ? { ...cell, outputs: [], execution_count: null } : cell
    ),
  };
}

/** A unit's notebooks with their solutions, by their names. */
export async function solvedNotebooks(paths: readonly string[]): Promise<Record<string, Notebook>> {
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [basename(path), await readNotebook(path)])),
  );
}
