/** Holds the import table: who in `lib` may import whom, and through which door others come in. */
import { assertEquals } from "@std/assert";
import { dirname, join, normalize, relative } from "node:path";
import { moduleOf } from "../tools/cells.ts";
import { root } from "../tools/command.ts";
import { notebooksIn, readNotebook } from "../tools/notebooks.ts";

/** For each part of `lib` the other parts and single files that it may import. */
const allowed: Record<string, string[]> = {
  platform: [],
  tensor: [],
  display: ["tensor"],
  random: ["tensor"],
  nn: ["tensor", "random"],
  models: ["nn", "tensor", "random"],
  datasets: ["tensor", "random"],
  augmentations: ["tensor", "random", "datasets/dataset"],
  training: [
    ...["tensor", "random", "display"],
    ...["nn/module", "datasets/dataset", "augmentations/transform"],
  ],
  exercises: ["models", "nn", "tensor", "random", "display"],
  last_values: ["nn", "datasets", "training", "display"],
};

/** For each folder of `lib/exercises`, the engine and the topics, the other folders that it may import. */
const allowedInExercises: Record<string, string[]> = {
  engine: [],
  tensors: ["engine"],
  training: ["engine"],
  convolution: ["engine"],
  residual: ["engine", "convolution"],
  attention: ["engine"],
  transformer: ["engine", "attention"],
  vision_transformer: ["engine", "attention", "transformer"],
  grid: ["engine", "attention", "transformer", "vision_transformer"],
  cross_attention: ["engine", "attention"],
  variants: ["engine", "residual", "transformer"],
};

/** Packages that one part alone may know, by how the import begins. */
const packagesOfOnePart: Record<string, string> = {
  "tfjs": "tensor",
  "@tensorflow/": "tensor",
  "npm:@tensorflow/": "tensor",
  "plotly": "display",
};

/**
 * The native half of the tensors: TensorFlow's C library by Deno's foreign functions, and the system's ways of
 * loading it. No browser gets these files.
 */
const native = [
  ...["attributes", "binding", "c_api"],
  ...[
    "cards",
    "follow",
    "loopback",
    "machines",
    "network",
    "rendezvous",
    "tensor_bytes",
    "worker",
    "worker_link",
    "worker_process",
  ].map((name) => `cluster/${name}`),
  ...["determinism", "dynamic_loader", "fusion/fusion"],
  ...[
    ...["code_memory", "compile_process", "compiler", "compiler_process", "driver"],
    ...["fused_kernels", "kernel_maker", "kernel_op", "kernel_store", "process_limits"],
    "processor",
  ].map((name) => `fusion/llvm/${name}`),
  ...["graph_function", "graphics_card", "leave", "native"],
  ...[
    "node_utilities",
    "op_definitions",
    "own_program",
    "polite_threads",
    "precision_switch",
    "processor",
    "quiet_load",
    "runtime",
    "saved_models",
    "tensor_memory",
  ],
].map((name) => `tensor/${name}.ts`);

/** What a file of `lib` names of one platform, by the text of its code: Deno's own, and Node's modules. */
function platformNames(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
  return code.match(/\bDeno\.\w+|["']node:\w+["']|\bimport\.meta\.(resolve|dirname|filename)/g) ??
    [];
}

/** An import of one file, as written. */
interface Import {
  from: string;
  typeOnly: boolean;
}

/** The modules that a file imports or exports from, in order; those in comments do not count. */
function importsOf(text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const statement =
    /^(?:import|export)\s+(type\s)?[^"';]*?from\s*["']([^"']+)["']|^import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;
  return [...code.matchAll(statement)].map(([, type, from, bare, dynamic]) => ({
    from: from ?? bare ?? dynamic,
    typeOnly: type !== undefined,
  }));
}

/** `nn/linear` for `nn/linear.ts`; the part is what comes before the slash. */
const nameOf = (file: string) => file.replace(/\.ts$/, "");
const partOf = (file: string) => nameOf(file).split("/")[0];

/** The imports of one file of `lib` (path from `lib`) that the table forbids. */
function violations(file: string, text: string): string[] {
  const part = partOf(file);
  if (file === "mod.ts") return [];
  if (!(part in allowed)) return [`${file}: "${part}" is not in the table`];
  return importsOf(text).map(({ from }) => from).filter((from) => {
    if (from === "tessera") return true; // parts use each other, not the notebooks' door
    const owner = Object.entries(packagesOfOnePart).find(([start]) => from.startsWith(start))?.[1];
    if (owner) return owner !== part;
    if (!from.startsWith(".")) return false;
    const target = nameOf(normalize(join(dirname(file), from)));
    if (partOf(target) === part || partOf(target) === "platform") return false; // open to all
    return !allowed[part].some((name) => name === target || name === partOf(target));
  }).map((from) => `${file} imports ${from}`);
}

Deno.test("platformNames finds code of one platform, and none in comments", () => {
  const text = `/** By Deno.readFile */
import { join } from "node:path";
const text = Deno.readTextFileSync(join(import.meta.dirname!, "a")); // Deno.cwd()
const symbol = Symbol.for("Deno.customInspect"), address = "https://deno.com"; // node:path
`;
  assertEquals(platformNames(text), [
    '"node:path"',
    "Deno.readTextFileSync",
    "import.meta.dirname",
    "Deno.customInspect",
  ]);
});

Deno.test("lib knows the platform by one door, but for the native half of the tensors", () => {
  const knowing = [...files].filter(([, text]) => platformNames(text).length > 0)
    .map(([file]) => file).filter((file) => partOf(file) !== "platform");
  assertEquals(knowing, native);
});

/** The names that a file takes from others as values, with where each comes from, as written. */
function namesTaken(text: string): [from: string, name: string][] {
  const statement = /^import\s*\{([^}]*)\}\s*from\s*"(\.[^"]+)"/gm;
  return [...text.matchAll(statement)].flatMap(([, names, from]) =>
    names.split(",").map((name) => name.trim().replace(/\s+as\s.*/, ""))
      .filter((name) => name !== "" && !name.startsWith("type "))
      .map((name) => [from, name] as [string, string])
  );
}

