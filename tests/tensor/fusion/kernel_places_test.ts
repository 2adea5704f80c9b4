/** Homes that keep no kernels, or keep them oddly: each step goes on, and nobody is told of it. */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { run } from "../subprocess.ts";
import { llvm } from "./kernels.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const ignore = llvm === undefined || Deno.build.os !== "linux" || Deno.build.arch !== "x86_64";

/** Says how a step ran, and what lies in its home's folder of kernels afterwards. */
const source = `
  import { compile } from "./lib/tensor/compile.ts";
  import "./lib/mod.ts";
  import * as tf from "./lib/tensor/tf.ts";
  const step = compile((x) => tf.tanh(tf.mul(tf.add(x, 1), 2)));
  const x = tf.zeros([64, 512]);
  for (let call = 0; call < 2; call++) {
    const [value] = (await step(x)).dataSync();
    if (Math.abs(value - Math.tanh(2)) > 1e-6) console.log(value);
  }
  const [{ mode, kernels }] = step.reports();
  const kept = [...Deno.readDirSync(Deno.env.get("TESSERA_HOME") + "/.kernels")];
  console.log(mode, kernels, kept.map(({ name }) => name.split(".").at(-1)).join(" "));`;

/** With a new home, whose folder of kernels is there already. */
async function inHome(task: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    const settings = JSON.stringify({ importMap: join(root, "import_map.json") });
    await Deno.writeTextFile(join(home, "deno.json"), settings);
    await Deno.mkdir(join(home, ".kernels"), { mode: 0o700 });
    await task(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

const environment = (home: string) => ({ TESSERA_HOME: home, TESSERA_FUSION: "" });

for (
  const [what, options, kept] of [
    ["whose files may not be run", "noexec", "kernel kernel"],
    ["that is full", "size=4k", "filling"],
    ["that is read-only", "ro", ""],
  ]
) {
  Deno.test({
    name: `a step runs its kernel in a home ${what}, and nothing is said`,
    ignore: ignore || Deno.uid() !== 0, // who may mount
    async fn() {
      await inHome(async (home) => {
        const folder = '"$0/.kernels"';
        const fill = kept === "filling" ? `head -c 4096 /dev/zero > ${folder}/filling && ` : "";
        const mount = `mount -t tmpfs -o mode=700,${options} tmpfs ${folder} && ${fill}exec "$@"`;
        const before = ["unshare", "--mount", "sh", "-c", mount, home];
        const { output, errors } = await run(source, environment(home), before);
        assertEquals([output, errors], [`compiled 1 ${kept}`.trim(), ""]);
      });
    },
  });
}

Deno.test({
  name: "two processes that make the same kernel at once both run it, and keep it once",
  ignore,
  async fn() {
    await inHome(async (home) => {
      const both = await Promise.all([0, 1].map(() => run(source, environment(home))));
      for (const { errors } of both) assertEquals(errors, "");
      assertEquals(both.map(({ output }) => output.slice(0, 10)), ["compiled 1", "compiled 1"]);
      const kept = [...Deno.readDirSync(join(home, ".kernels"))];
      assertEquals(kept.map(({ name }) => name.split(".").at(-1)), ["kernel", "kernel"]);
      // What they have kept is whole: the next one needs no LLVM, and so has no more to keep.
      const { output, errors } = await run(source, environment(home));
      assertEquals([output, errors], ["compiled 1 kernel kernel", ""]);
    });
  },
});
