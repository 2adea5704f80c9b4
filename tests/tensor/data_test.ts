import { assert, assertEquals } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";

/** An example that knows something of itself. */
class Photo {
  constructor(readonly name: string, readonly width: number) {}
  get isWide() {
    return this.width > 10;
  }
}

Deno.test("tf.data keeps the class of what is in a data set", async () => {
  const photos = tf.data.array(
    [new Photo("a", 5), new Photo("b", 20)] as unknown as tf.TensorContainer[],
  );
  const more = photos.concatenate(
    tf.data.array([new Photo("c", 30)] as unknown as tf.TensorContainer[]),
  );
  const all = await more.toArray() as unknown as Photo[];
  assert(all.every((photo) => photo instanceof Photo));
  assertEquals(all.map(({ name, isWide }) => [name, isWide]), [["a", false], ["b", true], [
    "c",
    true,
  ]]);
});

Deno.test("tf.data reads from a generator, maps, batches and prefetches", async () => {
  function* numbers() {
    for (let value = 0; value < 5; value++) yield { x: value, y: [value, -value] };
  }
  const batches = await tf.data.generator(numbers as never)
    .map((each) => each).batch(2).prefetch(1).toArray() as unknown as {
      x: tf.Tensor;
      y: tf.Tensor;
    }[];
  assertEquals(batches.map(({ x }) => [...x.dataSync()]), [[0, 1], [2, 3], [4]]);
  assertEquals(batches[1].y.arraySync(), [[2, -2], [3, -3]]);
});

Deno.test("an object has __proto__ as elsewhere, and it can be set", () => {
  const photo = { name: "d", width: 11 } as unknown as Photo & { __proto__: object };
  assert(photo.__proto__ === Object.prototype);
  photo.__proto__ = Photo.prototype;
  assert(photo.isWide);
  assertEquals(Object.keys(photo), ["name", "width"]);
});
