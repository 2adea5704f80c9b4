/** One press of Ctrl-C in a terminal is one signal, after which a training and a server end in order. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { exists } from "../lib/platform/files.ts";
import { readCheckpointInfo } from "../lib/training/checkpoint.ts";
import { root } from "../tools/command.ts";
import { freePort } from "./lab.ts";
import { llvm } from "./tensor/fusion/kernels.ts";
import { canStartClusters } from "./tensor/cluster/groups.ts";
import { inTerminal } from "./terminal.ts";

const tessera = join(root, "tessera");

async function inHome(test: (home: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tessera-ctrl-c-" });
  const home = join(folder, "home");
  try {
    const { success } = await new Deno.Command(tessera, {
      args: ["home", home],
      ...{ stdout: "null", stderr: "null" },
    }).output();
    assertEquals(success, true);
    await test(home);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("Ctrl-C in a terminal ends a training after its step, and it is saved", async () => {
  await inHome(async (home) => {
    const { code, printed } = await inTerminal(
      [tessera, "train", "mnist-vit", "--quick", "--epochs", "200"],
      [["epoch 1/200", "\x03"]],
      { env: { TESSERA_HOME: home } },
    );
    assertEquals(code, 130, printed);
    assertStringIncludes(printed, "Stopping after this step; Ctrl-C again ends at once.");
    assertStringIncludes(printed, "Saved in out/quick/mnist-vit/last.safetensors.");
    const { position } = await readCheckpointInfo(
      join(home, "out", "quick", "mnist-vit", "last.safetensors"),
    );
    assertEquals((position as { step: number }).step > 0, true);
  });
});

Deno.test({
  name: "Ctrl-C in a terminal ends a training on two processes after its step, and it is saved",
  ignore: !canStartClusters,
  fn: () =>
    inHome(async (home) => {
      const { code, printed } = await inTerminal(
        [tessera, "train", "mnist-vit", "--quick", "--epochs", "200", "--processes", "2"],
        [["epoch 1/200", "\x03"]],
        { env: { TESSERA_HOME: home } },
      );
      assertEquals(code, 130, printed);
      assertStringIncludes(printed, "on 2 processes, each with");
      assertStringIncludes(printed, "Saved in out/quick/mnist-vit/last.safetensors.");
    }),
});

Deno.test("Ctrl-C in a terminal while other machines are awaited leaves nothing behind", async () => {
  await inHome(async (home) => {
    // Nobody listens at the second one's port, nor does TensorFlow at the first one's.
    const [own, other] = [freePort(), freePort()].map((port) => `127.0.0.1:${port}`);
    const cluster = ["--cluster", `${own},${other}`, "--task", "0"];
    const { code, printed } = await inTerminal(
      [tessera, "train", "mnist-vit", "--quick", ...cluster, "--trust-network"],
      [[`waits for ${other}`, "\x03"]],
      { env: { TESSERA_HOME: home } },
    );
    assertEquals(code, 130, printed);
    assertEquals(exists(join(home, "out", "quick", "mnist-vit")), false);
  });
});

Deno.test("Ctrl-C in a terminal has JupyterLab ask once, and yes ends it in order", async () => {
  await inHome(async (home) => {
    const { code, printed } = await inTerminal(
      [tessera, "lab", "--no-browser", "--port", "0", "unit1"],
      [["Or copy and paste", "\x03"], ["(y/[n])?", "y\n"]],
      { env: { TESSERA_HOME: home } },
    );
    assertEquals(code, 0, printed);
    assertMatch(printed, /\/lab\/tree\/unit1\?token=/); // of the home, not a server of that folder alone
    assertStringIncludes(printed, "Shutdown confirmed");
    assertEquals(printed.split("(y/[n])?").length, 2, printed);
    assertEquals(printed.includes("Traceback"), false, printed);
    const left = [...Deno.readDirSync(join(home, ".jupyter", "runtime"))];
    assertEquals(left.filter(({ name }) => name.startsWith("jpserver-")), []);
  });
});

Deno.test({
  name: "Ctrl-C in a terminal ends a benchmark with its workers, without a stack",
  ignore: llvm === undefined,
  async fn() {
    await inHome(async (home) => {
      const begun = "ViT, MNIST, step";
      const { code, printed } = await inTerminal(
        [tessera, "bench", "--fusion", "--quick", "--only", "ViT, MNIST"],
        [[begun, "\x03"]],
        { env: { TESSERA_HOME: home } },
      );
      assertEquals(code, -2, printed); // by SIGINT, as a shell expects it
      assertMatch(printed, new RegExp(`^${begun}.*\\s+\\^C\\s*$`));
      assertEquals(await processesOf(home), []);
    });
  },
});

/** The programs that run for a home, by what their environment says; those that are ending get five seconds. */
async function processesOf(home: string): Promise<string[]> {
  if (Deno.build.os !== "linux") return [];
  for (let tries = 50;; tries--) {
    const running: string[] = [];
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const environment = await Deno.readTextFile(`/proc/${name}/environ`).catch(() => "");
      if (!environment.split("\0").includes(`TESSERA_HOME=${home}`)) continue;
      running.push(await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => ""));
    }
    if (running.every((each) => each === "") || tries === 0) return running.filter(Boolean);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
