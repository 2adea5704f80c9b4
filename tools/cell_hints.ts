/** What to do about a problem in a cell, for those who are new to TypeScript. */
import { join } from "node:path";
import { root } from "./command.ts";
import {
  hintForArguments,
  hintForNewName,
  hintForPythonMethod,
  hintForPythonName,
  hintForPythonType,
} from "./python_habits.ts";

/** For code that is no TypeScript; `message` is the parser's. */
export function hintForSyntax(message: string): string | undefined {
  if (message.includes("got '<eof>'")) {
    return "A bracket that is opened in this cell is not closed in it.";
  }
  if (/^Return statement|'return' statement/.test(message)) {
    return "A cell shows the value of its last line; return belongs into a function.";
  }
}

/** Where a problem of types was found. */
export interface Found {
  /** The line. */
  line: string;
  /** What is marked in it. */
  marked: string;
  /** Where the name is declared further down, in words; undefined where it is not. */
  declaredLater?: (declaration: RegExp) => string | undefined;
}

const promiseHint = "This is a promise, a value that comes later: await stands before it.";
const operatorHint = "Tensors have no operators: tf.add(a, b), tf.sub, tf.mul, tf.div, tf.matMul.";
const numbersHint =
  "Operators are for numbers; of tensors it is tf.add(a, b), tf.sub, tf.mul, tf.div, tf.matMul.";
const tfImport = 'import * as tf from "@tensorflow/tfjs";';

/** For what TypeScript says about a cell: `code` as in TS2304. */
export async function hintForType(
  code: string,
  message: string,
  found: Found,
): Promise<string | undefined> {
  const { line, marked } = found;
  const isOfPromise = /type 'Promise</i.test(message);
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
      if (/^Cannot find module '[^']*'/.test(message)) {
        return "No such file: its path begins at the notebook's folder and ends with .ts.";
      }
      if (!message.includes("not a dependency")) return;
      return 'Cells import from "tessera" and "@tensorflow/tfjs"; another package is "npm:NAME".';
    case "2339":
    case "2550":
    case "2551": {
      const method = /Property '(\w+)' does not exist/.exec(message)?.[1] ?? "";
      if (isOfPromise) return promiseHint;
      if (/type 'Window & /.test(message) && /\bself\b/.test(line)) {
        return hintForPythonName("self");
      }
      return hintForPythonMethod(method) ??
        (method === "len" ? hintForPythonName("len") : undefined);
    }
    case "2345":
      if (isOfPromise) return promiseHint;
      if (/type 'number' is not assignable to parameter of type 'number\[\]/.test(message)) {
        return "An array stands here, such as [2, 3] for a shape.";
      }
      if (/type 'number\[\]' is not assignable to parameter of type 'number'/.test(message)) {
        return `One by one, the values of an array are ...${/^\w+$/.test(marked) ? marked : "xs"}.`;
      }
      return;
    case "2349":
      return hintForPythonMethod(marked);
    case "2488":
      if (isOfPromise) return promiseHint;
      if (/^Type '(Record<|\{)/.test(message)) {
        return "The pairs of an object are Object.entries(x), its names Object.keys(x).";
      }
      if (/^Type '[\d.]+'|^Type 'number'/.test(message)) {
        return "What counts is for (let i = 0; i < n; i++).";
      }
      return;
    case "7053":
      if (isOfPromise) return promiseHint;
      if (/type '(Tensor|Scalar|Variable)\b/.test(message)) {
        return "A tensor has x.gather(i), x.slice([1], [2]), and (await x.array())[i] for its numbers.";
      }
      if (/expression of type '("|string').*index type '\{/.test(message)) {
        return "An object that gets new names says so: const x: Record<string, number> = { };";
      }
      return;
    case "2362":
    case "2363":
      return numbersHint; // most often a tensor; the message does not say
    case "2365":
      if (message.includes("'Promise<")) return promiseHint;
      if (/'(Tensor|Scalar|Variable)\b/.test(message)) return operatorHint;
      return /\[\]' and '[^']*\[\]'/.test(message)
        ? "Arrays are put together by [...a, ...b]."
        : undefined;
    case "2554":
      return hintForArguments(line);
    case "2693":
      return hintForPythonName(marked, line);
    case "2695":
      if (/[\w)\]]\[[^\]]*,/.test(line)) return;
      return "Several values together are an array here: [a, b].";
    case "2749":
      return hintForPythonType(marked);
    case "7006":
    case "7031":
      if (marked === "self") return "A method is given no self: this is there without a word.";
      return "Say what it is, for example x: number or x: tf.Tensor.";
    case "2531":
    case "2532":
    case "18047":
    case "18048":
      return "Ask first (if …); or put ! behind it where you are sure that it is there.";
  }
}

/** Whether a problem only follows from another one in its line: what an unknown name gives has no type. */
export function isConsequence(code: string, ofLine: readonly string[]): boolean {
  const isUnknown = (each: string) => ["2304", "2552", "2339", "2551"].includes(each);
  return (code === "7006" || code === "7031") && ofLine.some(isUnknown);
}

/** A message that a hint follows, which knows better what is meant than TypeScript does. */
export const withoutSuggestion = (message: string): string =>
  message.replace(/ Did you mean '\w+'\?/, "");

async function hintForName(
  name: string,
  { line, declaredLater }: Found,
): Promise<string | undefined> {
  if (name === "tf") return `Import it in a cell above: ${tfImport}`;
  if ((await libraryNames()).has(name)) {
    return `It is in the course's library: import { ${name} } from "tessera";`;
  }
  const declaration = new RegExp(
    `^(?:export )?(?:const|let|var|async function|function|class|interface|type) ${
      escaped(name)
    }(?![\\w$])`,
    "m",
  );
  const isType = new RegExp(`[:<|]\\s*${escaped(name)}(?![\\w$(])`).test(line);
  return declaredLater?.(declaration) ?? (isType ? hintForPythonType(name) : undefined) ??
    hintForPythonName(name, line) ?? hintForNewName(name, line);
}

const escaped = (name: string) => name.replaceAll("$", "\\$");

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
