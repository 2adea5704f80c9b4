/** What a hover says of each export of the library: a sentence at least, and examples that are true. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { join } from "node:path";
import * as tessera from "tessera";
import { program, root } from "../../tools/command.ts";

interface Documented {
  name: string;
  file: string;
  comment: string;
}

/** Every export of lib/mod.ts with the comment that editors show. */
async function exportsOfLibrary(): Promise<Documented[]> {
  const { stdout } = await new Deno.Command(program("deno"), {
    args: ["doc", "--json", join(root, "lib", "mod.ts")],
    stderr: "null",
  }).output();
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout));
  // deno-lint-ignore no-explicit-any
  const [{ symbols }] = Object.values(nodes) as any[];
  // deno-lint-ignore no-explicit-any
  return symbols.map(({ name, declarations }: any) => ({
    name,
    file: declarations[0].location.filename.slice(`file://${root}/`.length),
    // deno-lint-ignore no-explicit-any
    comment: declarations.map((each: any) => each.jsDoc?.doc ?? "").find(Boolean) ?? "",
  }));
}

const library = await exportsOfLibrary();

/** The code of a comment's examples. */
function examplesIn(comment: string): string[] {
  return [...comment.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
}

Deno.test("each export of the library has a doc comment that begins with a sentence", () => {
  assert(library.length > 300);
  const poor = library.filter(({ comment }) => {
    const [first] = comment.split(/\n\n|```/);
    // A sentence of three words or more, to its full stop; shapes and code may stand in it.
    return !/[.:…]($|\s)/.test(first) || first.trim().split(/\s+/).length < 3;
  });
  assertEquals(poor.map(({ name, file }) => `${name} in ${file}`), []);
});

/** Values that options have where a call leaves them out; what is empty or off needs no word. */
const literal = String.raw`-?[\d.e_-]+|"[^"]+"|true`;
const inPattern = new RegExp(String.raw`[{,]\s*(?:(\w+): )?(\w+) = (${literal})(?=\s*[,}])`, "g");
const behindDot = new RegExp(String.raw`\.(\w+) \?\? (${literal})`, "g");
const optional = /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*)?\n {2}(?:readonly )?(\w+)\?: /g;

/** The options of a file's interfaces that have a default, and the comments that a hover shows of them. */
function optionsWithDefault(source: string): Map<string, string[]> {
  const named = new Set([
    ...[...source.matchAll(inPattern)].map(([, property, name]) => property ?? name),
    ...[...source.matchAll(behindDot)].map(([, name]) => name),
  ]);
  const found = new Map<string, string[]>();
  for (const [, comment = "", name] of source.matchAll(optional)) {
    if (named.has(name)) found.set(name, [...found.get(name) ?? [], comment]);
  }
  return found;
}

Deno.test("a hover of an option says its default, which the types do not show", async () => {
  const silent: string[] = [];
  let count = 0;
  for (const file of new Set(library.map(({ file }) => file))) {
    const options = optionsWithDefault(await Deno.readTextFile(join(root, file)));
    count += options.size;
    for (const [name, comments] of options) {
      if (!comments.some((each) => /\bdefault\b/i.test(each))) silent.push(`${name} in ${file}`);
    }
  }
  assert(count > 60, `${count}`);
  assertEquals(silent, []);
});

Deno.test("what doc comments link to is an export, a member or a name of the same file", async () => {
  const names = new Set(library.map(({ name }) => name));
  const broken = [];
  for (const { name, file, comment } of library) {
    for (const [, link] of comment.matchAll(/\{@link (\w+)[^}]*\}/g)) {
      if (names.has(link)) continue;
      const source = await Deno.readTextFile(join(root, file));
      if (source.split(new RegExp(`\\b${link}\\b`)).length < 3) broken.push(`${name}: ${link}`);
    }
  }
  assertEquals(broken, []);
});

/** The example as a module: names of the library are imported, `…; // value` lines are collected. */
function moduleOf(code: string): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const lines = code.trimEnd().split("\n").map((line) => {
    const [, expression, value] = /^(?!const |import )(.+); \/\/ (.+)$/.exec(line) ?? [];
    if (expression === undefined) return line;
    values.push(JSON.parse(value));
    return `results.push(${expression});`;
  });
  const used = Object.keys(tessera).filter((name) =>
    new RegExp(`\\b${name}\\(`).test(code) && !code.includes("import {")
  );
  return {
    text: [
      'import * as tf from "@tensorflow/tfjs";',
      `import { ${used.join(", ")} } from "tessera";`,
      "export const results: unknown[] = [tf.version.tfjs];",
      ...lines,
    ].join("\n"),
    values,
  };
}

function assertValue(actual: unknown, expected: unknown, message: string): void {
  if (typeof expected === "number") assertAlmostEquals(actual as number, expected, 1e-4, message);
  else assertEquals(actual, expected, message);
}

Deno.test("the examples in doc comments run, and give what stands behind them", async () => {
  const examples = library.flatMap(({ name, comment }) =>
    examplesIn(comment).map((code) => ({ name, ...moduleOf(code) }))
  );
  assert(examples.length >= 15, `${examples.length} examples`);
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "tessera-docs-test-" }));
  try {
    for (const [index, { name, text, values }] of examples.entries()) {
      const file = join(folder, `${index}.ts`);
      await Deno.writeTextFile(file, text);
      const { results } = await import(`file://${file}`);
      assertEquals(results.length - 1, values.length, name);
      values.forEach((value, at) => assertValue(results[at + 1], value, `${name}, value ${at}`));
    }
    // Types, too: what is copied from a hover must not be underlined.
    const checked = await new Deno.Command(program("deno"), {
      args: ["check", "--quiet", "--config", join(root, "deno.json"), folder],
      env: { NO_COLOR: "1" },
    }).output();
    assert(checked.success, new TextDecoder().decode(checked.stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
