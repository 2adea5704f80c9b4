/** Tessera's own WASM program at random sizes, held to tfjs's plain JavaScript. */
import { assertEquals } from "@std/assert";
import * as tf from "tfjs";
import { startWasm } from "../../lib/tensor/wasm.ts";
import { seedFrom } from "../seeds.ts";

await startWasm();

/** Whole numbers below `limit`, the same for one seed. */
function numbersFrom(seed: number): (limit: number) => number {
  let state = seedFrom(seed) * 2654435761 >>> 0;
  return (limit) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 >>> 0;
    return (state >>> 8) % limit;
  };
}

/** Values that are exact in sums, so that their order does not matter. */
function values(shape: number[], next: (limit: number) => number): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(Float32Array.from({ length: size }, () => (next(33) - 16) / 8), shape);
}

/** Computes the same by both backends; the values, sums of exact ones, are to be equal. */
async function assertSame(
  title: string,
  compute: (x: tf.Tensor[]) => tf.Tensor,
  given: tf.Tensor[],
) {
  const copies = await Promise.all(
    given.map(async (x) => ({ data: await x.data(), shape: x.shape, dtype: x.dtype })),
  );
  const results: { shape: number[]; values: number[] }[] = [];
  for (const backend of ["wasm", "cpu"]) {
    await tf.setBackend(backend);
    const result = tf.tidy(() =>
      compute(copies.map(({ data, shape, dtype }) => tf.tensor(data, shape, dtype)))
    );
    // The sign of a zero hangs on the order of additions.
    results.push({ shape: result.shape, values: Array.from(await result.data(), (x) => x + 0) });
    result.dispose();
  }
  await tf.setBackend("wasm");
  tf.dispose(given);
  assertEquals(results[0], results[1], title);
}

Deno.test("products of matrices of random sizes, transposed or not, are plain JavaScript's", async () => {
  const next = numbersFrom(1);
  const batches: [number[], number[]][] = [
    [[], []],
    [[3], [3]],
    [[2, 2], [2, 2]],
    [[1], [4]],
    [
      [3],
      [1],
    ],
    [[1, 1], [5]],
    [[2, 1], [1, 3]],
  ];
  for (let round = 0; round < 42; round++) {
    const [left, right] = batches[round % batches.length];
    // Now and then longer than a block, and widths on both sides of a panel's.
    const [rows, columns] = [1 + next(75), 1 + next(round % 6 === 0 ? 300 : 20)];
    const inner = 1 + next(round % 5 === 0 ? 600 : 40);
    const [aTransposed, bTransposed] = [next(2) === 1, next(2) === 1];
    const a = values([...left, ...(aTransposed ? [inner, rows] : [rows, inner])], next);
    const b = values([...right, ...(bTransposed ? [columns, inner] : [inner, columns])], next);
    const title = `[${a.shape}]${aTransposed ? "ᵀ" : ""} · [${b.shape}]${bTransposed ? "ᵀ" : ""}`;
    await assertSame(title, ([a, b]) => tf.matMul(a, b, aTransposed, bTransposed), [a, b]);
  }
});

Deno.test("a product over an empty axis is zeros, and one of no rows is empty", async () => {
  const product = ([a, b]: tf.Tensor[]) => tf.matMul(a, b);
  await assertSame("no inner axis", product, [tf.zeros([2, 0]), tf.zeros([0, 3])]);
  await assertSame("no rows", product, [tf.zeros([0, 2]), tf.zeros([2, 3])]);
});

Deno.test("what is the same as another tensor outlives it, and takes no memory", () => {
  tf.tidy(() => {
    const x = tf.tensor1d([1, 2, 3]);
    const before = tf.engine().backend.numDataIds();
    const same = tf.clone(x);
    assertEquals(tf.engine().backend.numDataIds(), before);
    x.dispose();
    assertEquals([...same.dataSync()], [1, 2, 3]);
  });
});
