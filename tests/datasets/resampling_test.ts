/** Pictures decoded and scaled without TensorFlow, against torchvision and TensorFlow's own. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { decodePicture } from "../../lib/datasets/image_decoding.ts";
import { scaledMiddle } from "../../lib/datasets/resampling.ts";
import { encodePng } from "../../lib/display/png.ts";
import { decodePixels, PictureError } from "../../lib/platform/pictures.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { patternImages, reference } from "../augmentations/reference.ts";

const native = tf.getBackend() === "tensorflow";

function assertNear(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  assertEquals(found.length, expected.length);
  const worst = Math.max(...Array.from(found, (byte, at) => Math.abs(byte - expected[at])));
  assert(worst <= tolerance, `off by ${worst}`);
}

Deno.test("scaledMiddle scales and cuts as torchvision", () => {
  for (const { size: [height, width], pixels } of reference.pictures) {
    const values = Uint8Array.from(patternImages([1, height, width, 3]).dataSync());
    const found = scaledMiddle({ width, height, channels: 3, values }, 10, [8, 10]);
    assertNear(found, pixels, 1);
  }
});

Deno.test("scaledMiddle repeats grey, leaves opacity out, and takes a picture of the right size as it is", () => {
  const grey = { width: 2, height: 1, channels: 2, values: Uint8Array.of(7, 0, 200, 255) };
  assertEquals([...scaledMiddle(grey, 1, [1, 2])], [7, 7, 7, 200, 200, 200]);
  const colours = { width: 1, height: 1, channels: 4, values: Uint8Array.of(1, 2, 3, 0) };
  assertEquals([...scaledMiddle(colours, 1, [1, 1])], [1, 2, 3]);
});

Deno.test("decodePixels refuses what is no whole picture", async () => {
  const values = Uint8Array.from({ length: 9 * 8 * 3 }, (_, at) => at * 37 % 256);
  const whole = Uint8Array.from(encodePng({ width: 9, height: 8, channels: 3, data: values }));
  assertEquals([...(await decodePixels(whole)).values], [...values]);
  await assertRejects(() => decodePixels(whole.slice(0, 60)), PictureError);
  await assertRejects(() => decodePixels(new Uint8Array(0)), PictureError);
});

Deno.test({
  name: "the platform's decoder and scaling agree with TensorFlow's, for JPEG and PNG",
  ignore: !native,
  fn: async () => {
    const picture = tf.cast(patternImages([1, 47, 60, 3]).squeeze([0]), "int32") as tf.Tensor3D;
    const grey = tf.slice(picture, [0, 0, 0], [47, 60, 1]) as tf.Tensor3D;
    const files: [bytes: Uint8Array, tolerance: number][] = [
      [await tf.node.encodePng(picture), 1],
      [await tf.node.encodePng(grey), 1],
      // Two decoders of JPEG round otherwise.
      [await tf.node.encodeJpeg(picture, "rgb", 95), 8],
    ];
    for (const [file, tolerance] of files) {
      const bytes = Uint8Array.from(file);
      for (const [resize, crop] of [[16, [16, 16]], [60, [50, 70]], [20, [12, 18]]] as const) {
        const expected = await decodePicture(bytes, { resize, crop });
        assertNear(scaledMiddle(await decodePixels(bytes), resize, crop), expected, tolerance);
      }
    }
  },
});
