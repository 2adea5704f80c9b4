/** What a cell imports, modules of the learner's own and JSON, and what is said where that fails. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { cell, type CellResult, drive, valueOf } from "./driver.ts";

const traceOf = ({ reply }: CellResult) => reply.traceback!.join("\n");

/** Runs cells that import from a folder with these files; `DIR` stands for it. */
async function withFiles(files: Record<string, string>, codes: string[]): Promise<CellResult[]> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    const { results } = await drive(codes.map((code) => cell(code.replaceAll("DIR", folder))));
    return results.map(({ cells }) => cells[0]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("An error of syntax in a module of one's own names its file, line and place", async () => {
  const files = {
    "wrong.ts": "export const a = 1;\nexport const b = = 2;\n",
    "outer.ts": 'import { b } from "./twice.ts";\nexport const c = b;',
    "twice.ts": "type B = number;\n\nexport const b: B = 1;\nconst b = 2;",
    "open.ts": "export function f() {\n  return 1;\n",
    "python.ts": "def f(x):\n  return x",
  };
  const [wrong, asked, outer, open, python, mend, mended, none] = await withFiles(files, [
    'import { a } from "DIR/wrong.ts";',
    'const module = await import("DIR/wrong.ts");',
    '1;\nimport { c } from "DIR/outer.ts";',
    'import { f } from "DIR/open.ts";',
    'import { f } from "DIR/python.ts";',
    'await Deno.writeTextFile("DIR/wrong.ts", "export const a = 1;");',
    'import { a } from "DIR/wrong.ts"; a',
    'import { a } from "DIR/wrongg.ts"; a',
  ]);
  for (const each of [wrong, asked]) {
    assertEquals(each.reply.ename, "SyntaxError");
    assertMatch(each.reply.evalue!, /^Expression expected \(.*wrong\.ts, line 2\)$/);
    const place = "→ 2 | export const b = = 2;\n      |                  ^";
    assertStringIncludes(traceOf(each), place);
  }
  assertStringIncludes(traceOf(wrong), "cell [1], line 1");
  assertMatch(outer.reply.evalue!, /^Identifier 'b' has already .*twice\.ts, line 4\)$/);
  assertStringIncludes(traceOf(outer), "→ 4 | const b = 2;");
  assertStringIncludes(traceOf(outer), "cell [3], line 2");
  assertMatch(open.reply.evalue!, /got the end of the file \(.*open\.ts, line 2\)$/);
  assertStringIncludes(traceOf(python), "TypeScript writes function name(x)");
  assertEquals([mend.reply.status, valueOf(mended)], ["ok", "1"]);
  assertMatch(none.reply.evalue!, /^Module not found .*Did you mean ".*wrong\.ts"\?$/);
});

Deno.test("JSON that is imported without its type is told how, and is then imported", async () => {
  const files = {
    "data.json": '{ "a": [1, 2] }',
    "bad.json": '{ "a": }',
    "own.ts": 'import data from "./data.json" with { type: "json" };\nexport const { a } = data;',
  };
  const results = await withFiles(files, [
    'import data from "DIR/data.json";',
    'import data from "DIR/data.json" with { type: "json" }; data.a.length',
    'await import("DIR/data.json");',
    '(await import("DIR/data.json", { with: { type: "json" } })).default.a.length',
    'import { a } from "DIR/own.ts"; a.length',
    'import bad from "DIR/bad.json" with { type: "json" };',
  ]);
  for (const wrong of [results[0], results[2]]) {
    assertMatch(wrong.reply.evalue!, /^"\S+data\.json" is JSON: import .* with { type: "json" };$/);
  }
  assertEquals([1, 3, 4].map((index) => valueOf(results[index])), ["2", "2", "2"]);
  assertMatch(results[5].reply.evalue!, /^bad\.json: Unexpected token/);
});

Deno.test("What is misspelt in an import is told with what is near", async () => {
  const cases: [code: string, told: string][] = [
    [
      'import { show } from "tesera";',
      '"tesera" is no package that is known here. Did you mean "tessera"?',
    ],
    ['import * as tf from "@tensorflow/tfjss";', 'Did you mean "@tensorflow/tfjs"?'],
    ['import lodash from "lodash";', 'another package is "npm:lodash".'],
    ['import fs from "fs";', '"node:fs"'],
    ['import { readFile } from "node:fs/promise";', 'Did you mean "node:fs/promises"?'],
    ['import { Liner } from "tessera";\nnew Liner(1, 2);', 'Did you mean "Linear"?'],
    ['import { LinearLayer } from "tessera";\nLinearLayer;', 'Did you mean "Linear"?'],
    ['import { curve } from "tessera";\ncurve;', 'Did you mean "curves"?'],
  ];
  const { results } = await drive(cases.map(([code]) => cell(code)));
  for (const [index, [code, told]] of cases.entries()) {
    assertStringIncludes(results[index].cells[0].reply.evalue ?? "", told, code);
    assertStringIncludes(traceOf(results[index].cells[0]), `cell [${index + 1}], line 1`);
  }
});

Deno.test("A notebook outside of every home is told so where it imports the library", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    const { results } = await drive([cell('import { show } from "tessera";')], undefined, folder);
    assertStringIncludes(
      results[0].cells[0].reply.evalue ?? "",
      `"tessera" is no package that is known here. It is known to the notebooks of a home, and ${folder} is in none`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("In a kernel the library installs no listeners of its own, also where it trains", async () => {
  const { results } = await drive([
    cell(`const installed: string[] = [];
      for (const target of [Deno, globalThis] as any[]) {
        for (const name of ["addSignalListener", "addEventListener"]) {
          const original = target[name];
          if (original) target[name] = (what: string, ...more: unknown[]) => (installed.push(what), original(what, ...more));
        }
      }`),
    cell(`import { AdamW, constant, Trainer } from "tessera";
      import { columns, scale, SmallNet } from "./tests/training/small.ts";
      const model = new SmallNet();
      const trainer = new Trainer({
        ...{ model, train: columns(160), validation: columns(40, 2), optimizer: new AdamW(model) },
        ...{ schedule: constant(0.01), batchSize: 16, transforms: { train: scale, evaluation: scale } },
        ...{ epochs: 1, progress: false },
      });
      (await trainer.run()).length`),
    cell("installed.filter((what) => /^SIG|error|rejection|unload/.test(what)).join()"),
  ]);
  assertEquals([valueOf(results[1].cells[0]), valueOf(results[2].cells[0])], ["1", '""']);
});
