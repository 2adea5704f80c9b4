/** Weights that were handed in and are not of the model make way for the course's, which is said. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { GridVisionTransformer, Random } from "../../lib/mod.ts";
import { readCheckpointInfo, saveWeights } from "../../lib/training/checkpoint.ts";
import { measure, sizes } from "../../notebooks/source/unit3/training.ts";
import { root } from "../../tools/command.ts";

const course = join(root, "checkpoints", "cifar-grid-vit", "best.safetensors");

/** Measures with a file beside the notebook; gives what was found and printed. */
async function measureBeside(put: (file: string) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "tessera-weights-" });
  const { log } = console;
  const before = Deno.cwd();
  const printed: string[] = [];
  try {
    await put(join(folder, "best.safetensors"));
    Deno.chdir(folder);
    console.log = (line: string) => void printed.push(line);
    // A class of its own each time, as measurements of one are kept.
    const found = await measure(class extends GridVisionTransformer {}, { quick: true });
    return { found: found!, printed: printed.join("\n") };
  } finally {
    console.log = log;
    Deno.chdir(before);
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("Weights of another model or of other code make way, fitting ones do not", async () => {
  const fitting = await measureBeside((file) => Deno.copyFile(course, file));
  assertMatch(fitting.found.source, /handed in/);
  assertEquals(fitting.printed, "");
  const foreign = await measureBeside((file) =>
    Deno.copyFile(join(root, "checkpoints", "mnist-vit", "best.safetensors"), file)
  );
  const stale = await measureBeside(async (file) => {
    const model = new GridVisionTransformer({ ...sizes, random: new Random(3) });
    await saveWeights(model, file, await readCheckpointInfo(course));
    model.dispose();
  });
  for (
    const [each, reason] of [[foreign, /not of your model/], [stale, /of other code/]] as const
  ) {
    assertMatch(each.printed, /^Not taken: best\.safetensors/);
    assertMatch(each.printed, reason);
    assert(!each.found.source.includes("handed in"));
    assertEquals(each.found.accuracy, fitting.found.accuracy);
  }
});
