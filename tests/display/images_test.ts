import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { imageGrid, patchGrid, type PatchGridOptions } from "../../lib/display/images.ts";
import type { Chart } from "../../lib/display/chart.ts";
import { picturesOf } from "../../lib/display/pictures.ts";
import {
  decodePng,
  encodePng,
  enlarge,
  type Picture,
  pictureAt,
  reduce,
} from "../../lib/display/png.ts";

interface GridImage {
  source: string;
  x: number;
  y: number;
  sizex: number;
  sizey: number;
}

async function imagesOf(chart: Chart): Promise<GridImage[]> {
  return (await chart.figure()).layout.images as GridImage[];
}

/** The red value of each pixel of the picture before it was enlarged. */
function reds(image: GridImage, width: number): number[][] {
  const picture = pictureAt(image.source);
  const factor = picture.width / width;
  return Array.from(
    { length: picture.height / factor },
    (_, row) =>
      Array.from(
        { length: width },
        (_, column) => picture.data[(row * factor * picture.width + column * factor) * 4],
      ),
  );
}

for (const channels of [1, 3, 4] as const) {
  Deno.test(`encodePng and decodePng keep all pixels of ${channels} channels`, () => {
    const [width, height] = [5, 3];
    const data = Uint8Array.from({ length: width * height * channels }, (_, at) => (at * 37) % 256);
    const decoded = decodePng(encodePng({ width, height, channels, data }));
    assertEquals([decoded.width, decoded.height], [width, height]);
    for (let pixel = 0; pixel < width * height; pixel++) {
      const at = (channel: number) => data[pixel * channels + (channels === 1 ? 0 : channel)];
      const expected = [at(0), at(1), at(2), channels === 4 ? at(3) : 255];
      assertEquals([...decoded.data.slice(pixel * 4, pixel * 4 + 4)], expected);
    }
  });
}

Deno.test("encodePng names bytes that do not fill the picture", () => {
  const picture: Picture = { width: 2, height: 3, channels: 1, data: new Uint8Array(5) };
  assertThrows(() => encodePng(picture), RangeError, "5 bytes are not 2×3 pixels of 1 channels");
});

Deno.test("enlarge makes each pixel a square", () => {
  const small: Picture = {
    width: 2,
    height: 1,
    channels: 3,
    data: Uint8Array.of(1, 2, 3, 4, 5, 6),
  };
  const { width, height, data } = enlarge(small, 2);
  const row = [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6];
  assertEquals([width, height, [...data]], [4, 2, [...row, ...row]]);
});

Deno.test("picturesOf puts the normalisation back, per channel", () => {
  const mean = [0.4914, 0.4822, 0.4465], standardDeviation = [0.247, 0.2435, 0.2616];
  const bytes = Array.from({ length: 2 * 3 * 2 * 3 }, (_, at) => (at * 29) % 256);
  const normalised = bytes.map((byte, at) =>
    (byte / 255 - mean[at % 3]) / standardDeviation[at % 3]
  );
  const tensor = tf.tensor4d(normalised, [2, 3, 2, 3]);
  const pictures = picturesOf(tensor, { mean, standardDeviation });
  assertEquals(pictures.map(({ width, height, channels }) => [width, height, channels]), [
    [2, 3, 3],
    [2, 3, 3],
  ]);
  assertEquals(pictures.flatMap(({ data }) => [...data]), bytes);
  tensor.dispose();
});

Deno.test("picturesOf finds the range of values, and asks where it cannot", () => {
  const bytesOf = (values: number[], options = {}) => [
    ...picturesOf({ data: values, shape: [1, values.length, 1] }, options)[0].data,
  ];
  assertEquals(bytesOf([0, 0.2, 1]), [0, 51, 255]);
  assertEquals(bytesOf([0, 51, 255]), [0, 51, 255]);
  assertEquals(bytesOf([-1, 0, 1], { range: [-1, 1] }), [0, 128, 255]);
  assertEquals(bytesOf([-1, 300], { range: [0, 255] }), [0, 255], "what lies outside is cut");
  assertThrows(() => bytesOf([-0.5, 2]), RangeError, "values from -0.5 to 2: give the `mean`");
  const whole = picturesOf({ data: Uint8Array.of(0, 1), shape: [1, 2, 1] });
  assertEquals([...whole[0].data], [0, 1], "bytes are from 0 to 255, however dark");
});

Deno.test("picturesOf refuses other shapes", () => {
  const data = new Uint8Array(8);
  assertThrows(() => picturesOf({ data, shape: [2, 2, 2] }), RangeError, "not [2,2,2]");
  assertThrows(() => picturesOf({ data, shape: [8] }), RangeError, "not [8]");
  assertThrows(() => picturesOf({ data, shape: [2, 3, 1] }), RangeError, "8 values do not fill");
});

