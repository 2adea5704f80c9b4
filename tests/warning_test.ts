/** A batch system's warning, SIGUSR1, ends no command, however early it comes and whomever it reaches. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { root } from "../tools/command.ts";

/** Whether a process ignores the warning; undefined once it has ended. */
function ignoresWarning(pid: number): boolean | undefined {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    if (/^State:\s*Z/m.test(status)) return undefined;
    return (BigInt(`0x${/^SigIgn:\s*(\S+)/m.exec(status)![1]}`) >> 9n & 1n) === 1n;
  } catch {
    return undefined;
  }
}

/** Runs a command of `tessera`, and warns it and all of its group from its first lines to its end. */
async function warned(args: string[], env: Record<string, string> = {}) {
  const child = new Deno.Command(join(root, "tessera"), {
    ...{ args, cwd: root, env: { NO_COLOR: "1", ...env }, stdout: "piped", stderr: "piped" },
    detached: true,
  }).spawn();
  const output = Promise.all([child.stdout.text(), child.stderr.text()]);
  let isOver = false;
  const status = child.status.finally(() => isOver = true);
  let ignores: boolean | undefined = false;
  while (ignores === false) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    ignores = ignoresWarning(child.pid);
  }
  let warnings = 0;
  while (ignores && !isOver) {
    try {
      Deno.kill(-child.pid as number, "SIGUSR1");
      warnings++;
    } catch {
      // It has just ended.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { code: (await status).code, said: (await output).join("\n"), warnings };
}

const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "a command goes on though it is warned before its program has been loaded",
  ignore,
  fn: async () => {
    const { code, said, warnings } = await warned(["data"]);
    assertEquals(code, 0, said);
    assert(warnings > 0, "it did not ignore the warning before it listened");
  },
});

Deno.test({
  name:
    "run goes on though it, the program that runs notebooks and the kernel are warned as they start",
  ignore,
  fn: async () => {
    const home = await Deno.makeTempDir({ prefix: "warning-test-" });
    try {
      const importMap = `file://${root}/import_map.json`;
      await Deno.writeTextFile(join(home, "deno.json"), JSON.stringify({ importMap, lock: false }));
      const cell = { cell_type: "code", id: "a", source: "6 * 7", metadata: {}, outputs: [] };
      await Deno.writeTextFile(
        join(home, "mine.ipynb"),
        JSON.stringify({
          ...{ nbformat: 4, nbformat_minor: 5, cells: [{ ...cell, execution_count: null }] },
          metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
        }),
      );
      const { code, said, warnings } = await warned(["run", join(home, "mine.ipynb")], {
        TESSERA_HOME: home,
      });
      assertEquals(code, 0, said);
      assert(warnings > 0);
      assertStringIncludes(await Deno.readTextFile(join(home, "out", "mine.ipynb")), "42");
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});
