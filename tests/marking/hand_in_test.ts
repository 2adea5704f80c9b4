/** What learners hand in: whose it is, what is missing, what lies in the archive. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { basename, join } from "node:path";
import { extractText, getDocumentProxy } from "unpdf";
import { makeHandIn } from "../../marking/hand_in.ts";
import { checksum, type Manifest } from "../../marking/handing_in/manifest.ts";
import { missingIn } from "../../marking/handing_in/missing.ts";
import { commandLine } from "../../marking/handing_in/command_line.ts";
import { ownerFrom, ownerOf, reportName } from "../../marking/handing_in/owner.ts";
import { CommandError, root } from "../../tools/command.ts";
import { exercisesFolder, makeHome } from "../../tools/homes.ts";
import { type Cell, type Notebook, notebooksIn, readNotebook } from "../../tools/notebooks.ts";
import { bytesIn } from "./read_archive.ts";

const noether = ownerFrom({ as: "Noether-1234567" });

/** Calls with a home of its own, which goes away. */
async function inHome(body: (home: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "tessera-hand-in-test-" }));
  const home = join(folder, "a home");
  const before = Deno.env.get("TESSERA_HOME");
  try {
    makeHome(home);
    Deno.env.set("TESSERA_HOME", home);
    await body(home);
  } finally {
    if (before === undefined) Deno.env.delete("TESSERA_HOME");
    else Deno.env.set("TESSERA_HOME", before);
    await Deno.remove(folder, { recursive: true });
  }
}

/** Marks all cells of a unit's notebooks as run in order, and lets `change` write into them. */
async function pretendRun(
  home: string,
  unit: string,
  change: (cell: Cell, id: string) => void = () => {},
): Promise<void> {
  for (const path of notebooksIn(join(home, unit))) {
    const notebook = await readNotebook(path);
    notebook.cells.forEach((cell, index) => {
      if (cell.cell_type === "code") {
        Object.assign(cell, { execution_count: index + 1, outputs: [] });
      }
      const { grade_id = "" } = (cell.metadata.nbgrader ?? {}) as { grade_id?: string };
      change(cell, grade_id);
    });
    await Deno.writeTextFile(path, JSON.stringify(notebook));
  }
}

const failing = (message: string) => [{
  ...{ output_type: "error", ename: "CheckError", evalue: message },
  traceback: [`\x1b[31mCheckError: ${message}\x1b[39m`, "    at check (cell:1:2)"],
}];

const manifestIn = (files: Map<string, Uint8Array>): Manifest =>
  JSON.parse(new TextDecoder().decode(files.get("manifest.json")));

Deno.test("ownerFrom takes surnames as people have them, in one way of writing", () => {
  for (
    const [given, id, title] of [
      ["Noether-1234567", "Noether-1234567", "Noether, 1234567"],
      ["Mu\u0308ller-42", "Müller-42", "Müller, 42"],
      ["O’Neill-Łukasz-k7", "O'Neill-Łukasz-k7", "O'Neill-Łukasz, k7"],
      ["  de la  Cruz-001 ", "de la Cruz-001", "de la Cruz, 001"],
      ["Ö'Neill van-12", "Ö'Neill van-12", "Ö'Neill van, 12"],
    ]
  ) {
    const owner = ownerFrom({ as: given });
    assertEquals([owner.id, owner.title], [id, title]);
    assertEquals(ownerOf(owner.id), owner);
  }
  for (const group of ["7", "group-7", "Group 7"]) {
    assertEquals(ownerFrom({ group }), { kind: "group", id: "group-7", title: "Group 7" });
  }
  const none = [
    "Noether",
    "1234567",
    "../Noether-1",
    "a/b-1",
    "-1",
    "x-",
    "a*-1",
    "a+b-1",
    "😀-1",
    "",
  ];
  for (const name of [...none, "-rf-12", "a\n-1/"]) {
    assertThrows(() => ownerFrom({ as: name }), CommandError, "SURNAME-NUMBER");
  }
  // A name of a file has 255 bytes; these have 301 and 302.
  for (const name of [`${"a".repeat(299)}-1`, `${"字".repeat(100)}-1`]) {
    assertThrows(() => ownerFrom({ as: name }), CommandError, "too long");
  }
  assertThrows(
    () => commandLine("hand-in", ["unit1", "--as", "-rf-12"], { as: "SURNAME-NUMBER" }),
    CommandError,
    "what follows --as looks like an option",
  );
  assertThrows(() => ownerFrom({ as: "Noether-1", group: "7" }), CommandError, "not both");
  assertEquals(reportName("E2_GROUP_7.pdf"), "E2_GROUP_7");
  assertThrows(() => reportName("../E2"), CommandError, "no name for a file");
});

Deno.test("missingIn tells what grading would take points for", async () => {
  const [path] = notebooksIn(join(exercisesFolder, "unit1"));
  const handedOut = await readNotebook(path);
  const own: Notebook = structuredClone(handedOut);
  const cell = (id: string) =>
    own.cells.find(({ metadata }) =>
      (metadata.nbgrader as { grade_id?: string })?.grade_id === id
    )!;
  for (const each of own.cells) if (each.cell_type === "code") each.execution_count = 1;
  cell("patches").source = "function imageToPatches() {}";
  cell("check-patches").outputs = failing("the patches are in another order.\nLook at the axes.");
  cell("check-model").source = "// nothing";
  cell("answer-block").source = "Because.";
  cell("answer-training").source = " \n";
  own.cells.splice(own.cells.indexOf(cell("check-trainer")), 1);
  own.cells.push(structuredClone(cell("check-result")));
  // A second copy of a task, beneath: of several grading takes the last one that was written.
  const copy = structuredClone(cell("model"));
  cell("model").source = "class ViT {}";
  own.cells.push(copy);
  const found = new Map(missingIn(own, handedOut).map(({ id, text }) => [id, text]));
  assertEquals(found.has("patches"), false);
  assertEquals(found.has("answer-block"), false);
  assertStringIncludes(found.get("feed-forward")!, "not solved");
  assertEquals(
    found.get("check-patches"),
    "the check fails: CheckError: the patches are in another order.\nLook at the axes.",
  );
  assertStringIncludes(found.get("check-model")!, "was changed");
  assertStringIncludes(found.get("answer-training")!, "empty");
  assertStringIncludes(found.get("check-trainer")!, "missing");
  assertStringIncludes(found.get("check-result")!, "2 times");
  const model = own.cells.indexOf(cell("model")) + 1;
  assertEquals(
    missingIn(own, handedOut).filter(({ id }) => id === "model").map(({ text }) => text),
    [`the cell is there 2 times: in grading cell ${model} counts.`],
  );
});

