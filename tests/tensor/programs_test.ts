/** The examination of random programs, of which `./tessera specs programs` runs thousands. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Recorder } from "../../lib/tensor/recorder.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { programOf } from "../programs/program.ts";
import { run } from "./subprocess.ts";
import { examine, runPrograms } from "../programs/run.ts";
import { withWarnings } from "./compiled.ts";

const own = tf.getBackend();

Deno.test("programOf gives the same program for the same seed, another for another", () => {
  assertEquals(programOf(12).text, programOf(12).text);
  assertEquals(new Set([1, 2, 3, 4, 5].map((seed) => programOf(seed).text)).size, 5);
});

Deno.test("programs agree eagerly, compiled and on plain JavaScript", async () => {
  const lines: string[] = [];
  assertEquals(
    await runPrograms({ count: 5, seed: 20, print: (line) => lines.push(line) }),
    0,
    lines.join("\n"),
  );
  assertMatch(lines[0], /^5 of 5 programs agree/);
  assertEquals(tf.getBackend(), own);
});

Deno.test("programs agree on WASM too, eagerly and compiled", async () => {
  const { output, errors } = await run(
    `
    import { runPrograms } from "./tests/programs/run.ts";
    await runPrograms({ count: 5, seed: 70, print: (line) => console.log(line) });
  `,
    { TESSERA_BACKEND: "wasm" },
  );
  assertMatch(output, /^5 of 5 programs agree .* 0 of them without being compiled/m, errors);
});

Deno.test({
  name: "a program whose record is wrong is found, and said with its text",
  ignore: own !== "tensorflow", // whose record this is
  fn: async () => {
    const { executed } = Recorder.prototype;
    Recorder.prototype.executed = function (name, ...rest) {
      executed.call(this, name === "Tanh" ? "Sinh" : name, ...rest);
    };
    try {
      const lines: string[] = [];
      await withWarnings(async () => {
        assertEquals(
          await runPrograms({ count: 1, seed: 3, print: (line) => lines.push(line) }),
          1,
        );
      });
      assertMatch(
        lines[0],
        /^FAILED program 3\n +inputs .*[^]*stays eager: compiled and eager results/,
      );
    } finally {
      Recorder.prototype.executed = executed;
    }
  },
});

Deno.test("a kernel of plain JavaScript that is wrong is found", async () => {
  const kernel = tf.getKernel("Tanh", "cpu");
  tf.unregisterKernel("Tanh", "cpu");
  tf.registerKernel({ ...kernel, kernelFunc: tf.getKernel("Atan", "cpu").kernelFunc });
  try {
    const { problems } = await examine(programOf(3));
    assertEquals(problems.length, 1);
    assertMatch(problems[0], /^eager and plain JavaScript: value 0 by/);
  } finally {
    tf.unregisterKernel("Tanh", "cpu");
    tf.registerKernel(kernel);
  }
});

Deno.test("average pooling's gradient at an edge is right on plain JavaScript", async () => {
  await tf.setBackend("cpu");
  try {
    const weights = tf.tensor4d([1, 10, 100, 1000], [1, 2, 2, 1]);
    const gradient = tf.grad((x: tf.Tensor) =>
      tf.sum(tf.mul(tf.avgPool(x as tf.Tensor4D, 2, 2, "same"), weights))
    )(tf.ones([1, 3, 3, 1]));
    // Windows of four values, of two at the edges, of one in the corner.
    const expected = [[0.25, 0.25, 5], [0.25, 0.25, 5], [50, 50, 1000]].flat();
    const worst = Math.max(...gradient.dataSync().map((each, at) => Math.abs(each - expected[at])));
    assert(worst < 1e-3, `${gradient.dataSync()}`);
  } finally {
    await tf.setBackend(own);
  }
});
