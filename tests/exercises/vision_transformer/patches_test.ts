import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { CheckError } from "../../../lib/exercises/engine/check.ts";
import {
  checkPatches,
  type ImageToPatches,
} from "../../../lib/exercises/vision_transformer/patches.ts";
import { printed } from "../printed.ts";

/** The axes (patch row, row in patch, patch column, column in patch, C) in the given order. */
function ordered(order: number[]): ImageToPatches {
  return (images, patchSize) => {
    const [batch, height, width, channels] = images.shape;
    const [rows, columns] = [height / patchSize, width / patchSize];
    const parts = tf.reshape(images, [batch, rows, patchSize, columns, patchSize, channels]);
    return tf.reshape(tf.transpose(parts, order), [
      batch,
      rows * columns,
      patchSize * patchSize * channels,
    ]);
  };
}
const right = ordered([0, 1, 3, 2, 4, 5]);

// Everything typical that goes wrong, with the words that the message must hold.
const wrong: Record<string, [ImageToPatches, string[]]> = {
  "the unsolved stub": [
    () => {
      throw new Error("not solved yet");
    },
    ["imageToPatches is not written yet"],
  ],
  "an empty body": [(() => {}) as unknown as ImageToPatches, ["not written yet"]],
  "no function": [3 as unknown as ImageToPatches, ["should be a function, but is a number"]],
  "an array of patches": [
    ((images: tf.Tensor4D) => [images]) as unknown as ImageToPatches,
    ["should be a tensor, but is an array"],
  ],
  "an async function": [
    (async (images: tf.Tensor4D) => await images) as unknown as ImageToPatches,
    ["is a Promise", "remove `async`"],
  ],
  "images that are freed": [
    (images, size) => {
      const patches = right(images, size);
      images.dispose();
      return patches;
    },
    ["imageToPatches frees its input"],
  ],
  "integers": [
    (images, size) => tf.cast(right(images, size), "int32"),
    ["should hold float32 values, but holds int32"],
  ],
  "a size that is fixed": [
    (images) => tf.reshape(images, [images.shape[0], 49, 16]),
    ["threw an error on images of shape [2, 15, 21, 4]", "a size that is fixed"],
  ],
  "the images themselves": [(images) => images, ["wrong shape", "[2, 15, 21, 4]", "[2, 35, 36]"]],
  "no last reshape": [
    (images, size) => tf.reshape(right(images, size), [images.shape[0], 5, 7, 3, 3, 4]),
    ["wrong shape", "the last reshape is missing"],
  ],
  "patches not flattened": [
    (images, size) => tf.reshape(right(images, size), [2, 35, 3, 3, 4]),
    ["wrong shape", "each patch must be flattened"],
  ],
  "a grid of patches": [
    (images, size) => tf.reshape(right(images, size), [2, 5, 7, 36]),
    ["joined to one axis of N patches"],
  ],
  "batch joined with patches": [
    (images, size) => tf.reshape(right(images, size), [70, 36]),
    ["the batch must stay an axis of its own"],
  ],
  "values before patches": [
    (images, size) => tf.transpose(right(images, size), [0, 2, 1]),
    ["the last two axes are exchanged"],
  ],
  "a reshape alone": [ordered([0, 1, 2, 3, 4, 5]), ["wrong values", "a reshape alone"]],
  "columns before rows": [ordered([0, 3, 1, 2, 4, 5]), ["run down the columns of the image"]],
  "transposed patches": [ordered([0, 1, 3, 4, 2, 5]), ["every patch is transposed"]],
  "a transposed image": [ordered([0, 3, 1, 4, 2, 5]), ["height and width are exchanged"]],
  "channels first": [ordered([0, 1, 3, 5, 2, 4]), ["channels come first", "as in PyTorch"]],
  "another order": [
    ordered([0, 5, 1, 3, 2, 4]),
    ["(image, channel, patch row, patch column, row in the patch, column in the patch)"],
  ],
  "height and width mixed up": [
    (images, patchSize) => {
      const [batch, width, height, channels] = images.shape;
      const [rows, columns] = [height / patchSize, width / patchSize];
      const parts = tf.reshape(images, [batch, rows, patchSize, columns, patchSize, channels]);
      return tf.reshape(tf.transpose(parts, [0, 1, 3, 2, 4, 5]), [
        batch,
        rows * columns,
        patchSize * patchSize * channels,
      ]);
    },
    ["height and width are read from the wrong axes"],
  ],
  "scaled values": [
    (images, size) => tf.div(right(images, size), 255),
    ["wrong values", "`tf.div` is too much"],
  ],
  "a plus between tensors": [
    (images, size) => `${right(images, size)}${images}` as unknown as tf.Tensor3D,
    ["is a string", "write `tf.add(a, b)`"],
  ],
  "a misspelt function": [
    () => (tf as unknown as Record<string, () => tf.Tensor3D>).reshap.call(tf),
    ["TypeError", "Likely cause: a misspelt name"],
  ],
  "a shape in single numbers": [
    (images) => images.reshape(2 as unknown as number[]) as tf.Tensor3D,
    ["threw an error", "Likely cause: a shape in single numbers"],
  ],
  "zeros": [(images, size) => tf.zerosLike(right(images, size)), ["nothing is computed yet"]],
  "values read out": [
    (images, size) => tf.tensor(right(images, size).dataSync(), right(images, size).shape),
    ["no gradient", "values leave TensorFlow"],
  ],
};

Deno.test("checkPatches: accepts the solution, prints one line with a tick and the points", async () => {
  const lines = await printed(() => checkPatches(right, { points: 2 }));
  assertEquals(lines.length, 1);
  assertStringIncludes(lines[0], "✔ Patches");
  assertStringIncludes(lines[0], "(2 points)");
});

for (const [title, [learner, words]] of Object.entries(wrong)) {
  Deno.test(`checkPatches: names what is wrong with ${title}`, async () => {
    const error = await assertRejects(() => checkPatches(learner), CheckError);
    assertStringIncludes(error.message, "✘ Patches: ");
    for (const word of words) assertStringIncludes(error.message, word);
    const onOneLine = (text: string) => text.replace(/\s+/g, " ");
    assertEquals(
      onOneLine(error.stack!),
      onOneLine(error.message),
      "the message stands alone, without a stack trace",
    );
    for (const line of error.stack!.split("\n")) assert(line.length <= 96, line);
  });
}

Deno.test("checkPatches: leaves no tensor behind", async () => {
  const before = tf.memory().numTensors;
  await printed(() => checkPatches(right));
  await assertRejects(() => checkPatches(ordered([0, 1, 2, 3, 4, 5])));
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("checkPatches hears what an async function rejects with later", async () => {
  const waiting = async (images: tf.Tensor4D, size: number) => {
    await Promise.resolve();
    return right(images, size);
  };
  await assertRejects(() => checkPatches(waiting as unknown as ImageToPatches), CheckError);
  // A rejection that nobody hears ends the test here.
  await new Promise((resolve) => setTimeout(resolve));
});
