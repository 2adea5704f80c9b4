import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { run } from "./subprocess.ts";

/** What a notebook does: a gradient through a convolution and a gather, and an op of its own kind. */
const work = `
  import * as tf from "@tensorflow/tfjs-node-gpu";
  import { backendReport } from "./lib/tensor/tf.ts";
  await import("@tensorflow/tfjs");
  const images = tf.reshape(tf.range(0, 32), [1, 4, 4, 2]);
  const loss = (filter) => tf.sum(tf.square(tf.conv2d(images, filter, 1, "same")));
  const rows = (table) => tf.sum(tf.square(tf.gather(table, tf.tensor1d([1, 1], "int32"))));
  const [first] = await tf.grad(loss)(tf.ones([3, 3, 2, 2])).data();
  const table = await tf.grad(rows)(tf.ones([3, 2])).data();
  const product = await tf.einsum("ij,kj->ik", tf.ones([2, 3]), tf.ones([1, 3])).data();
  console.log(JSON.stringify({ ...backendReport, backend: tf.getBackend(), first, table: [...table],
    product: [...product] }));
`;
const expected = { first: 48480, table: [0, 0, 4, 4, 0, 0], product: [3, 3] };
const nowhere = { TESSERA_TENSORFLOW: "/nowhere/tensorflow" };

/** What the process said, and the warning that it gave; the values must be right on every backend. */
async function workOn(environment: Record<string, string>) {
  const { code, output, errors } = await run(work, environment);
  assertEquals(code, 0, errors);
  const { first, table, product, ...report } = JSON.parse(output);
  assertEquals({ first, table, product }, expected);
  return { report, warning: errors };
}

Deno.test("chooseBackend: native TensorFlow where it is there, without a word", async () => {
  const { report, warning } = await workOn({});
  assertEquals([report.kind, report.backend, report.reason], ["native", "tensorflow", ""]);
  assertMatch(report.version, /^TensorFlow 2\.\d+\.\d+$/);
  assertEquals(warning, "");
});

Deno.test("chooseBackend: WASM where TensorFlow is missing, said once with reason and remedy", async () => {
  const { report, warning } = await workOn(nowhere);
  assertEquals([report.kind, report.backend], ["wasm", "wasm"]);
  const lines = warning.split("\n");
  assertEquals(lines.length, 1, warning);
  assertStringIncludes(lines[0], "(WASM), many times slower than native TensorFlow");
  assertStringIncludes(
    lines[0],
    "no TensorFlow library in TESSERA_TENSORFLOW (/nowhere/tensorflow)",
  );
  assertStringIncludes(lines[0], "./tessera doctor");
});

Deno.test("compile replays a step's kernels on WASM", async () => {
  const { output, errors } = await run(
    `
    import * as tf from "@tensorflow/tfjs";
    import { compile } from "./lib/tensor/compile.ts";
    const double = compile((x) => tf.mul(x, 2));
    const results = [];
    for (const value of [3, 4]) results.push((await double(tf.scalar(value))).dataSync()[0]);
    const [{ mode, reason }, ...others] = double.reports();
    console.log(JSON.stringify({ results, mode, reason, others }));
  `,
    { TESSERA_BACKEND: "wasm" },
  );
  assertEquals(JSON.parse(output || errors), {
    results: [6, 8],
    mode: "compiled",
    reason: "",
    others: [],
  });
});

Deno.test("chooseBackend: TESSERA_BACKEND takes a rung of the ladder by name", async () => {
  const rungs = [["wasm", "wasm"], ["javascript", "cpu"], ["native", "tensorflow"]];
  for (const [name, backend] of rungs) {
    const { report, warning } = await workOn({ TESSERA_BACKEND: name });
    assertEquals([report.kind, report.backend], [name, backend]);
    if (name !== "native") assertStringIncludes(warning, `TESSERA_BACKEND=${name} asks for it`);
  }
});

const refused: [environment: Record<string, string>, message: string][] = [
  [{ TESSERA_BACKEND: "fast" }, 'TESSERA_BACKEND is "fast"; it must be native, wasm or javascript'],
  [{ TESSERA_BACKEND: "native", ...nowhere }, "no TensorFlow library in TESSERA_TENSORFLOW"],
  [{ TESSERA_THREADS: "many" }, 'TESSERA_THREADS is "many"'],
  [{ TESSERA_DEVICE: "tpu" }, 'TESSERA_DEVICE is "tpu"; it must be "cpu" or "gpu"'],
  [{ TESSERA_FUSION: "of" }, 'TESSERA_FUSION is "of", must be "on", "off" or "all"'],
  [{ TESSERA_DEVICE: "gpu", ...nowhere }, "no TensorFlow library in TESSERA_TENSORFLOW"],
];
for (const [environment, message] of refused) {
  const settings = Object.entries(environment).map((entry) => entry.join("=")).join(" ");
  Deno.test(`chooseBackend: ${settings} is an error, not a slower backend`, async () => {
    const { code, errors } = await run(`import "@tensorflow/tfjs";`, environment);
    assertEquals(code, 1);
    assertStringIncludes(errors, message);
  });
}
