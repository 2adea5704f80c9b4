/** Where data sets are looked for, and into which of these places they are fetched. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { dataFolder, missingParts, ownPicturesFolder } from "../../lib/datasets/data_folder.ts";
import { installationFolder } from "../../lib/platform/places.ts";

const names = ["TESSERA_DATA", "TESSERA_HOME"];

/** Runs `body` with empty folders for the shared data and for the home. */
async function inPlaces(
  body: (places: { shared: string; home: string }) => Promise<void>,
): Promise<void> {
  const before = names.map((name) => Deno.env.get(name));
  const folder = await Deno.makeTempDir({ prefix: "data folder test " });
  const [shared, home] = [join(folder, "shared"), join(folder, "home")];
  Deno.env.set("TESSERA_DATA", shared);
  Deno.env.set("TESSERA_HOME", home);
  try {
    await body({ shared, home });
  } finally {
    names.forEach((name, index) => {
      const value = before[index];
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    });
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a data set is read from the first place that has it whole", async () => {
  await inPlaces(async ({ shared, home }) => {
    const inHome = join(home, "data", "cifar10-folder");
    await Deno.mkdir(join(inHome, "train"), { recursive: true });
    await Deno.mkdir(join(inHome, "val"));
    const inShared = join(shared, "cifar10-folder");
    await Deno.mkdir(join(inShared, "train"), { recursive: true });
    assertEquals(missingParts("cifar10-folder", inShared), ["val"]);
    const inInstallation = join(installationFolder(), "data", "cifar10-folder");
    const isThere = missingParts("cifar10-folder", inInstallation).length === 0;
    assertEquals(dataFolder("cifar10-folder"), isThere ? inInstallation : inHome);
    await Deno.mkdir(join(inShared, "val"));
    assertEquals(dataFolder("cifar10-folder"), inShared);
  });
});

Deno.test("a data set that is nowhere goes to the first place that can be written", async () => {
  await inPlaces(async ({ shared }) => {
    assertEquals(dataFolder("none-like-it"), join(shared, "none-like-it"));
    await Deno.writeTextFile(shared, "a file, in which no folder can be made");
    assertEquals(dataFolder("none-like-it"), join(installationFolder(), "data", "none-like-it"));
    assertEquals(await Deno.readTextFile(shared), "a file, in which no folder can be made");
  });
});

Deno.test("one's own pictures are the home's, else those that are shared", async () => {
  await inPlaces(async ({ shared, home }) => {
    const own = join(home, "data", "pictures");
    const given = join(installationFolder(), "data", "pictures");
    await Deno.mkdir(join(shared, "pictures", "train"), { recursive: true });
    assertEquals(ownPicturesFolder(), join(shared, "pictures"));
    await Deno.mkdir(join(own, "train"), { recursive: true });
    assertEquals(ownPicturesFolder(), own);
    await Deno.remove(join(shared, "pictures"), { recursive: true });
    await Deno.remove(own, { recursive: true });
    if (missingParts("pictures", given).length > 0) assertEquals(ownPicturesFolder(), own);
  });
});
