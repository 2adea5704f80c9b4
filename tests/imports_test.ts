/** What programs load: `import "tessera"` nothing that a notebook may never use, Python's nothing that nobody asks for. */
import { assert, assertEquals } from "@std/assert";
import { program, root } from "../tools/command.ts";

/** The npm packages that a program has loaded by its end; those that are modules of CommonJS, as all large ones are. */
async function loadedBy(code: string): Promise<Set<string>> {
  const told = `import { createRequire } from "node:module";\n${code}
console.log("\\n" + JSON.stringify(Object.keys(createRequire(import.meta.url).cache)));`;
  const { success, stdout, stderr } = await new Deno.Command(program("deno"), {
    args: ["eval", "--quiet", "--no-check", "--config", `${root}/deno.json`, told],
    env: { TESSERA_HEADLESS: "1", NO_COLOR: "1" },
    stdin: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const files: string[] = JSON.parse(
    new TextDecoder().decode(stdout).trim().split("\n").at(-1)!,
  );
  const name = /\/npm\/[^/]+\/((?:@[^/]+\/)?[^/]+)\//;
  return new Set(files.flatMap((file) => name.exec(file)?.[1] ?? []));
}

/** TensorFlow.js, which is one package of several; what its native half needs; and pictures. */
const needed = [
  ...["tfjs", "tfjs-core", "tfjs-layers", "tfjs-converter", "tfjs-data", "tfjs-backend-cpu"],
  ...["tfjs-backend-webgl", "tfjs-backend-wasm", "tfjs-node-gpu"],
].map((name) => `@tensorflow/${name}`).concat("long", "seedrandom", "progress", "google-protobuf")
  .concat("pngjs");

Deno.test("importing the library loads no package that a notebook may never use, such as Plotly", async () => {
  const loaded = await loadedBy('import "tessera";');
  assert(loaded.has("@tensorflow/tfjs-core"), [...loaded].join());
  assertEquals([...loaded].filter((name) => !needed.includes(name)), []);
  // The same look does see one that is loaded.
  const later = await loadedBy('import "tessera"; await import("linkedom");');
  assert(later.has("linkedom"), [...later].join());
});

Deno.test("what reads notebooks in Python does not build grammars of addresses first, for two seconds", async () => {
  const modules = ["jsonschema._format", "lark", "rfc3987_syntax"];
  const { success, stdout, stderr } = await new Deno.Command(program("python"), {
    args: [
      "-c",
      `import json, sys, nbformat, nbgrader.api, jupyter_server.serverapp
print(json.dumps([name for name in ${JSON.stringify(modules)} if name in sys.modules]))`,
    ],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), ["jsonschema._format"]);
});