Deno.test("a file that takes another's place in a browser has all that is asked of it there", () => {
  const text = 'import { c, type D, e as f } from "../g.ts";\nimport type { H } from "./i.ts";\n';
  assertEquals(namesTaken(text), [["../g.ts", "c"], ["../g.ts", "e"]]);
  const inBrowser = (file: string) => {
    const other = file.replace("/", "/browser/");
    return files.has(other) ? other : file;
  };
  const lacking: string[] = [];
  const seen = new Set(["mod.ts"]);
  for (const file of seen) { // grows as files import others
    const text = files.get(file);
    if (text === undefined) continue; // no TypeScript: a table, a program
    const target = (from: string) => inBrowser(normalize(join(dirname(file), from)));
    for (const { from, typeOnly } of importsOf(text)) {
      if (from.startsWith(".") && !typeOnly) seen.add(target(from));
    }
    for (const [from, name] of namesTaken(text)) {
      const made = new RegExp(`^export\\b[^;=(]*\\b${name}\\b`, "m");
      const other = target(from);
      if (other.includes("/browser/") && !made.test(files.get(other)!)) {
        lacking.push(`${file} takes ${name} from ${other}`);
      }
    }
  }
  assertEquals(lacking, []);
});

/** The files that a program of `lib` loads, each with the packages that it imports by name. */
function packagesOfProgram(program: string): string[] {
  const found: string[] = [];
  const seen = new Set([program]);
  for (const file of seen) { // grows as files import others
    const text = files.get(file);
    if (text === undefined) continue; // no TypeScript: a table
    // What is left of an import of types alone is nothing.
    const code = text.replace(/^import\s*\{(\s*type\s[^,}]*,?)+\s*\}/gm, "import type {}");
    for (const { from, typeOnly } of importsOf(code)) {
      if (typeOnly || from.startsWith("node:")) continue;
      if (from.startsWith(".")) seen.add(normalize(join(dirname(file), from)));
      else found.push(`${file} imports ${from}`);
    }
  }
  return found;
}

Deno.test("the library's own processes start without the project's settings, thus without packages", () => {
  assertEquals(packagesOfProgram("tensor/cluster/worker.ts"), []);
  assertEquals(packagesOfProgram("tensor/fusion/llvm/compile_process.ts"), []);
  assertEquals(packagesOfProgram("tensor/native.ts").length > 0, true);
});

Deno.test("what is fused knows nothing of how a back end writes kernels", () => {
  const door = "tensor/fusion/fusion.ts";
  const knowing = [...files].filter(([file]) => dirname(file) === dirname(door))
    .filter(([, text]) => importsOf(text).some(({ from }) => from.startsWith("./llvm/")));
  assertEquals(knowing.map(([file]) => file), [door]);
});

function typeScriptFiles(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    return isDirectory ? typeScriptFiles(path) : name.endsWith(".ts") ? [path] : [];
  }).sort();
}

const lib = join(root, "lib");
const files = new Map(
  typeScriptFiles(lib).map((path) => [relative(lib, path), Deno.readTextFileSync(path)]),
);

