/** A kernel ends with whoever has started it, and what its cells have started ends with it. */
import { assertEquals } from "@std/assert";
import { readTextIfThere } from "../../lib/platform/files.ts";
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

Deno.test({
  name: "A kernel ends whose client has gone while it started",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const mark = crypto.randomUUID();
    const client = `import os, sys, time
from jupyter_client.manager import KernelManager
KernelManager(kernel_name="deno").start_kernel()
time.sleep(float(sys.argv[1]))
os._exit(0)`;
    try {
      for (const seconds of [0, 0.1, 0.3]) {
        const { success } = await new Deno.Command(`${root}/.venv/bin/python`, {
          args: ["-c", client, `${seconds}`],
          cwd: root,
          env: { JUPYTER_PATH: `${root}/.venv/share/jupyter`, TESSERA_TEST_MARK: mark },
          stdout: "null",
          stderr: "null",
        }).output();
        assertEquals(success, true);
        await until(() => marked(mark).length === 0, 50);
        assertEquals(marked(mark), []);
      }
    } finally {
      for (const pid of marked(mark)) Deno.kill(pid, "SIGKILL");
    }
  },
});

Deno.test({
  name: "A training saves where Stop is heard after the end of its kernel was asked for",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "tessera-kernel-end-" });
    try {
      const { stderr } = await new Deno.Command(`${root}/.venv/bin/python`, {
        args: [`${root}/tests/kernel/end_while_saving.py`, folder],
        cwd: root,
        env: { JUPYTER_PATH: `${root}/.venv/share/jupyter` },
        stdout: "null",
      }).output();
      assertEquals(exists(`${folder}/saved.safetensors`), true, new TextDecoder().decode(stderr));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "A notebook that runs without a window ends with the program that runs it",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const mark = crypto.randomUUID();
    const folder = await Deno.makeTempDir({ prefix: "tessera-run-end-" });
    const source = `Deno.writeTextFileSync("${folder}/begun", ""); while (true) {}`;
    await Deno.writeTextFile(
      `${folder}/a.ipynb`,
      JSON.stringify({
        ...{ nbformat: 4, nbformat_minor: 5 },
        metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
        cells: [{
          ...{ cell_type: "code", id: "a", metadata: {}, outputs: [], execution_count: null },
          source,
        }],
      }),
    );
    const args = [`${root}/tools/execute.py`, `${folder}/a.ipynb`, `${folder}/b.ipynb`];
    const runs = `await new Deno.Command("${root}/.venv/bin/python", {
      args: ${JSON.stringify(args)}, stdout: "piped", stderr: "piped" }).output();`;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", runs],
      cwd: root,
      env: { JUPYTER_PATH: `${root}/.venv/share/jupyter`, TESSERA_TEST_MARK: mark },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      assertEquals(await until(() => exists(`${folder}/begun`), 100), true, "the cell begins");
      child.kill("SIGKILL");
      await child.status;
      await until(() => marked(mark).length === 0, 50);
      assertEquals(marked(mark), []);
    } finally {
      for (const pid of marked(mark)) Deno.kill(pid, "SIGKILL");
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "What tests start as a server ends where they are killed",
  ignore: Deno.build.os !== "linux" || !exists("/usr/bin/setpriv"),
  fn: async () => {
    const mark = crypto.randomUUID();
    const tests = `import { server } from "${import.meta.resolve("./processes.ts")}";
      await server("sleep", { args: ["1000"] }).spawn().status;`;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", tests],
      env: { TESSERA_TEST_MARK: mark },
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      // Until it runs, what starts it may not yet have asked to end with its parent.
      const runs = () =>
        marked(mark).some((pid) => readTextIfThere(`/proc/${pid}/comm`) === "sleep\n");
      assertEquals(await until(runs, 60), true, "it runs");
      child.kill("SIGKILL");
      await child.status;
      await until(() => marked(mark).length === 0, 20);
      assertEquals(marked(mark), []);
    } finally {
      for (const pid of marked(mark)) Deno.kill(pid, "SIGKILL");
    }
  },
});
