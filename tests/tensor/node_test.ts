import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-node-gpu";
import tfjsDefault from "@tensorflow/tfjs-node";
import { fileURLToPath } from "node:url";
import { nativeBackend } from "../../lib/tensor/native.ts";

/** A folder that goes away when the test ends. */
async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
/** 5 × 7 pixels of three smooth colours. */
const picture = () =>
  tf.tensor3d(
    Array.from({ length: 5 * 7 * 3 }, (_, index) => 40 + index),
    [5, 7, 3],
    "int32",
  );

// ---- Images ---------------------------------------------------------------------------------

Deno.test("tf.node.encodePng and decodePng give the same bytes back", async () => {
  const image = picture();
  const png = await tf.node.encodePng(image);
  assertEquals([...png.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  const decoded = tf.node.decodePng(png);
  assertEquals([decoded.dtype, decoded.shape], ["int32", [5, 7, 3]]);
  assertEquals(await decoded.data(), await image.data());
  assertEquals(tf.node.decodePng(png, 1).shape, [5, 7, 1]);
});

Deno.test("tf.node.encodeJpeg and decodeJpeg give nearly the same image back", async () => {
  const image = picture();
  const jpeg = await tf.node.encodeJpeg(image, "rgb", 100);
  assertEquals([...jpeg.subarray(0, 3)], [0xff, 0xd8, 0xff]);
  const decoded = tf.node.decodeJpeg(jpeg);
  assertEquals(decoded.shape, [5, 7, 3]);
  const [difference] = await tf.mean(tf.abs(tf.sub(decoded, image))).data();
  assert(difference < 4, `differs by ${difference} on average`);
});

/** Two pixels beside one another, red and blue, written by hand after the formats' definitions. */
const bitmap = Uint8Array.from([
  ...[0x42, 0x4d, 62, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0], // "BM", file size, offset of the pixels
  ...[40, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0], // header size, 2 × 1, 24 bits
  ...[0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ...[0, 0, 255, 255, 0, 0, 0, 0], // blue, green, red of both, padded to four bytes
]);
const gif = Uint8Array.from([
  ...[0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 2, 0, 1, 0, 0x80, 0, 0], // "GIF89a", 2 × 1, two colours
  ...[255, 0, 0, 0, 0, 255], // red, blue
  ...[0x2c, 0, 0, 0, 0, 2, 0, 1, 0, 0], // one image, all of the screen
  ...[2, 2, 0x44, 0x0a, 0, 0x3b], // codes of three bits: clear, 0, 1, end
]);
const redAndBlue = Int32Array.of(255, 0, 0, 0, 0, 255);

Deno.test("tf.node.decodeBmp, decodeGif and decodeImage read by the file's own format", async () => {
  const fromBitmap = tf.node.decodeBmp(bitmap);
  assertEquals([fromBitmap.shape, await fromBitmap.data()], [[1, 2, 3], redAndBlue]);
  const frames = tf.node.decodeGif(gif);
  assertEquals([frames.shape, await frames.data()], [[1, 1, 2, 3], redAndBlue]);
  assertEquals(await tf.node.decodeImage(bitmap).data(), redAndBlue);
  assertEquals(tf.node.decodeImage(gif).shape, [1, 1, 2, 3]);
  assertEquals(tf.node.decodeImage(gif, 3, "int32", false).shape, [1, 2, 3]);
});

Deno.test("tf.node.decodePng refuses what is no PNG, with TensorFlow's words", () => {
  const text = new TextEncoder().encode("not an image");
  assertThrows(() => tf.node.decodePng(text), Error, "DecodePng");
  const cut = bytesOf("iVBORw0KGgoAAAANSUhEUgAAAAIAAAAB");
  assertThrows(() => tf.node.decodePng(cut), Error, "Invalid PNG");
});

Deno.test("tf.node: images leave no tensor behind", async () => {
  const image = picture();
  const before = tf.memory().numTensors;
  const png = await tf.node.encodePng(image);
  tf.node.decodePng(png).dispose();
  assertEquals(tf.memory().numTensors, before);
  image.dispose();
});

// ---- TensorBoard ----------------------------------------------------------------------------

const python = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));
/** Reads a log folder as TensorBoard does; without TensorFlow's Python side, which takes seconds. */
const readLogs = `
import json, sys, types
sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray
logs = EventAccumulator(sys.argv[1])
logs.Reload()
print(json.dumps({
    "scalars": {tag: [[each.step, each.value] for each in logs.Scalars(tag)]
                for tag in logs.Tags()["scalars"]},
    "tensors": {tag: [[each.step, make_ndarray(each.tensor_proto).tolist()]
                      for each in logs.Tensors(tag)]
                for tag in logs.Tags()["tensors"]},
}))
`;

Deno.test("tf.node.summaryFileWriter writes what TensorBoard reads", () =>
  withFolder(async (folder) => {
    const writer = tf.node.summaryFileWriter(folder);
    const { binding } = nativeBackend()!;
    const before = [tf.memory().numTensors, binding.getNumOfTensors()];
    for (let step = 0; step < 3; step++) writer.scalar("loss", 1 / (step + 1), step);
    writer.scalar("rate", tf.scalar(0.25), 70_000);
    writer.histogram("weights", tf.tensor1d([0, 1, 2, 4]), 2, 2);
    writer.histogram("equal", tf.zeros([3]), 0);
    writer.flush();
    // Those that this test made stay, and no step number of the writer's.
    const after = [tf.memory().numTensors, binding.getNumOfTensors()];
    assertEquals(after, before.map((count) => count + 3));
    const { stdout, stderr, success } = await new Deno.Command(python, {
      args: ["-c", readLogs, folder],
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const { scalars, tensors } = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals(scalars.loss.map(([step]: number[]) => step), [0, 1, 2]);
    assertAlmostEquals(scalars.loss[2][1], 1 / 3, 1e-7);
    assertEquals(scalars.rate, [[70_000, 0.25]]);
    // Two buckets: left edge, right edge, how many values.
    assertEquals(tensors.weights, [[2, [[0, 2, 2], [2, 4, 2]]]]);
    assertEquals(tensors.equal, [[0, [[-0.5, 0.5, 3]]]]);
  }));

// ---- Files, versions, what is left out ------------------------------------------------------

Deno.test("models are saved to and loaded from file:// addresses", () =>
  withFolder(async (folder) => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2] })] });
    await model.save(`file://${folder}/model`);
    const loaded = await tf.loadLayersModel(`file://${folder}/model/model.json`);
    const x = tf.tensor2d([[1, -2]]);
    const [before, after] = [model, loaded].map((each) => each.predict(x) as tf.Tensor);
    assertEquals(await after.data(), await before.data());
    const handler = (tf.io as unknown as { fileSystem(path: string): tf.io.IOHandler })
      .fileSystem(`${folder}/model/model.json`);
    assertEquals((await tf.loadLayersModel(handler)).countParams(), 9);
  }));

Deno.test("tf has tfjs-node's version, and a default export", () => {
  assertEquals((tf.version as Record<string, string>)["tfjs-node"], tf.version.tfjs);
  assertEquals(tfjsDefault.node, tf.node);
  assertEquals(tfjsDefault.tensor, tf.tensor);
});
