import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { cutmix, mixup } from "../../lib/augmentations/mixup.ts";
import { Random } from "../../lib/random.ts";
import { checkedIndices } from "../../lib/tensor/checked_indices.ts";
import { compile } from "../../lib/tensor/compile.ts";
import { nativeBackend } from "../../lib/tensor/native.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { crossEntropy } from "../../lib/training/losses.ts";
import { flatValues } from "./compiled.ts";

const labels = (...values: number[]) => tf.tensor1d(values, "int32");

/** Runs `body` on native TensorFlow and on plain JavaScript. */
async function everywhere(body: () => void | Promise<void>): Promise<void> {
  for (const name of ["tensorflow", "cpu"]) {
    await tf.setBackend(name);
    try {
      await body();
    } finally {
      await tf.setBackend("tensorflow");
    }
  }
}

Deno.test("checkedIndices gives what is in range, and names what is not", () =>
  everywhere(() => {
    const before = tf.memory().numTensors;
    const [given, wrong] = [labels(0, 4, 2), labels(1, 5)];
    const checked = checkedIndices(given, 5, "token");
    assertEquals([flatValues(checked), checked.dtype], [[0, 4, 2], "int32"]);
    assertThrows(
      () => checkedIndices(wrong, 5, "token"),
      RangeError,
      "token 5 is not among 0 to 4",
    );
    assertThrows(() => checkedIndices(labels(-1), 5, "token"), RangeError, "token -1");
    tf.dispose([given, wrong, checked]);
    assertEquals(tf.memory().numTensors, before + 1);
  }));

Deno.test("checkedIndices runs on the processor, whatever the device", () => {
  const { binding } = nativeBackend()!;
  const { run } = binding;
  const devices: unknown[] = [];
  binding.run = (name, attributes, ...rest) => {
    devices.push(...attributes.flatMap(({ type, value }) => type === 100 ? [name, value] : []));
    return run.call(binding, name, attributes, ...rest);
  };
  try {
    checkedIndices(labels(1), 3, "label");
  } finally {
    binding.run = run;
  }
  assertEquals(devices, ["GatherV2", "/device:CPU:0"]);
});

Deno.test("a compiled step names the label that is none of the classes, and goes on", async () => {
  const logits = tf.variable(tf.zeros([2, 3]));
  const step = compile((given: tf.Tensor1D) => crossEntropy(logits as tf.Tensor2D, given), {
    name: "my step",
  });
  await step(labels(0, 2));
  assertEquals(step.reports()[0].mode, "compiled");
  for (const wrong of [3, -1]) {
    const error = await assertRejects(() => step(labels(0, wrong)), RangeError);
    assertEquals(error.message, `my step: label ${wrong} is not among 0 to 2`);
  }
  assertEquals((await step(labels(1, 1))).shape, []);
});

Deno.test("losses, Mixup and CutMix throw for a label that is none of the classes", () =>
  everywhere(() => {
    const images = tf.ones<tf.Rank.R4>([2, 4, 4, 1]), random = new Random(1);
    const uses: ((given: tf.Tensor1D) => unknown)[] = [
      (given) => crossEntropy(tf.zeros([2, 3]), given),
      (given) => crossEntropy(tf.zeros([2, 3]), given, { labelSmoothing: 0.1 }),
      (given) => mixup({ classes: 3 })({ images, labels: given }, random),
      (given) => cutmix({ classes: 3 })({ images, labels: given }, random),
    ];
    for (const use of uses) {
      use(labels(0, 2));
      for (const wrong of [3, -1]) {
        const message = `label ${wrong} is not among 0 to 2`;
        assertThrows(() => use(labels(wrong, 1)), RangeError, message);
      }
    }
  }));

Deno.test("tf.gather reads no value back where all is well", () => {
  const { binding } = nativeBackend()!;
  const { values } = binding;
  let reads = 0;
  binding.values = (handle) => {
    reads++;
    return values.call(binding, handle);
  };
  try {
    tf.gather(tf.tensor2d([[1], [2]]), labels(1, 0));
  } finally {
    binding.values = values;
  }
  assertEquals(reads, 0);
});
