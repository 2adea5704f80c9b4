/** What cells say and show is heard by their user alone. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { readTextIfThere } from "../../lib/platform/files.ts";
import { root } from "../../tools/command.ts";
import { freePort } from "../lab.ts";
import { kernelProgram } from "./driver.ts";
import { marked, until } from "./processes.ts";

Deno.test({
  name:
    "Another user who subscribes at every port hears no cell and no output, from the kernel's start on",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const { success, stdout, stderr } = await kernelProgram("overhearing.py").output();
    assert(success, new TextDecoder().decode(stderr));
    const { ports, heard, shown } = JSON.parse(new TextDecoder().decode(stdout));
    assert(ports > 0, "it has joined Deno's ports while the kernel started");
    assertEquals(heard, []);
    assertEquals(shown, 2, "the kernel goes on with its own");
  },
});

Deno.test({
  name:
    "Kernels of a home whose path is too long for sockets have them in a folder of their user's, not ports",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const mark = crypto.randomUUID();
    const folder = await Deno.makeTempDir({ prefix: "tessera-overhearing-" });
    const home = join(folder, "a network drive's folder".repeat(4), "home");
    const [port, token] = [freePort(), crypto.randomUUID()];
    const lab = new Deno.Command(join(root, "tessera"), {
      args: ["lab", "--no-browser", `--port=${port}`],
      env: { TESSERA_HOME: home, JUPYTER_TOKEN: token, TESSERA_TEST_MARK: mark },
      ...{ cwd: root, stdin: "null", stdout: "null", stderr: "null" },
    }).spawn();
    try {
      const api = `http://127.0.0.1:${port}/api`;
      const headers = { authorization: `token ${token}` };
      const answers = () =>
        fetch(api, { headers }).then(({ ok, body }) => body?.cancel().then(() => ok)).catch(() =>
          false
        );
      assert(await until(async () => await answers() ?? false, 120), "the server answers");
      const begun = await fetch(`${api}/kernels`, { method: "POST", headers, body: "{}" });
      const { id } = await begun.json();
      const path = marked(mark).flatMap((pid) =>
        (readTextIfThere(`/proc/${pid}/cmdline`) ?? "").split("\0")
      ).find((argument) => argument.endsWith(`/kernel-${id}.json`))!;
      assertEquals(Deno.statSync(dirname(path)).mode! & 0o777, 0o700);
      const connection = JSON.parse(await Deno.readTextFile(path));
      assertEquals(connection.transport, "ipc");
      lab.kill("SIGTERM");
      await lab.status;
      assert(await until(() => marked(mark).length === 0, 60), "the server ends");
      assertEquals(
        await Deno.stat(dirname(path)).catch(() => undefined),
        undefined,
        "the folder goes",
      );
    } finally {
      for (const each of marked(mark)) Deno.kill(each, "SIGKILL");
      await lab.status;
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "A notebook that runs without a window has a kernel without ports, too",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "tessera-overhearing-" });
    try {
      const source =
        `const connection = Deno.readTextFileSync(\`/proc/\${Deno.ppid}/cmdline\`).split("\\0")
  .find((argument) => argument.endsWith(".json"));
console.log("it goes by", JSON.parse(Deno.readTextFileSync(connection!)).transport);`;
      const notebook = {
        cells: [{
          cell_type: "code",
          id: "a",
          metadata: {},
          source,
          outputs: [],
          execution_count: null,
        }],
        metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
        ...{ nbformat: 4, nbformat_minor: 5 },
      };
      const path = join(folder, "trial.ipynb");
      await Deno.writeTextFile(path, JSON.stringify(notebook));
      const { success, stderr } = await new Deno.Command(join(root, "tessera"), {
        args: ["run", path],
        cwd: folder,
        env: { TESSERA_HOME: join(folder, "home") },
      }).output();
      assert(success, new TextDecoder().decode(stderr));
      const executed = await Deno.readTextFile(join(folder, "out", "trial.ipynb"));
      assertStringIncludes(executed, "it goes by ipc");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
