import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { attentionExplorer } from "../../lib/display/attention_explorer.ts";
import { attentionMaps } from "../../lib/display/attention_maps.ts";
import { gradientRollout } from "../../lib/display/gradient_rollout.ts";
import { displaySymbol } from "../../lib/display/live.ts";
import { pictureAt } from "../../lib/display/png.ts";

function assertValues(tensor: tf.Tensor, expected: number[]): void {
  const values = tensor.dataSync();
  assertEquals(values.length, expected.length);
  expected.forEach((value, at) => assertAlmostEquals(values[at], value, 1e-5, `at ${at}`));
}

/** Softmaxed weights `[B, H, N, N]` that are all different. */
function someWeights(shape: [number, number, number, number], seed: number): tf.Tensor4D {
  const size = shape.reduce((product, each) => product * each, 1);
  const scores = Float32Array.from({ length: size }, (_, at) => Math.sin(at * seed) * 2);
  return tf.softmax(tf.tensor4d(scores, shape));
}

Deno.test("gradientRollout counts only what helps the class", () => {
  const weights = tf.tensor4d([0.5, 0.5, 0.25, 0.75, 1, 0, 0.5, 0.5], [1, 2, 2, 2]);
  const gradients = tf.tensor4d([2, -1, 4, 0, -3, 1, 2, 4], [1, 2, 2, 2]);
  // Helpful: heads [1 0; 1 0] and [0 0; 1 2], in the mean [0.5 0; 1 1]; plus the identity.
  assertValues(gradientRollout([weights], [gradients]), [1.5, 0, 1, 2]);
  // Twice: R + Ā·R with R = [1.5 0; 1 2].
  assertValues(gradientRollout([weights, weights], [gradients, gradients]), [2.25, 0, 3.5, 4]);
  assertThrows(() => gradientRollout([weights], []), RangeError, "1 blocks of weights but 0");
});

Deno.test("attention functions refuse other shapes", () => {
  const zeros = (...shape: number[]) => [tf.zeros(shape)];
  assertThrows(() => gradientRollout([], []), RangeError, "no blocks");
  assertThrows(
    () => gradientRollout(zeros(1, 2, 3, 4), zeros(1, 2, 3, 4)),
    RangeError,
    "not [1,2,3,4]",
  );
  assertThrows(
    () => gradientRollout(zeros(1, 2, 3, 3), zeros(1, 1, 3, 3)),
    RangeError,
    "[1,2,3,3] and [1,1,3,3]",
  );
  const image = { data: new Uint8Array(16), shape: [4, 4, 1] };
  assertThrows(() => attentionMaps(image, tf.zeros([1, 3])), RangeError, "3 patches do not make");
  assertThrows(() => attentionMaps(image, tf.zeros([2, 4])), RangeError, "with B = 1, not [2,4]");
});

Deno.test("attentionMaps lights patches by weight and frames the largest", async () => {
  // An image of one grey, four patches, the largest weight at the lower left.
  const image = { data: new Uint8Array(64).fill(100), shape: [8, 8, 1] };
  const maps = tf.tensor4d([0, 0.2, 0.8, 0.4], [1, 1, 2, 2]);
  const chart = attentionMaps(image, maps, { mapTitles: ["head 1"], titles: ["grey"] });
  const flat = attentionMaps(image, tf.reshape(maps, [1, 4]), {
    mapTitles: ["head 1"],
    titles: ["grey"],
  });
  assertEquals(await flat.toSvg(), await chart.toSvg());
  assertEquals(String(chart), "grey, head 1: most at row 2, column 1 (80 %)");
  const [plain, lit] = (await chart.figure()).layout.images as { source: string }[];
  assertEquals(pictureAt(plain.source).data[0], 100);
  const { width, height, data } = pictureAt(lit.source);
  const pixel = (x: number, y: number) => {
    const at = (Math.floor(y * height) * width + Math.floor(x * width)) * 4;
    return [...data.slice(at, at + 3)];
  };
  const centres = [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]];
  const [none, little, most, half] = centres.map(([x, y]) => pixel(x, y));
  assertEquals(none, [70, 70, 70], "no weight: the image, dimmed");
  const warmth = ([red, , blue]: number[]) => red - blue;
  assert(warmth(none) < warmth(little) && warmth(little) < warmth(half));
  assert(most[0] + most[1] > half[0] + half[1]);
  assertEquals(pixel(0.001, 0.75), [86, 180, 233], "the frame");
  assertEquals(pixel(0.001, 0.25), [70, 70, 70], "no frame round other patches");
});

Deno.test("attentionMaps can begin at the smallest weight, to show what differs", async () => {
  const image = { data: new Uint8Array(64).fill(100), shape: [8, 8, 1] };
  const maps = tf.tensor3d([0.24, 0.25, 0.26, 0.25], [1, 1, 4]);
  const lit = async (darkest: "zero" | "smallest") => {
    const chart = attentionMaps(image, maps, { darkest, markLargest: false });
    const images = (await chart.figure()).layout.images as { source: string }[];
    const { width, height, data } = pictureAt(images[1].source);
    return [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75]].map(([x, y]) => {
      const at = (Math.floor(y * height) * width + Math.floor(x * width)) * 4;
      return [...data.slice(at, at + 3)];
    });
  };
  const [least, half, most] = await lit("smallest");
  assertEquals(least, [70, 70, 70], "the smallest stays dark");
  assert(least[0] < half[0] && half[0] < most[0], `${least}, ${half}, ${most}`);
  const [dim, , bright] = await lit("zero");
  assert(bright[0] - dim[0] < 20, "from zero on all are much alike");
  assertEquals(bright, most, "the largest is as bright either way");
  const equal = attentionMaps(image, tf.fill([1, 4], 0.25), { darkest: "smallest" });
  assertStringIncludes(String(equal), "25 %");
});

Deno.test("attentionExplorer carries every weight and a still form", async () => {
  const attention = tf.reshape(someWeights([1, 1, 5, 5], 1.7), [5, 5]);
  const image = { data: new Uint8Array(16), shape: [4, 4, 1] };
  const explorer = attentionExplorer(image, attention, { caption: "a < b" });
  const bundle = await explorer[displaySymbol]();
  assertEquals(Object.keys(bundle).sort(), ["image/svg+xml", "text/html", "text/plain"]);
  const html = bundle["text/html"] as string;
  assertStringIncludes(html, "a &lt; b");
  assertEquals(html.match(/<g [^>]*>(<rect [^>]*>)*<\/g>/)![0].match(/<rect/g)!.length, 4);
  const settings = JSON.parse(html.match(/\((\{"id".*\})\);/)![1]);
  const table = new DataView(Uint8Array.fromBase64(settings.weights).buffer);
  const values = attention.dataSync();
  for (let at = 0; at < 25; at++) {
    const weight = table.getUint16(at * 2, true) / 65535 * settings.largest;
    assertAlmostEquals(weight, values[at], 1e-4);
  }
  assert(!/https?:\/\/(?!www\.w3\.org)/.test(html), "nothing is loaded");
  assertThrows(() => attentionExplorer(image, tf.zeros([4, 5])), RangeError, "not [4,5]");
});
