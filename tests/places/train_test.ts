/** Where trainings are kept: one's own in the home, the course's in the installation. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { readResult } from "../../lib/training/result.ts";
import { makeInstallation } from "./installation.ts";

const files = ["best.safetensors", "log.json", "result.json", "train.log"];

Deno.test("train leaves the course's weights alone, and --publish alone puts others in their place", async () => {
  await using course = await makeInstallation(["checkpoints/mnist-vit", "notebooks/exercises"]);
  const { folder, homes, tessera } = course;
  await tessera("home", ["ada"], { from: homes });
  const from = join(homes, "ada");
  const given = join(folder, "checkpoints", "mnist-vit");
  const own = join(from, "runs", "mnist-vit");
  const bytes = await Deno.readFile(join(given, "best.safetensors"));

  const first = await tessera("train", ["mnist-vit"], { from });
  assertEquals(first.code, 0, first.said);
  assertStringIncludes(first.said, "The course brings these weights");
  assertStringIncludes(first.said, "--fresh trains your own");
  await Deno.stat(own).then(() => assertEquals("made", "not made"), () => {});

  // A finished training of one's own, with another result than the course's.
  await Deno.mkdir(own, { recursive: true });
  for (const file of files) await Deno.copyFile(join(given, file), join(own, file));
  await Deno.writeTextFile(join(own, "last.safetensors"), "where it goes on from");
  const result = { ...(await readResult(given))!, testAccuracy: 0.5, epochs: 12 };
  await Deno.writeTextFile(join(own, "result.json"), JSON.stringify(result));
  const again = await tessera("train", ["mnist-vit", "--epochs", "12"], { from });
  assertEquals(again.code, 0, again.said);
  assertStringIncludes(again.said, `Trained already, in ${join("runs", "mnist-vit")}`);
  assertStringIncludes(again.said, "test accuracy 0.5000");
  assertEquals(await Deno.readFile(join(given, "best.safetensors")), bytes);
  assertEquals((await readResult(given))!.epochs, 10);

  for (
    const [option, problem] of [
      [["--epochs", "3"], "fewer epochs than its recipe"],
      [["--seed", "1"], "another seed"],
      [["--quick"], "a quick training"],
    ] as const
  ) {
    const refused = await tessera("train", ["mnist-vit", "--publish", ...option], { from });
    assertEquals(refused.code, 2, refused.said);
    assertStringIncludes(refused.said, problem);
  }
  const published = await tessera("train", ["mnist-vit", "--publish"], { from });
  assertEquals(published.code, 0, published.said);
  assertStringIncludes(published.said, "Published, in ");
  assertEquals((await readResult(given))!.testAccuracy, 0.5);
  assertEquals([...Deno.readDirSync(given)].map(({ name }) => name).sort(), files);
  assertEquals([...Deno.readDirSync(own)], [], "it was moved");
});
