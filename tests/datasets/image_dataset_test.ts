import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { ImageDataset, split, subset } from "../../lib/datasets/image_dataset.ts";
import * as tf from "../../lib/tensor/tf.ts";

const classNames = ["cat", "dog", "owl"];

/** `size` images of 2×3×1 whose every byte is the image's index; labels 0 1 2 0 1 2 … */
function numbered(size: number): ImageDataset {
  return new ImageDataset({
    images: Uint8Array.from({ length: size * 6 }, (_, i) => Math.floor(i / 6)),
    imageShape: [2, 3, 1],
    labels: Array.from({ length: size }, (_, i) => i % 3),
    classNames,
  });
}

/** Which images a data set holds, by the first byte of each. */
function contents(dataset: ImageDataset): number[] {
  const { images, labels } = dataset.batch(dataset.labels.map((_, i) => i));
  const numbers = [...images.dataSync()].filter((_, i) => i % 6 === 0);
  assertEquals([...labels.dataSync()], numbers.map((number) => number % 3), "labels follow images");
  assertEquals([...dataset.labels], numbers.map((number) => number % 3));
  tf.dispose([images, labels]);
  return numbers;
}

Deno.test("ImageDataset.batch gathers images as float32 and labels as int32, in the order asked", () => {
  const dataset = numbered(20);
  for (const indices of [[7, 0, 7, 19], tf.tensor1d([7, 0, 7, 19], "int32")]) {
    const { images, labels } = dataset.batch(indices);
    assertEquals(images.shape, [4, 2, 3, 1]);
    assertEquals([images.dtype, labels.dtype], ["float32", "int32"]);
    assertEquals([...images.dataSync()].filter((_, i) => i % 6 === 5), [7, 0, 7, 19]);
    assertEquals([...labels.dataSync()], [1, 0, 1, 1]);
  }
  dataset.dispose();
});

Deno.test("ImageDataset.batch keeps bytes above 127 as they are", () => {
  const dataset = new ImageDataset({
    images: Uint8Array.of(0, 127, 128, 255),
    imageShape: [2, 2, 1],
    labels: [0],
    classNames,
  });
  assertEquals([...dataset.batch([0]).images.dataSync()], [0, 127, 128, 255]);
});

Deno.test("ImageDataset.batch refuses an index that is no example's", () => {
  const dataset = numbered(5);
  for (const wrong of [5, -1, 1.5, NaN]) {
    assertThrows(() => dataset.batch([0, wrong]), RangeError, `examples 0 to 4, but not ${wrong}`);
  }
});

Deno.test("ImageDataset names sizes and labels that do not fit", () => {
  const parts = {
    images: new Uint8Array(12),
    imageShape: [2, 3, 1] as const,
    labels: [0, 1],
    classNames,
  };
  assertThrows(
    () => new ImageDataset({ ...parts, labels: [0, 1, 2] }),
    RangeError,
    "3 images of 2,3,1 are 18 bytes, but there are 12".replaceAll(",3,1 ", "×3×1 "),
  );
  assertThrows(
    () => new ImageDataset({ ...parts, labels: [0, 3] }),
    RangeError,
    "example 1 has label 3, but there are 3 classes",
  );
});

Deno.test("subset views the chosen examples, and a subset of a subset too", () => {
  const dataset = numbered(20);
  const odd = subset(dataset, [1, 3, 5, 7, 9, 11]);
  assertEquals(contents(odd), [1, 3, 5, 7, 9, 11]);
  const some = odd.subset([4, 0]);
  assertEquals(contents(some), [9, 1]);
  some.dispose();
  odd.dispose();
  assertEquals(contents(dataset).length, 20, "the bytes outlive their subsets");
  assertThrows(() => subset(dataset, [20]), RangeError, "but not 20");
});

Deno.test("subset and batch leave no tensors behind", () => {
  const before = tf.memory().numTensors;
  const dataset = numbered(9);
  const part = dataset.subset([2, 4]);
  tf.dispose({ ...part.batch([0, 1]) });
  part.dispose();
  dataset.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("split gives disjoint parts that hold everything, the same for the same seed", () => {
  const dataset = numbered(30);
  const [train, validation] = split(dataset, [24, 6], 42);
  assertEquals([train.size, validation.size], [24, 6]);
  const all = [...contents(train), ...contents(validation)];
  assertEquals(all.toSorted((a, b) => a - b), Array.from({ length: 30 }, (_, i) => i));
  assertNotEquals(all, all.toSorted((a, b) => a - b), "shuffled");
  assertEquals(contents(split(dataset, [24, 6], 42)[1]), contents(validation));
  assertNotEquals(contents(split(dataset, [24, 6], 43)[1]), contents(validation));
});

Deno.test("split takes shares that sum to 1", () => {
  const sizes = split(numbered(31), [0.5, 0.3, 0.2], 1).map((part) => part.size);
  assertEquals(sizes, [16, 9, 6]);
});

Deno.test("split refuses sizes that do not sum to the data set's", () => {
  assertThrows(
    () => split(numbered(10), [8, 1], 1),
    RangeError,
    "split: sizes 8 + 1 = 9 must sum to the data set's 10 examples",
  );
  assertThrows(() => split(numbered(10), [11, -1], 1), RangeError, "must sum to");
});

Deno.test("split says which classes a part lacks", () => {
  const said: string[] = [];
  const warn = console.warn;
  console.warn = (text: string) => said.push(text);
  try {
    split(numbered(12), [11, 1], 3);
  } finally {
    console.warn = warn;
  }
  assertEquals(said.length, 1);
  assertStringIncludes(said[0], "part 2 (1 examples) has none of class");
});

Deno.test("ImageDataset.indicesOfClass finds a class by name and by number", () => {
  const dataset = numbered(8);
  assertEquals([...dataset.indicesOfClass("dog")], [1, 4, 7]);
  assertEquals([...dataset.indicesOfClass(2)], [2, 5]);
  const error = assertThrows(() => dataset.indicesOfClass("dgo"), RangeError);
  assert(error.message.includes("cat, dog, owl"));
});

Deno.test("ImageDataset frees images that it may take, and those alone", async () => {
  const parts = (isTaken: boolean) => {
    const images = Uint8Array.from({ length: 3 * 4 }, (_, index) => index);
    const dataset = new ImageDataset({
      ...{ images, isTaken, imageShape: [2, 2, 1], labels: [0, 1, 2], classNames },
    });
    return { images, dataset };
  };
  const kept = parts(false), taken = parts(true);
  assertEquals(kept.images.length, 12);
  if (tf.backendReport.kind === "native") assertEquals(taken.images.length, 0);
  for (const { dataset } of [kept, taken]) {
    const { images, labels } = dataset.batch([2]);
    assertEquals([...await images.data()], [8, 9, 10, 11]);
    tf.dispose([images, labels]);
    dataset.dispose();
  }
});
