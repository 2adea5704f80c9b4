/** The learners' copy of the course: `./tessera release --to FOLDER`. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join, relative } from "node:path";
import { ZipReader } from "@zip.js/zip.js";
import { writeArchive } from "../tools/archive.ts";
import { CommandError, root } from "../tools/command.ts";
import { handOut } from "../tools/hand_out.ts";
import { notebooksIn, readNotebook, sourceFolder, textOf, unitNames } from "../tools/notebooks.ts";
import { release } from "../tools/release.ts";

/** All files below a folder, by path from there. */
function filesIn(folder: string, top = folder): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    return isDirectory ? filesIn(path, top) : [relative(top, path)];
  });
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tessera-hand-out-test-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Sentences of the sample answers and lines of the solutions, long enough to be nobody else's. */
async function secrets(): Promise<string[]> {
  const found: string[] = [];
  for (const path of notebooksIn(sourceFolder)) {
    for (const cell of (await readNotebook(path)).cells) {
      const { solution } = (cell.metadata.nbgrader ?? {}) as { solution?: boolean };
      if (!solution) continue;
      const text = textOf(cell);
      if (cell.cell_type === "markdown") found.push(text.slice(0, 60));
      else if (text.includes("BEGIN SOLUTION")) found.push("BEGIN SOLUTION");
    }
  }
  return [...new Set(found)];
}

Deno.test("release --to hands out the course without what solves it", async () => {
  await inFolder(async (folder) => {
    const copy = join(folder, "course");
    const count = await handOut(copy, async (target) => {
      const made = await release(unitNames(), { target, out: join(folder, "out") });
      return made.map(({ file }) => file);
    });
    const files = filesIn(copy);
    assertEquals(files.length, count);
    const all = await secrets();
    assert(all.length > 15, "too few sample answers were found");
    for (const file of files.filter((each) => /\.(ipynb|md|json|py)$/.test(each))) {
      const text = await Deno.readTextFile(join(copy, file));
      const told = all.find((secret) =>
        text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1))
      );
      assertEquals(told, undefined, `${file} tells a solution`);
    }
    assertEquals(files.filter((file) => /(^|\/)(source|tests|\.git)\//.test(file)), []);
    for (const unit of unitNames()) {
      assert(files.some((file) => file.startsWith(`notebooks/exercises/${unit}/`)), unit);
    }
    const readme = await Deno.readTextFile(join(copy, "README.md"));
    for (const [, link] of readme.matchAll(/\]\((?!https:)([^)]+)\)/g)) {
      assert(files.includes(link), `the README leads to ${link}, which is not handed out`);
    }
    // The help tells of the commands that are there, and the others say so.
    const help = await Deno.readTextFile(join(copy, "tools", "help.txt"));
    const told = [...help.matchAll(/^ {2}\.\/tessera ([\w-]+)/gm)].map(([, name]) => name);
    for (const name of ["lab", "run", "check", "pdf", "train", "doctor", "hand-in"]) {
      assert(told.includes(name), `the help does not tell of ${name}`);
    }
    for (const name of told) {
      const program = name === "hand-in" ? "marking/hand_in.ts" : `tools/${name}.ts`;
      assert(files.includes(program), `${program} is not handed out`);
    }
    const { code, stderr } = await new Deno.Command(join(copy, "tessera"), { args: ["release"] })
      .output();
    assertEquals(code, 2);
    assertStringIncludes(new TextDecoder().decode(stderr), "not in a learner's copy");
    await assertRejects(
      () => handOut(copy, () => Promise.resolve([])),
      CommandError,
      "is there already",
    );
  });
});

Deno.test("what learners' commands import is handed out", async () => {
  await inFolder(async (folder) => {
    const copy = join(folder, "course");
    await handOut(copy, () => Promise.resolve([]));
    const programs = filesIn(copy).filter((file) => /^(tools|marking)\/\w+\.ts$/.test(file));
    const missing = new Set<string>();
    const seen = new Set<string>();
    const visit = async (file: string): Promise<void> => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = await Deno.readTextFile(file).catch(() => void missing.add(file));
      // What is imported only where it is there, as by doctor, may be left out.
      const imported = /^(?:import|export)\b[^;"]*?\bfrom\s*"(\.[^"]+)"/gm;
      for (const [, name] of (text ?? "").matchAll(imported)) await visit(join(file, "..", name));
    };
    for (const program of programs) await visit(join(copy, program));
    assertEquals([...missing], []);
  });
});

Deno.test("writeArchive keeps programs programs, and leaves no half archive", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "course.zip");
    await writeArchive(path, [
      { name: "course/tessera", content: { file: join(root, "tessera") } },
      { name: "course/Grüße.txt", content: "Grüße" },
    ]);
    const reader = new ZipReader(new Blob([await Deno.readFile(path)]).stream());
    const entries = await reader.getEntries();
    await reader.close();
    assertEquals(entries.map(({ filename, executable }) => [filename, executable]), [
      ["course/tessera", true],
      ["course/Grüße.txt", false],
    ]);
    const before = await Deno.readFile(path);
    await assertRejects(() =>
      writeArchive(path, [{ name: "a", content: { file: join(folder, "none") } }])
    );
    assertEquals(await Deno.readFile(path), before);
    assertEquals(filesIn(folder), ["course.zip"]);
  });
});
