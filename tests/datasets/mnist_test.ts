import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { dataFolder } from "../../lib/datasets/data_folder.ts";
import { fashionMnist, mnist } from "../../lib/datasets/mnist.ts";
import * as tf from "../../lib/tensor/tf.ts";

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test("mnist holds the 60,000 and 10,000 digits with their labels", async () => {
  const { train, test } = await mnist();
  assertEquals([train.size, test.size], [60_000, 10_000]);
  assertEquals(train.imageShape, [28, 28, 1]);
  assertEquals([...train.labels.subarray(0, 10)], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
  assertEquals([...test.labels.subarray(0, 5)], [7, 2, 1, 0, 4]);
  assertEquals(train.indicesOfClass("5").length, 5421);

  // The mean and standard deviation that the world uses for MNIST: 0.1307 and 0.3081.
  let sum = 0;
  let sumOfSquares = 0;
  for (let start = 0; start < train.size; start += 10_000) {
    tf.tidy(() => {
      const { images } = train.batch(Array.from({ length: 10_000 }, (_, i) => start + i));
      const pixels = tf.div(images, 255);
      // By image first: one float32 sum over so many values would not be exact enough.
      sum += tf.mean(tf.mean(pixels, [1, 2, 3])).dataSync()[0] / 6;
      sumOfSquares += tf.mean(tf.mean(tf.square(pixels), [1, 2, 3])).dataSync()[0] / 6;
    });
  }
  assertAlmostEquals(sum, 0.1307, 5e-5);
  assertAlmostEquals(Math.sqrt(sumOfSquares - sum ** 2), 0.3081, 5e-5);
  train.dispose();
  test.dispose();
});

Deno.test("mnist with a limit holds the first images", async () => {
  const { train, test } = await mnist({ limit: 500 });
  assertEquals([train.size, test.size], [500, 500]);
  assertEquals([...train.labels.subarray(0, 5)], [5, 0, 4, 1, 9]);
  await assertRejects(() => mnist({ limit: 0 }), RangeError, "limit 0");
});

Deno.test("mnist replaces an altered file in its folder", async () => {
  const folder = await Deno.makeTempDir();
  const said: string[] = [];
  const warn = console.warn;
  console.warn = (text: string) => said.push(text);
  try {
    const altered = await Deno.readFile(join(dataFolder("mnist"), "t10k-labels-idx1-ubyte"));
    altered[100] ^= 1;
    await Deno.writeFile(join(folder, "t10k-labels-idx1-ubyte"), altered);
    const { test } = await mnist({ folder, limit: 100, report: () => {} });
    assertEquals([...test.labels.subarray(0, 5)], [7, 2, 1, 0, 4]);
    assertEquals(said.length, 1);
    assertEquals(said[0].includes("t10k-labels-idx1-ubyte is truncated or altered"), true);
  } finally {
    console.warn = warn;
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "fashionMnist holds clothes in ten classes",
  ignore: !["", ".gz"].flatMap((ending) =>
    [dataFolder("fashion-mnist"), "/usr/share/datasets/fashion-mnist"].map((folder) =>
      join(folder, `train-images-idx3-ubyte${ending}`)
    )
  ).some(isThere),
  fn: async () => {
    const { train, test } = await fashionMnist();
    assertEquals([train.size, test.size], [60_000, 10_000]);
    assertEquals(train.classNames[train.labels[0]], "ankle boot");
    for (let label = 0; label < 10; label++) {
      assertEquals(train.indicesOfClass(label).length, 6_000);
    }
  },
});
