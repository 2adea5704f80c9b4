/** Whose weights notebooks take: one's own training once it is complete, else the course's. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "node:path";
import { FileError, loadTrained, projectPath, Random, weightsFolder } from "../../lib/mod.ts";
import { readResult, trainingIn, writeResult } from "../../lib/training/result.ts";
import { mnistVit } from "../../recipes/mnist_vit.ts";
import { printed } from "../exercises/printed.ts";

const given = projectPath("checkpoints", "mnist-vit");

/** Runs `body` in an empty home. */
async function inHome(body: (home: string) => Promise<void>): Promise<void> {
  const before = Deno.env.get("TESSERA_HOME");
  const home = await Deno.makeTempDir({ prefix: "trained weights test " });
  Deno.env.set("TESSERA_HOME", home);
  try {
    await body(home);
  } finally {
    if (before === undefined) Deno.env.delete("TESSERA_HOME");
    else Deno.env.set("TESSERA_HOME", before);
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("weightsFolder takes a training of the recipe that is as long as the course's", async () => {
  await inHome(async (home) => {
    assertEquals(await weightsFolder("mnist-vit"), given);
    const own = join(home, "runs", "mnist-vit");
    const result = (await readResult(given))!;
    await Deno.mkdir(own, { recursive: true });
    await Deno.copyFile(`${given}/best.safetensors`, `${own}/best.safetensors`);
    assertEquals(await weightsFolder("mnist-vit"), given, "it still runs: there is no result");
    await writeResult(own, { ...result, epochs: 1 });
    assertEquals(await weightsFolder("mnist-vit"), given, "one epoch is no training");
    await writeResult(own, { ...result, epochs: 12 });
    assertEquals(await weightsFolder("mnist-vit"), own);
  });
});

Deno.test("weightsFolder takes a notebook's own training first, once it is complete", async () => {
  await inHome(async (home) => {
    const own = { folder: join(home, "runs", "unit1"), epochs: 10 };
    await Deno.mkdir(own.folder, { recursive: true });
    assertEquals(await weightsFolder("mnist-vit", own), given);
    await Deno.copyFile(`${given}/log.json`, `${own.folder}/log.json`);
    assertEquals(await weightsFolder("mnist-vit", own), own.folder);
    assertEquals(await weightsFolder("mnist-vit", { ...own, epochs: 11 }), given);
  });
});

Deno.test("loadTrained says whose training it was", async () => {
  await inHome(async (home) => {
    const own = join(home, "runs", "mnist-vit");
    await Deno.mkdir(own, { recursive: true });
    await Deno.copyFile(`${given}/best.safetensors`, `${own}/best.safetensors`);
    const model = mnistVit.model(new Random(1));
    const says = async (folder: string) =>
      (await printed(async () => void await loadTrained(model, folder))).join("\n");
    assertMatch(await says(given), /weights of the course's training in checkpoints\/mnist-vit \(/);
    assertMatch(await says(own), /weights of your own training in .*runs\/mnist-vit \(epoch \d+,/);
    assertEquals(trainingIn(`${given}-of-mine`), `the course's training in ${given}-of-mine`);
    assertEquals(trainingIn("checkpoint"), "your own training in checkpoint");
    model.dispose();
  });
});

Deno.test("readResult names a result that is none", async () => {
  await inHome(async (home) => {
    for (const text of ["", "null", "[]", '{"epochs":5}', '{"recipe":"mnist-vit"}']) {
      await Deno.writeTextFile(join(home, "result.json"), text);
      await assertRejects(() => readResult(home), FileError, "result.json is damaged");
    }
  });
});