Deno.test("a hand-in of several notebooks has one PDF with its owner on every page, and a manifest", async () => {
  await inHome(async (home) => {
    await pretendRun(home, "unit2", (cell, id) => {
      if (id === "bias-answer") cell.source = "A bias is taken away again by the mean.";
      if (id === "check-block") cell.outputs = failing("the shortcut is missing.");
    });
    await Deno.writeTextFile(
      join(home, "hints.json"),
      JSON.stringify({ "the shortcut": 2, "Patches": 1 }),
    );
    const owner = ownerFrom({ as: "Müller-O'Neill-1234567" });
    const { archive, missing } = await makeHandIn(home, {
      ...{ unit: "unit2", owner, report: "E2_GROUP_7" },
    });
    assertEquals(archive, join(home, "out", "hand-in", "unit2", "Müller-O'Neill-1234567.zip"));
    const files = await bytesIn(archive);
    const notebooks = notebooksIn(join(home, "unit2")).map((path) => basename(path));
    assertEquals([...files.keys()], [...notebooks, "E2_GROUP_7.pdf", "manifest.json"]);

    const manifest = manifestIn(files);
    assertEquals([manifest.unit, manifest.owner], ["unit2", owner.id]);
    assertEquals(manifest.hints, { "the shortcut": 2 });
    for (const [name, { sha256, bytes }] of Object.entries(manifest.files)) {
      assertEquals([sha256, bytes], [await checksum(files.get(name)!), files.get(name)!.length]);
    }
    assertEquals(manifest.missing, missing);
    const lines = missing.filter((line) => /shortcut is missing|\(strided-answer\)/.test(line));
    assertEquals(lines.length, 3); // two notebooks have a check of this name
    assert(!missing.some((line) => line.includes("(bias-answer)")), "an answer that is there");

    const pdf = await getDocumentProxy(files.get("E2_GROUP_7.pdf")!);
    const { text } = await extractText(pdf, { mergePages: false });
    for (const page of text) assertStringIncludes(page, "Müller-O'Neill, 1234567");
    assertEquals(text.filter((page) => page.includes("Contents")).length, 1);
    for (const title of ["Convolutional networks", "Residual networks", "From tokens"]) {
      assertStringIncludes(text[0], title);
    }
    const named = (page: string) => page.split("Müller-O'Neill, 1234567").length - 1;
    assert(named(text[0]) > named(text[1]), "the first page names its owner at the top too");
  });
});

Deno.test("a group's hand-in carries its own weights once their training is complete", async () => {
  await inHome(async (home) => {
    await pretendRun(home, "unit3");
    const run = join(home, "runs", "unit3", "cifar-grid-vit");
    await Deno.mkdir(run, { recursive: true });
    await Deno.writeTextFile(join(run, "best.safetensors"), "weights");
    const course = JSON.parse(
      await Deno.readTextFile(join(root, "checkpoints", "cifar-grid-vit", "log.json")),
    );
    const owner = ownerFrom({ group: "7" });
    const handIn = async (reports: unknown[]) => {
      await Deno.writeTextFile(join(run, "log.json"), JSON.stringify({ ...course, log: reports }));
      const { archive } = await makeHandIn(home, { unit: "unit3", owner });
      return await bytesIn(archive);
    };
    assertEquals((await handIn(course.log.slice(0, -1))).has("best.safetensors"), false);
    const files = await handIn(course.log);
    assertEquals(new TextDecoder().decode(files.get("best.safetensors")), "weights");
    assertEquals(manifestIn(files).group, "group-7");
    assert(files.has("group-7.pdf"));
  });
});

Deno.test("a notebook that was not run is run in a copy, past cells that fail", async () => {
  await inHome(async (home) => {
    const [own] = notebooksIn(join(home, "unit0"));
    const before = await Deno.readTextFile(own);
    const { archive, missing } = await makeHandIn(home, { unit: "unit0", owner: noether });
    assertEquals(await Deno.readTextFile(own), before);
    const files = await bytesIn(archive);
    const executed: Notebook = JSON.parse(
      new TextDecoder().decode(files.get(basename(own))),
    );
    const code = executed.cells.filter((cell) => cell.cell_type === "code");
    assertEquals(code.filter(({ execution_count }) => execution_count === null).length, 0);
    assert(missing.some((line) => /\(standardize\): the task is not solved/.test(line)));
    assert(
      missing.some((line) =>
        /\(check-standardize\).*fails: .*not written yet|Not solved/s.test(line)
      ),
    );
    const snapshots = [
      ...Deno.readDirSync(join(home, ".tessera", "history", "unit0", basename(own))),
    ];
    assert(snapshots.some(({ name }) => name.endsWith(".hand-in.ipynb")), "no snapshot was kept");
  });
});
