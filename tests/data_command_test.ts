/** `./tessera data` as a user meets it. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { dataFolder, missingParts, partsOfDataSets } from "../lib/datasets/data_folder.ts";
import { root, shown } from "../tools/command.ts";
import { openAs } from "../tools/data.ts";

async function data(
  names: string[],
  env: Record<string, string>,
): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(join(root, "tessera"), {
    args: ["data", ...names],
    cwd: root,
    env: { NO_COLOR: "1", ...env },
  }).output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "data-command-test-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("tessera data lists every data set with its size and whether it is there", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(join(folder, "mnist"));
    for (const part of partsOfDataSets.mnist) {
      await Deno.writeTextFile(join(folder, "mnist", part), "");
    }
    await Deno.mkdir(join(folder, "imagenette", "imagenette2-160"), { recursive: true });
    await Deno.mkdir(join(folder, "cifar10-folder", "train"), { recursive: true });
    const env = { TESSERA_DATA: folder, TESSERA_HOME: join(folder, "home") };
    const { code, said } = await data([], env);
    assertEquals(code, 0);
    assertStringIncludes(said, `mnist               12 MB  here, in ${join(folder, "mnist")}`);
    assertMatch(said, /imagenette\s+99 MB\s+here, in/);
    // The others are looked for in the installation too.
    const isHere = (name: string) => missingParts(name, join(root, "data", name)).length === 0;
    for (const name of ["fashion-mnist", "cifar10"]) {
      const state = isHere(name) ? `here, in ${join("data", name)}` : "not here";
      assertMatch(said, new RegExp(`${name}\\s+\\d+ MB\\s+${state}`));
    }
    const state = isHere("cifar10-folder") ? "here, in" : "incomplete: val missing";
    assertMatch(said, new RegExp(`cifar10-folder\\s+made here\\s+${state}`));
    assertMatch(said, /your own\s+none\n.*train\|val\/CLASS\/\*\.jpg/);
  });
});

Deno.test("tessera data refuses a wrong name with a suggestion", async () => {
  const { code, said } = await data(["cifar"], {});
  assertEquals(code, 2);
  assertStringIncludes(said, 'no data set "cifar". Did you mean "cifar10"?');
});

Deno.test("tessera data checks what is there", async () => {
  const { code, said } = await data(["mnist"], {});
  assertEquals(code, 0, said);
  assertStringIncludes(said, `mnist is whole, in ${shown(dataFolder("mnist"))}`);
});

Deno.test("what tessera data writes can be read by those who may read the folder, and by no others", async () => {
  await inFolder(async (folder) => {
    const all = [[0o755, 0o644], [0o2770, 0o640], [0o700, 0o600], [0o711, 0o600]];
    for (const [rights, readable] of all) {
      await Deno.chmod(folder, rights);
      const file = join(folder, "new", rights.toString(8));
      const before = Deno.umask(0o077);
      try {
        openAs(dirname(file));
        await Deno.mkdir(dirname(file), { recursive: true });
        await Deno.writeTextFile(file, "");
      } finally {
        Deno.umask(before);
      }
      assertEquals((await Deno.stat(file)).mode! & 0o777, readable);
      await Deno.remove(dirname(file), { recursive: true });
    }
  });
});

Deno.test("tessera data says how to bring pictures where Imagenette cannot be had", async () => {
  await inFolder(async (folder) => {
    const archive = join(folder, "imagenette", "imagenette2-160.tgz");
    await Deno.mkdir(join(folder, "imagenette"));
    await Deno.writeTextFile(archive, "half an archive");
    // A proxy that is not there keeps this test from fetching anything.
    const env = { TESSERA_DATA: folder, HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: "" };
    const { code, said } = await data(["imagenette"], env);
    assertEquals(code, 1);
    assertStringIncludes(said, `${archive} is truncated or altered`);
    assertStringIncludes(said, `bring the file yourself, as ${archive}`);
    assertStringIncludes(said, "Imagenette (imagenette2-160.tgz) could not be fetched");
    assertStringIncludes(said, "put them into");
    assertStringIncludes(said, "train/CLASS/*.jpg and val/CLASS/*.jpg");
    assertStringIncludes(said, "./tessera data cifar10-folder");
  });
});