Deno.test("reduce takes means, also of squares that an edge cuts off", () => {
  const data = Uint8Array.of(0, 10, 100, 20, 30, 200, 50, 70, 255);
  const small = reduce({ width: 3, height: 3, channels: 1, data }, 2);
  assertEquals([small.width, small.height, [...small.data]], [2, 2, [15, 150, 60, 255]]);
});

Deno.test("imageGrid of a photograph has no more pixels than the page can show", async () => {
  const shape = [2000, 3000, 1];
  const data = new Uint8Array(2000 * 3000).fill(7);
  const [{ source, sizex }] = await imagesOf(imageGrid({ data, shape }));
  const { width, height, data: pixels } = pictureAt(source);
  assert(sizex <= width && width <= 2 * sizex, `${width} pixels for ${sizex}`);
  assert(Math.abs(height - width * 2 / 3) <= 1, `${width}×${height}`);
  assertEquals(pixels[0], 7);
});

Deno.test("imageGrid places images in rows, without overlap, sharp", async () => {
  const data = Uint8Array.from({ length: 5 * 4 * 6 }, (_, at) => Math.floor(at / 24) * 50);
  const chart = imageGrid({ data, shape: [5, 4, 6, 1] }, {
    columns: 3,
    imageSize: 60,
    gap: 7,
    titles: ["a", "b", "c", "d", "e"],
  });
  const images = await imagesOf(chart);
  assertEquals(images.map((image) => reds(image, 6)[0][0]), [0, 50, 100, 150, 200]);
  for (const { sizex, sizey, source } of images) {
    assertAlmostEquals(sizex, 60);
    assertAlmostEquals(sizey, 40);
    assert(pictureAt(source).width >= 60, "as many pixels in the file as on the page");
  }
  assertEquals(images.map(({ x }) => Math.round(x)), [0, 67, 134, 0, 67]);
  assertEquals(images[0].y, images[2].y);
  assert(images[3].y >= images[0].y + 40 + 7 + 11, "room for the titles of the second row");
  const { layout } = await chart.figure();
  assert(layout.height >= images[3].y + 40);
});

Deno.test("imageGrid marks wrong titles by more than colour", async () => {
  const images = { data: new Uint8Array(2 * 4), shape: [2, 2, 2, 1] };
  const chart = imageGrid(images, { titles: ["cat", "dog"], wrong: [false, true] });
  const svg = await chart.toSvg();
  assertStringIncludes(svg, ">✗ dog<");
  assertStringIncludes(svg, ">cat<");
  assertStringIncludes(String(chart), "cat, ✗ dog");
  assertThrows(() => imageGrid(images, { titles: ["cat"] }), RangeError, "1 titles for 2 images");
  assertThrows(
    () => imageGrid(images, { columns: 1, rowTitles: ["cat"] }),
    RangeError,
    "1 rowTitles for 2 rows",
  );
});

// One image of 4×4 pixels numbered in reading order, cut into four patches of 2×2.
const patches = [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]];
const patchTokens = { data: Uint8Array.from(patches.flat()), shape: [1, 4, 4] };

Deno.test("patchGrid sets patches in reading order, apart by a line", async () => {
  const joined = async (options: PatchGridOptions, width: number) =>
    reds((await imagesOf(patchGrid(patchTokens, options)))[0], width);
  const line = 140;
  assertEquals(await joined({}, 5), [
    [0, 1, line, 2, 3],
    [4, 5, line, 6, 7],
    [line, line, line, line, line],
    [8, 9, line, 10, 11],
    [12, 13, line, 14, 15],
  ]);
  assertEquals(await joined({ arrangement: "row" }, 11), [
    [0, 1, line, 2, 3, line, 8, 9, line, 10, 11],
    [4, 5, line, 6, 7, line, 12, 13, line, 14, 15],
  ]);
});

Deno.test("patchGrid knows colour patches by their length, and refuses others", async () => {
  const colour = patchGrid({ data: new Uint8Array(2 * 9 * 12), shape: [2, 9, 12] });
  assertEquals((await imagesOf(colour)).length, 2);
  assertStringIncludes(String(colour), "2 images of 9 patches of 2×2 pixels");
  const shaped = patchGrid({ data: new Uint8Array(2 * 9 * 6), shape: [2, 9, 2, 3, 1] });
  assertStringIncludes(String(shaped), "patches of 2×3 pixels");
  const data = new Uint8Array(60);
  assertThrows(
    () => patchGrid({ data, shape: [2, 3, 10] }),
    RangeError,
    "10 values make no square",
  );
  assertThrows(() => patchGrid({ data, shape: [6, 10] }), RangeError, "not [6,10]");
});
