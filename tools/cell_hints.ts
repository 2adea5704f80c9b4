/** What to do about a problem in a cell, for those who are new to TypeScript. */
import { join } from "node:path";
import { root } from "./command.ts";
import { type Notebook, textOf } from "./notebooks.ts";
import { hintForPythonMethod, hintForPythonName } from "./python_habits.ts";

/** For code that is no TypeScript; `message` is the parser's. */
export function hintForSyntax(message: string): string | undefined {
  if (message.includes("got '<eof>'")) {
    return "A bracket that is opened in this cell is not closed in it.";
  }
  if (message.startsWith("Return statement")) {
    return "A cell shows the value of its last line; return belongs into a function.";
  }
}

/** Where a problem of types was found. */
interface Found {
  source: string;
  /** The notebook and its cell (from 1), where cells further down may be named by their numbers. */
  place?: { notebook: Notebook; cell: number };
}

const promiseHint = "This is a promise, a value that comes later: await stands before it.";
const operatorHint = "Tensors have no operators: tf.add(a, b), tf.sub, tf.mul, tf.div, tf.matMul.";
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
    case "2339":
    case "2550":
    case "2551": {
      const method = /Property '(\w+)' does not exist/.exec(message)?.[1] ?? "";
      if (/type 'Promise</.test(message)) return promiseHint;
      return hintForPythonMethod(method) ??
        (method === "len" ? hintForPythonName("len") : undefined);
    }
    case "2345":
    case "2488":
      return /type 'Promise</i.test(message) ? promiseHint : undefined;
    case "7053":
      if (/type 'Promise</.test(message)) return promiseHint;
      if (!/type '(Tensor|Scalar|Variable)\b/.test(message)) return;
      return "A tensor has x.gather(i), x.slice([1], [2]), and (await x.array())[i] for its numbers.";
    case "2362":
    case "2363":
      return operatorHint; // the message names no types: what is no number is most often a tensor
    case "2554":
      if (/\bprint\(/.test(found.source)) return hintForPythonName("print");
      return;
    case "7006":
    case "7031":
      return "Say what it is, for example x: number or x: tf.Tensor.";
    case "2365":
      return /'(Tensor|Scalar|Variable)\b/.test(message) ? operatorHint : undefined;
    case "2531":
    case "2532":
    case "18047":
    case "18048":
      return "Ask first (if …); or put ! behind it where you are sure that it is there.";
  }
}

async function hintForName(name: string, { place, source }: Found): Promise<string | undefined> {
  if (name === "tf") return `Import it in a cell above: ${tfImport}`;
  if ((await libraryNames()).has(name)) {
    return `It is in the course's library: import { ${name} } from "tessera";`;
  }
  const declaration = new RegExp(
    `^(?:export )?(?:const|let|var|async function|function|class|interface|type) ${name}\\b`,
    "m",
  );
  const declares =
    place?.notebook.cells.findIndex((each, index) =>
      index >= place.cell && each.cell_type === "code" && declaration.test(textOf(each))
    ) ?? -1;
  if (declares >= 0) return `Cell ${declares + 1} makes it, further down: cells run from the top.`;
  return hintForPythonName(name, source);
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
