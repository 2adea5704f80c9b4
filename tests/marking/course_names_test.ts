/** A check's cell as it is run in grading: what the course imports is taken from what the door has kept. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { captured, root } from "../../tools/command.ts";

async function called(name: string, ...inputs: unknown[]): Promise<string> {
  const driver = `
import json, sys
from tessera_grading.course_names import ${name}
print(json.dumps(${name}(*json.loads(sys.argv[1]))), end="")
`;
  const { stdout, stderr } = await captured(
    "python",
    ["-c", driver, JSON.stringify(inputs)],
    { env: { PYTHONPATH: join(root, "python") } },
  );
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout);
}

Deno.test("Names of the course are taken from its modules, but for imports, members and own ones", async () => {
  const code = [
    'import { check } from "tessera";',
    "const { epochs } = config, sizes = 3;",
    "await check(Part, { quick, sizes, tf: tf.ones([2]), of: (epochs: number) => epochs });",
    "config.check = `${quick}`;",
  ].join("\n");
  const found = await called("with_course_names", code, {
    ...{ check: ["tessera", "check"], quick: ["tessera", "isQuick"], sizes: ["./a.ts", "sizes"] },
    ...{ tf: ["@tensorflow/tfjs", "*"], epochs: ["tessera", "epochs"] },
  });
  const kept = (module: string) => `__tessera.kept["${module}"]`;
  assertEquals(found.split("\n"), [
    'import { check } from "tessera";',
    "const { epochs } = config, sizes = 3;",
    `await ${kept("tessera")}.check(Part, { quick: ${kept("tessera")}.isQuick, sizes, tf: ${
      kept("@tensorflow/tfjs")
    }.ones([2]), of: (epochs: number) => epochs });`,
    `config.check = \`\${${kept("tessera")}.isQuick}\`;`,
  ]);
});

Deno.test("What is shown of such code is what was written, as V8 writes it in errors too", async () => {
  const shown: Record<string, string> = {
    '__tessera.restoreBuiltIns();await __tessera.kept["tessera"].check(Part)': "await check(Part)",
    "TypeError: __tessera.kept.tessera.checkFoo is not a function":
      "TypeError: checkFoo is not a function",
    "TypeError: __tessera.kept.@tensorflow/tfjs.foo is not a function":
      "TypeError: tf.foo is not a function",
    "TypeError: __tessera.kept../own.ts.sizes.at is not a function":
      "TypeError: sizes.at is not a function",
    'run(__tessera.kept["@tensorflow/tfjs"], __tessera.kept["@tensorflow/tfjs"].ones([2]))':
      "run(tf, tf.ones([2]))",
    "tessera.kept as it is": "tessera.kept as it is",
  };
  for (const [text, written] of Object.entries(shown)) {
    assertEquals(await called("without_keeping", text), written);
  }
});
