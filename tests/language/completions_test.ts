/** Which names are offered, and what stays out of sight. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import * as tfjs from "tfjs";
import { type CompletionItem, CompletionItemKind } from "vscode-languageserver-types";
import { beginningWith, fitting, isInPackageName } from "../../language/completions.ts";
import hidden from "../../python/tessera_kernel/hidden_names.json" with { type: "json" };
import { root } from "../../tools/command.ts";

const names = (labels: string[], before: string, more: Partial<CompletionItem> = {}) =>
  fitting(labels.map((label) => ({ label, ...more })), {
    ...{ before, namespaces: new Set(["tf"]), inImport: false },
  }).map(({ label }) => label);

Deno.test("fitting: no machinery, wherever it stands", () => {
  assertEquals(names(["abs", "Abs", "AbsInputs", "engine", "_FusedMatMul", "Tensor"], "tf."), [
    "abs",
    "Tensor",
  ]);
  assertEquals(names(["Abs", "__defineGetter__", "__private"], "mine."), ["Abs"]);
  assertEquals(names(["__private"], "mine._"), ["__private"]);
  assertEquals(names(["shape", "scopeId", "kerasMask?"], "x."), ["shape"]);
  assertEquals(
    fitting([{ label: "substr", tags: [1] }], {
      ...{ before: "s.", namespaces: new Set<string>(), inImport: false },
    }),
    [],
  );
});

Deno.test("fitting: of what every program knows, what notebooks know", () => {
  const global = { sortText: "15", kind: CompletionItemKind.Variable };
  assertEquals(names(["Math", "HTMLElement", "Deno", "undefined", "console"], "", global), [
    ...["Math", "Deno", "undefined", "console"],
  ]);
  assertEquals(
    names(["Record", "HTMLElementTagNameMap"], "", {
      sortText: "15",
      kind: CompletionItemKind.Interface,
    }),
    [
      "Record",
    ],
  );
  assertEquals(names(["const"], "", { sortText: "15", kind: CompletionItemKind.Keyword }), [
    "const",
  ]);
});

Deno.test("beginningWith: what goes on from what is typed, and not that itself", () => {
  const items = ["Trainer", "train", "tr", "string"].map((label) => ({ label }));
  assertEquals(beginningWith("tr", items).map(({ label }) => label), ["Trainer", "train"]);
});

Deno.test("isInPackageName: no registry is asked while one types", () => {
  assert(isInPackageName('import { a } from "npm:lod'));
  assert(isInPackageName("await import('jsr:@std/"));
  assert(!isInPackageName('import { a } from "tess'));
  assert(!isInPackageName('import { a } from "npm:lodash"; a.'));
});

Deno.test("the names that are hidden are TensorFlow.js's own, and none that its pages describe", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", join(root, "lib", "tensor", "tf.ts")],
    cwd: root,
  }).output();
  assertEquals(code, 0);
  const { npmPackages } = JSON.parse(new TextDecoder().decode(stdout)) as {
    npmPackages: Record<string, { name: string; version: string }>;
  };
  const core = Object.values(npmPackages).find(({ name }) => name === "@tensorflow/tfjs-core")!;
  const cache = join(Deno.env.get("DENO_DIR")!, "npm");
  const [registry] = [...Deno.readDirSync(cache)].filter((each) => each.isDirectory);
  const dist = join(cache, registry.name, core.name, core.version, "dist");
  const kernels = [
    ...Deno.readTextFileSync(join(dist, "kernel_names.d.ts"))
      .matchAll(/^export declare const (\w+)/gm),
  ].map(([, name]) => name);
  assertEquals(new Set(hidden.kernels), new Set(kernels));
  const known = new Set(Object.keys(tfjs));
  assertEquals(hidden.modules.filter((name) => !known.has(name)), []);
  const tensor = Deno.readTextFileSync(join(dist, "tensor.d.ts"));
  assertEquals(hidden.tensors.filter((name) => !new RegExp(`\\b${name}\\b`).test(tensor)), []);
  for (const name of ["add", "Tensor", "variable", "layers", "train", "tidy"]) {
    assert(!hidden.modules.includes(name), name);
  }
});
