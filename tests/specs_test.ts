/** The specs of TensorFlow.js that are kept here, and the command that runs them. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { root } from "../tools/command.ts";
import { specFiles, thirdParty } from "./tfjs_specs/suites.ts";

/** All files below a folder. */
function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(join(folder, name)) : [join(folder, name)]
  );
}

Deno.test("the specs of tfjs-layers, -data and -converter are all there, with licence and commit", () => {
  assertEquals(
    (["layers", "data", "converter"] as const).map((suite) => specFiles(suite).length),
    [72, 18, 32],
  );
  const read = (name: string) => Deno.readTextFileSync(join(thirdParty, name));
  assertStringIncludes(read("LICENSE"), "Apache License");
  assertStringIncludes(read("tfjs-layers/LICENSE"), "The MIT License");
  assertMatch(read("README.md"), /commit\s+`[0-9a-f]{40}`/);
});

Deno.test("no file from elsewhere names the host of a package registry", () => {
  const hosts = ["npmjs", "yarnpkg", "jsr", "unpkg", "jsdelivr", "pypi", "pythonhosted", "crates"]
    .flatMap((name) => ["org", "com", "io", "net"].map((domain) => `${name}.${domain}`));
  for (const file of filesIn(thirdParty)) {
    const text = Deno.readTextFileSync(file);
    assertEquals(hosts.filter((host) => text.includes(host)), [], file);
  }
});

async function specs(...args: string[]): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(join(root, "tessera"), {
    args: ["specs", ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

Deno.test("tessera specs refuses a suite that is not there, with a suggestion", async () => {
  const { code, said } = await specs("layer");
  assertEquals(code, 2);
  assertEquals(said.trim(), 'tessera: specs has no suite "layer". Did you mean "layers"?');
});

Deno.test("tessera specs runs part of a suite, and says where there is none", async () => {
  const { code, said } = await specs("data", "deepMap");
  assertEquals(code, 0, said);
  assertMatch(said, /\n(\d+) passed of \1 that pass on plain JavaScript \(100.00 %\), 0 failed/);
  const none = await specs("data", "no such spec");
  assertEquals(none.code, 1);
  assertStringIncludes(none.said, `no spec's name contains "no such spec"`);
});
