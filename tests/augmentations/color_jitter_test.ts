import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { colorJitter, jitter, randomOrders } from "../../lib/augmentations/color_jitter.ts";
import { Random } from "../../lib/random.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { largestDifference, patternImages, reference } from "./reference.ts";

const { shape, cases, chain } = reference.colors;
const grayShape = [...shape.slice(0, 3), 1];
const perImage = (value: number) => tf.fill([shape[0], 1, 1], value);

Deno.test("jitter changes brightness, contrast, saturation and hue as torchvision", () => {
  const alone = tf.zeros([shape[0], 1]) as tf.Tensor2D;
  for (const { name, factor, pixels, gray } of cases) {
    const factors = new Map([[name, perImage(factor)]]);
    const color = largestDifference(jitter(patternImages(shape), factors, alone), pixels);
    assert(color < 0.05, `${name} ${factor}: differs by ${color}`);
    const grayness = largestDifference(jitter(patternImages(grayShape), factors, alone), gray);
    assert(grayness < 0.05, `${name} ${factor} of grey: differs by ${grayness}`);
  }
});

Deno.test("jitter makes the four changes in each image's own order", () => {
  const names = Object.keys(chain.factors);
  const factors = new Map(
    names.map((name) => [name as "hue", perImage(chain.factors[name])]),
  );
  const orders = chain.orders.map((order: string[]) => names.map((name) => order.indexOf(name)));
  const result = jitter(patternImages(shape), factors, tf.tensor2d(orders));
  const difference = largestDifference(result, chain.pixels);
  assert(difference < 0.1, `differs by ${difference}`);
});

Deno.test("randomOrders gives every order of three equally often", () => {
  const size = 6000;
  const orders = randomOrders(size, 3, new Random(8)).arraySync();
  const counts = new Map<string, number>();
  for (const order of orders) counts.set(order.join(), (counts.get(order.join()) ?? 0) + 1);
  assertEquals(counts.size, 6);
  for (const count of counts.values()) assertAlmostEquals(count / size, 1 / 6, 0.02);
});

Deno.test("colorJitter draws brightness uniformly and for each image by itself", () => {
  const size = 4000;
  const images = tf.fill([size, 1, 1, 3], 100) as tf.Tensor4D;
  const labels = tf.zeros([size], "int32") as tf.Tensor1D;
  const result = colorJitter({ brightness: 0.4 })({ images, labels }, new Random(6));
  const values = [...result.images.dataSync()].filter((_, i) => i % 3 === 0).sort((a, b) => a - b);
  for (const share of [0.1, 0.25, 0.5, 0.75, 0.9]) {
    assertAlmostEquals(values[Math.floor(share * size)], 60 + 80 * share, 2);
  }
  assertEquals(result.labels, labels);
});

Deno.test("colorJitter with nothing told changes nothing", () => {
  const images = patternImages(shape);
  const batch = { images, labels: tf.tensor1d([1, 0], "int32") };
  assertEquals(colorJitter()(batch, new Random(1)).images, images);
});

Deno.test("colorJitter refuses ranges that are none", () => {
  assertThrows(() => colorJitter({ hue: 0.6 }), RangeError, "hue from -0.6 to 0.6");
  assertThrows(() => colorJitter({ contrast: [2, 1] }), RangeError, "contrast from 2 to 1");
});
