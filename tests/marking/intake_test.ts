/** Grading reads what was handed in, whatever became of it on its way. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { TextReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { join } from "node:path";
import { captured, root } from "../../tools/command.ts";

interface Outcome {
  cells?: string[];
  attachments?: unknown[];
  said?: string[];
  reason?: string;
}

async function read(files: Record<string, string | Uint8Array>): Promise<Record<string, Outcome>> {
  const folder = await Deno.makeTempDir({ prefix: "tessera-intake-" });
  try {
    const paths = await Promise.all(
      Object.entries(files).map(async ([name, content]) => {
        const path = join(folder, name.replaceAll("/", " "));
        await Deno.writeFile(
          path,
          typeof content === "string" ? new TextEncoder().encode(content) : content,
        );
        return path;
      }),
    );
    const { stdout, stderr } = await captured(
      "python",
      [join(root, "tests", "marking", "intake_driver.py"), ...paths],
      { env: { PYTHONPATH: join(root, "python") } },
    );
    assert(stdout, stderr);
    const outcomes: Outcome[] = JSON.parse(stdout);
    return Object.fromEntries(Object.keys(files).map((name, index) => [name, outcomes[index]]));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const cell = (source: string) => ({
  ...{ cell_type: "code", metadata: {}, source, outputs: [], execution_count: null },
});
const notebook = (...sources: string[]) =>
  JSON.stringify(
    { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: sources.map(cell) },
    null,
    1,
  );

const wide = (text: string, mark: boolean, isLittle: boolean) => {
  const bytes = new Uint8Array(2 * text.length + (mark ? 2 : 0));
  const view = new DataView(bytes.buffer);
  if (mark) view.setUint16(0, 0xfeff, isLittle);
  [...text].forEach((letter, index) =>
    view.setUint16(2 * index + (mark ? 2 : 0), letter.charCodeAt(0), isLittle)
  );
  return bytes;
};

Deno.test("A notebook is read in any encoding, with marks of a merge, and in old formats", async () => {
  const text = notebook("const ü = 1;");
  const conflict = notebook("const a = 1;", "const b = 2;").replace(
    / *"source": "const b = 2;",\n/,
    (line) => `<<<<<<< HEAD\n${line}=======\n${line.replace("2", "3")}>>>>>>> theirs\n`,
  );
  const old = JSON.stringify({
    ...{ nbformat: 3, nbformat_minor: 0, metadata: {} },
    worksheets: [{ cells: [{ cell_type: "code", input: "old", language: "ts", outputs: [] }] }],
  });
  const found = await read({
    plain: text,
    mark: `\ufeff${text}`,
    "UTF-16": wide(text, true, true),
    "UTF-16, big": wide(text, true, false),
    "UTF-16, no mark": wide(text, false, true),
    conflict,
    old,
  });
  for (const name of ["plain", "mark", "UTF-16", "UTF-16, big", "UTF-16, no mark"]) {
    assertEquals(found[name].cells, ["const ü = 1;"], name);
    assertEquals(found[name].said!.length, name === "plain" ? 0 : 1, name);
  }
  assertEquals(found.conflict.cells, ["const a = 1;", "const b = 2;"]);
  assertMatch(found.conflict.said![0], /merge conflict/);
  assertEquals(found.old.cells, ["old"]);
});

Deno.test("What is no notebook is not graded, with the reason", async () => {
  const found = await read({
    empty: "",
    blank: " \n\0",
    pdf: "%PDF-1.4\n",
    page: "<!DOCTYPE html>",
    half: notebook("1").slice(0, 60),
    list: "[1, 2]",
    object: '{"a": 1}',
    "no cells": notebook(),
    deep: "[".repeat(200_000),
    zip: new Uint8Array([0x50, 0x4b, 3, 4, 9]),
  });
  const reasons = Object.entries({
    ...{ empty: /empty/, blank: /empty/, pdf: /a PDF/, page: /a web page/, half: /no JSON/ },
    ...{ list: /no cells/, object: /no cells/, "no cells": /no cells/ },
    ...{ deep: /nested too deeply|no JSON/, zip: /ZIP/ },
  });
  for (const [name, reason] of reasons) assertMatch(found[name].reason ?? "read", reason, name);
});

/** A ZIP with a notebook whose compressed bytes are damaged. */
async function damagedArchive(): Promise<Uint8Array> {
  const writer = new ZipWriter(new Uint8ArrayWriter());
  await writer.add("a.ipynb", new TextReader(notebook("1;".repeat(500))));
  const bytes = await writer.close();
  return bytes.fill(0xff, 60, 80);
}

Deno.test("A file that is made to be hard to read costs its owner's time alone, and little of it", async () => {
  const started = performance.now();
  const found = await read({
    marks: "x\n" + "<<<<<<< a\n=======\n".repeat(5_000),
    "damaged archive": await damagedArchive(),
  });
  assertMatch(found.marks.reason ?? "", /merge conflict/);
  assertMatch(found["damaged archive"].reason ?? "", /a ZIP that cannot be opened/);
  // It took the cube of the number of marks: hours for these.
  assert(performance.now() - started < 60_000, "marks of a merge are read in no time");
});

Deno.test("Half a letter, broken pictures and a system's line ends cost nothing", async () => {
  const text = { cell_type: "markdown", metadata: {} };
  const odd = {
    ...{ nbformat: 4, nbformat_minor: 5, metadata: {} },
    cells: [
      cell("const half = '\ud83d';\r\nconst whole = '\u{1f600}';\r"),
      { ...text, source: "see attachment:a.png", attachments: { "a.png": "no picture" } },
      {
        ...text,
        source: "and b",
        attachments: { "b.png": { "image/png": 5, "image/gif": "R0lGOD" } },
      },
    ],
  };
  const { odd: { cells, attachments } } = await read({ odd: JSON.stringify(odd) });
  assertEquals(cells, [
    "const half = '?';\nconst whole = '\u{1f600}';\n",
    "see attachment:a.png",
    "and b",
  ]);
  assertEquals(attachments, [{ "b.png": { "image/gif": "R0lGOD" } }]);
});
