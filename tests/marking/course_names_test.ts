/** A check's cell as it is run in grading: what the course imports is taken from what the door has kept. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { captured, root } from "../../tools/command.ts";

const driver = `
import json, sys
from tessera_grading.course_names import with_course_names
code, names = json.loads(sys.argv[1])
print(json.dumps(with_course_names(code, names)), end="")
`;

async function rewritten(code: string, names: Record<string, [string, string]>): Promise<string> {
  const { stdout, stderr } = await captured(
    "python",
    ["-c", driver, JSON.stringify([code, names])],
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
  const found = await rewritten(code, {
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
