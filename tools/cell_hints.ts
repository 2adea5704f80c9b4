/** What to do about a problem in a cell, for those who are new to TypeScript. */
import { join } from "node:path";
import habits from "../python/tessera_kernel/habits.json" with { type: "json" };
import { root } from "./command.ts";
import { type Notebook, textOf } from "./notebooks.ts";

/** What those who know Python write; the kernel says the same where a cell fails. */
const words: Record<string, string> = habits.words;

/** For a line that is no TypeScript; `message` is the parser's. */
export function hintForSyntax(message: string, line: string): string | undefined {
  const habit = habits.lines.find(({ pattern }) => new RegExp(pattern).test(line));
  if (habit) return habit.hint;
  if (message.includes("got '<eof>'")) {
    return "A bracket that is opened in this cell is not closed in it.";
  }
  if (message.startsWith("Return statement")) {
    return "A cell shows the value of its last line; return belongs into a function.";
  }
}

/** Where a problem of types was found. */
interface Found {
  notebook: Notebook;
  cell: number;
  source: string;
}

const tfImport = 'import * as tf from "@tensorflow/tfjs";';

/** For what TypeScript says about a cell: `code` as in TS2304. */
export async function hintForType(
  code: string,
  message: string,
  found: Found,
): Promise<string | undefined> {
  switch (code) {
    case "2304":
    case "2503":
    case "2552":
      return await hintForName(/'([^']+)'/.exec(message)?.[1] ?? "", found) ??
        (code === "2552"
          ? undefined
          : "Make it by const or let, or import it, here or in a cell above.");
    case "2305":
      if (/member 'tf'/.test(message)) return `Write ${tfImport}`;
      return;
    case "2307":
      if (!message.includes("not a dependency")) return;
      return 'Cells import from "tessera" and "@tensorflow/tfjs"; another package is "npm:NAME".';
    case "2554":
      if (/\bprint\(/.test(found.source)) return words.print;
      return;
    case "7006":
    case "7031":
      return "Say what it is, for example x: number or x: tf.Tensor.";
    case "2365":
      if (!/'(Tensor|Scalar|Variable)\b/.test(message)) return;
      return "Tensors have no operators: tf.add(a, b), tf.sub, tf.mul, tf.div, tf.matMul.";
    case "2531":
    case "2532":
    case "18047":
    case "18048":
      return "Ask first (if …); or put ! behind it where you are sure that it is there.";
  }
}

async function hintForName(name: string, { notebook, cell }: Found): Promise<string | undefined> {
  if (name === "tf") return `Import it in a cell above: ${tfImport}`;
  if ((await libraryNames()).has(name)) {
    return `It is in the course's library: import { ${name} } from "tessera";`;
  }
  const declaration = new RegExp(
    `^(?:export )?(?:const|let|var|async function|function|class|interface|type) ${name}\\b`,
    "m",
  );
  const declares = notebook.cells.findIndex((each, index) =>
    index >= cell && each.cell_type === "code" && declaration.test(textOf(each))
  );
  if (declares >= 0) return `Cell ${declares + 1} makes it, further down: cells run from the top.`;
  if (Object.hasOwn(words, name)) return words[name];
}

let names: Promise<Set<string>> | undefined;

/** All that `lib/mod.ts` exports. */
function libraryNames(): Promise<Set<string>> {
  return names ??= (async () => {
    const read = (path: string) => Deno.readTextFile(join(root, "lib", path));
    const door = await read("mod.ts");
    const lists = [...door.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].map(([, list]) => list);
    const found = lists.flatMap((list) => list.match(/\w+(?=\s*(?:,|$))/g) ?? []);
    for (const [, path] of door.matchAll(/^export \* from "\.\/([^"]+)"/gm)) {
      const declarations = /^export (?:async )?(?:const|function|class|interface|type) (\w+)/gm;
      for (const [, name] of (await read(path)).matchAll(declarations)) found.push(name);
    }
    return new Set(found);
  })();
}
