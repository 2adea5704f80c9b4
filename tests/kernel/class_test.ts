/** What `./tessera kernel --class` measures, and that it leaves the machine to others. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { makeHome } from "../../tools/homes.ts";
import { withTemporaryFolder } from "../../tools/temporary_folder.ts";
import { kernelProgram } from "./driver.ts";

const linux = { ignore: Deno.build.os !== "linux" };
const megabytes = 300;

/** A class of one, whose notebook keeps so much. */
function measure(...options: string[]) {
  return withTemporaryFolder("kernel", async (folder) => {
    const [home, notebook] = [join(folder, "home"), join(folder, "keeps.ipynb")];
    makeHome(home);
    const source = ["const kept = new Uint8Array(", `${megabytes}_000_000).fill(1); kept.length`];
    const cells = [{ cell_type: "code", source }];
    await Deno.writeTextFile(notebook, JSON.stringify({ cells }));
    const { success, stdout, stderr } = await kernelProgram("class.py", {
      args: [`${root}/tests/kernel/class.py`, ...options, notebook, home],
      env: { JUPYTER_PATH: `${root}/.venv/share/jupyter`, TESSERA: `${root}/tessera` },
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  });
}

Deno.test({
  name: "A class's memory is what its kernels and servers have written, all together",
  ...linux,
  fn: async () => {
    const { learners, servers, kernels, all, free, least } = await measure("--spared", "0");
    assertEquals(learners, 1);
    assertLess(megabytes, kernels);
    assertLess(0, servers);
    assert(Math.max(kernels, servers) < all && all <= kernels + servers + 1, `${all}`);
    assert(least <= free);
  },
});

Deno.test({
  name: "No learner comes where the machine would have too little left for others",
  ...linux,
  fn: async () => {
    const { learners, tight } = await measure("--spared", "1e15");
    assertEquals([learners, tight], [0, true]);
  },
});