Deno.test("violations names what the table forbids and nothing else", () => {
  const text = `/** import { a } from "../models/resnet.ts" is only a comment. */
import * as tf from "../tensor/tf.ts";
import { Module } from "../nn/module.ts";
import {
  Linear,
} from "../nn/linear.ts";
import type { MnistOptions } from "../datasets/mnist.ts";
export * from "tfjs";
const late = await import("../models/resnet.ts");
import "tessera";
import { join } from "node:path";
`;
  assertEquals(violations("training/trainer.ts", text), [
    "training/trainer.ts imports ../nn/linear.ts",
    "training/trainer.ts imports ../datasets/mnist.ts",
    "training/trainer.ts imports tfjs",
    "training/trainer.ts imports ../models/resnet.ts",
    "training/trainer.ts imports tessera",
  ]);
  assertEquals(violations("engine/x.ts", ""), ['engine/x.ts: "engine" is not in the table']);
});

Deno.test("lib imports only what the table allows", () => {
  assertEquals([...files].flatMap(([file, text]) => violations(file, text)), []);
  // An empty walk would pass too.
  for (const part of Object.keys(allowed)) {
    const count = [...files.keys()].filter((file) => partOf(file) === part).length;
    assertEquals(count > 0, true, `there is no file of ${part}`);
  }
});

/** The imports of one file of `lib/exercises` (path from there) by which a folder uses one that it may not. */
function violationsInExercises(file: string, text: string): string[] {
  const folder = partOf(file);
  if (!file.includes("/")) return [`${file} lies in no folder`];
  if (!(folder in allowedInExercises)) return [`${file}: "${folder}" is not in the table`];
  return importsOf(text).map(({ from }) => from).filter((from) => {
    if (!from.startsWith(".")) return false;
    const target = normalize(join(dirname(file), from));
    if (target.startsWith("..") || partOf(target) === folder) return false;
    return !allowedInExercises[folder].includes(partOf(target));
  }).map((from) => `${file} imports ${from}`);
}

Deno.test("a check's engine knows no topic, and a topic only those that it builds on", () => {
  assertEquals(violationsInExercises("engine/a.ts", 'import { b } from "../grid/b.ts";\n'), [
    "engine/a.ts imports ../grid/b.ts",
  ]);
  assertEquals(
    violationsInExercises(
      "grid/a.ts",
      'import { b } from "../engine/b.ts";\nimport "../../random.ts";\n',
    ),
    [],
  );
  assertEquals(violationsInExercises("a.ts", ""), ["a.ts lies in no folder"]);
  const inExercises = [...files].filter(([file]) => partOf(file) === "exercises")
    .map(([file, text]) => [file.slice("exercises/".length), text] as const)
    .filter(([file]) => file !== "project.ts");
  assertEquals(inExercises.flatMap(([file, text]) => violationsInExercises(file, text)), []);
  // The tests lie as the code does.
  const folders = [...Deno.readDirSync(join(root, "tests", "exercises"))]
    .filter(({ isDirectory }) => isDirectory).map(({ name }) => name).sort();
  assertEquals(folders, Object.keys(allowedInExercises).sort());
});

Deno.test("lib has no circle of imports", () => {
  const graph = new Map([...files].map(([file, text]) => [
    nameOf(file),
    importsOf(text).filter(({ from, typeOnly }) => from.startsWith(".") && !typeOnly)
      .map(({ from }) => nameOf(normalize(join(dirname(file), from)))),
  ]));
  assertEquals(circleIn(graph), undefined);
  assertEquals(circleIn(new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]]])), ["b", "c", "b"]);
});

/** The first circle found by walking the graph, as the names on it. */
function circleIn(graph: Map<string, string[]>): string[] | undefined {
  const done = new Set<string>();
  const walk = (name: string, path: string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    done.add(name);
    for (const next of graph.get(name) ?? []) {
      const circle = walk(next, [...path, name]);
      if (circle) return circle;
    }
  };
  for (const name of graph.keys()) {
    const circle = walk(name, []);
    if (circle) return circle;
  }
}

Deno.test("notebooks and recipes import lib by its door only", async () => {
  const notebooks = notebooksIn(join(root, "notebooks"));
  const wrong: string[] = [];
  for (const path of typeScriptFiles(join(root, "recipes"))) {
    for (const { from, typeOnly } of importsOf(await Deno.readTextFile(path))) {
      if (from.includes("/lib/") && from !== "../lib/mod.ts" && !typeOnly) {
        wrong.push(`${relative(root, path)} imports ${from}`);
      }
    }
  }
  for (const path of notebooks) {
    for (const { from } of importsOf(moduleOf(await readNotebook(path), path).text)) {
      if (from.includes("/lib/")) wrong.push(`${relative(root, path)} imports ${from}`);
    }
  }
  assertEquals(wrong, []);
});
