/** Every row of docs/from_python.md gives what it says, and what PyTorch and NumPy give. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { fromPython } from "tessera";
import { pythonCalls } from "../../lib/display/from_python.ts";
import { root } from "../../tools/command.ts";
import * as tf from "@tensorflow/tfjs";
import reference from "../reference/from_python.json" with { type: "json" };

const page = await Deno.readTextFile(join(root, "docs", "from_python.md"));
const rows = pythonCalls(page);
const [, start] = /^```ts\n([\s\S]*?)^```/m.exec(page)!;

/** A result as JSON has it. */
async function plain(value: unknown): Promise<unknown> {
  if (value instanceof tf.Tensor) return await value.array();
  return Array.isArray(value) ? await Promise.all(value.map(plain)) : value;
}

/** Compares numbers by `within`, all else exactly. */
function assertAlike(actual: unknown, expected: unknown, within: number, message: string): void {
  if (Array.isArray(expected)) {
    assert(Array.isArray(actual) && actual.length === expected.length, message);
    expected.forEach((each, index) =>
      assertAlike((actual as unknown[])[index], each, within, message)
    );
  } else if (typeof expected === "number") {
    assertAlmostEquals(actual as number, expected, within, message);
  } else assertEquals(actual, expected, message);
}

Deno.test("each row of docs/from_python.md gives what it says, and what Python gives", async () => {
  const file = await Deno.makeTempFile({ prefix: "tessera-docs-test-", suffix: ".ts" });
  try {
    const results = rows.map(({ typescript }) => `async () => ${typescript},\n`).join("");
    await Deno.writeTextFile(file, `${start}\nexport const results = [\n${results}];\n`);
    const { results: computed } = await import(`file://${file}`);
    for (const [index, { python, typescript, gives }] of rows.entries()) {
      const value = await plain(await computed[index]());
      assertAlike(value, JSON.parse(gives), 1e-4, `${typescript} gives ${JSON.stringify(value)}`);
      const there = (reference as Record<string, unknown>)[python];
      assert(there !== undefined, `from_python.json lacks ${python}`);
      assertAlike(value, there, 1e-4, `${python} gives ${JSON.stringify(there)}`);
    }
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("every row of the page is one that is run, and there are fifty or more", () => {
  const lines = page.split("\n").filter((line) => /^\| `/.test(line));
  assertEquals(rows.length, lines.length);
  assert(rows.length >= 50);
  assertEquals(Object.keys(reference).sort(), rows.map(({ python }) => python).sort());
});

Deno.test("fromPython shows the calls that have a word, and says where none has it", () => {
  const text = fromPython("split").toString();
  assert(text.includes("tf.split(six, 3)") && !text.includes("tf.matMul"));
  assertEquals(fromPython().toString().split("\n").length, rows.length + 2);
  assertThrows(() => fromPython("backward"), RangeError, 'no call has "backward"');
});
