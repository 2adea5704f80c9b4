/** A kernel ends with whoever has started it, and what its cells have started ends with it. */
import { assertEquals } from "@std/assert";
import { root } from "../../tools/command.ts";
import { exists, marked, until } from "./processes.ts";

for (const signal of ["SIGKILL", "SIGTERM", "SIGHUP"] as const) {
  Deno.test({
    name: `A kernel in an endless loop, and its children, end after ${signal} to its client`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const mark = crypto.randomUUID();
      const folder = await Deno.makeTempDir({ prefix: "tessera-kernel-end-" });
      const code = `new Deno.Command("sleep", { args: ["1000"] }).spawn();
        await Deno.writeTextFile("${folder}/begun", ""); while (true) {}`;
      const child = new Deno.Command(`${root}/.venv/bin/python`, {
        args: [`${root}/tests/kernel/driver.py`],
        cwd: root,
        env: { JUPYTER_PATH: `${root}/.venv/share/jupyter`, TESSERA_TEST_MARK: mark },
        stdin: "piped",
        stdout: "null",
        stderr: "null",
      }).spawn();
      try {
        const writer = child.stdin.getWriter();
        await writer.write(
          new TextEncoder().encode(JSON.stringify({ steps: [{ cells: [code] }] })),
        );
        await writer.close();
        assertEquals(await until(() => exists(`${folder}/begun`), 100), true, "the cell begins");
        child.kill(signal);
        await child.status;
        await until(() => marked(mark).length === 0, 50);
        assertEquals(marked(mark), []);
      } finally {
        for (const pid of marked(mark)) Deno.kill(pid, "SIGKILL");
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
