import { assertEquals, assertThrows } from "@std/assert";
import { ByteTensor } from "../../lib/tensor/bytes.ts";
import { compile } from "../../lib/tensor/compile.ts";
import { nativeBackend } from "../../lib/tensor/native.ts";
import * as tf from "../../lib/tensor/tf.ts";

const data = Uint8Array.from({ length: 24 }, (_, index) => index * 10);

Deno.test("ByteTensor.gather gives the rows at the indices as float32", () => {
  const bytes = new ByteTensor(data, [4, 2, 3]);
  const rows = bytes.gather(tf.tensor1d([3, 0, 3], "int32"));
  assertEquals([rows.dtype, rows.shape], ["float32", [3, 2, 3]]);
  const expected = [3, 0, 3].flatMap((row) => [...data.subarray(row * 6, row * 6 + 6)]);
  assertEquals([...rows.dataSync()], expected);
});

Deno.test("ByteTensor.gather is part of a compiled step", async () => {
  const bytes = new ByteTensor(data, [4, 6]);
  const step = compile((indices: tf.Tensor1D) => tf.sum(bytes.gather(indices)));
  for (const index of [0, 1, 2]) {
    const total = await step(tf.tensor1d([index], "int32"));
    assertEquals(
      total.dataSync()[0],
      data.subarray(index * 6, index * 6 + 6).reduce((a, b) => a + b),
    );
  }
  assertEquals(step.reports()[0].mode, "compiled");
});

Deno.test("ByteTensor refuses bytes that do not fit the shape", () => {
  assertThrows(
    () => new ByteTensor(data, [5, 5]),
    RangeError,
    "[5,5] needs 25 bytes; 24 were given",
  );
});

Deno.test("ByteTensor.dispose frees the device's copy", () => {
  const binding = nativeBackend()!.binding;
  const before = binding.getNumOfTensors();
  new ByteTensor(data, [24]).dispose();
  assertEquals(binding.getNumOfTensors(), before);
});
