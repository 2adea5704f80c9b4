import { jsonForScript } from "../platform/last_value.ts";
import type * as tf from "../tensor/tf.ts";
import type { Chart } from "./chart.ts";
import { gridOfPictures } from "./images.ts";
import { type Displayable, displaySymbol, type MimeBundle } from "./live.ts";
import { formatNumber, maximum, minimum } from "./numbers.ts";
import { type Images, picturesOf, type PixelOptions } from "./pictures.ts";
import { enlarge, type Picture, pngAddress } from "./png.ts";
import { fontFamily } from "./text_metrics.ts";

/** What a layer makes of one image in several positions. */
export interface ShiftedLayer {
  name: string;
  /** One channel of its result for each position, `[positions, rows, columns]`, the unshifted image first. */
  maps: tf.Tensor;
}

/** What a {@link shiftExplorer} shows, and by how many pixels the image is moved. */
export interface ShiftExplorerOptions extends PixelOptions {
  /** By how many pixels the image is moved to the right in each position; the first is 0. */
  shifts: readonly number[];
  layers: readonly ShiftedLayer[];
  /** What networks say of each position, probabilities `[positions, classes]`. */
  networks?: Readonly<Record<string, tf.Tensor>>;
  classNames?: readonly string[];
  /** The position that the still form shows. Default: the last. */
  still?: number;
  /** The length of a picture's longer side on the page, in pixels. Default: 96. */
  imageSize?: number;
  caption?: string;
}

let explorers = 0;

/**
 * One image that a slider moves to the right, what comes out at one side going in at the other, and what
 * layers make of it: the result for the moved image, the moved result for the image, and their
 * difference, which is black where a layer is equivariant. Images are `[positions, height, width, C]`.
 *
 * Where no page can run, the still form shows one position. Throws a `RangeError` where sizes do not fit.
 */
export function shiftExplorer(images: Images, options: ShiftExplorerOptions): ShiftExplorer {
  return new ShiftExplorer(images, options);
}

/**
 * How far a layer is from equivariance in each position: the root mean square of the difference between
 * its result for the moved image and its moved result, as a share of the result's spread. `maps` are
 * `[positions, rows, columns]` or `[positions, rows, columns, C]`; `imageWidth` is the image's in pixels.
 */
export function shiftDifferences(
  maps: tf.Tensor,
  shifts: readonly number[],
  imageWidth: number,
): number[] {
  const { rows, columns, channels, values } = readMaps(maps, shifts.length);
  const size = rows * columns * channels;
  const scale = imageWidth / columns;
  const mean = values.slice(0, size).reduce((sum, value) => sum + value, 0) / size;
  let spread = 0;
  for (let at = 0; at < size; at++) spread += (values[at] - mean) ** 2 / size;
  return shifts.map((shift, position) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      for (let x = 0; x < imageWidth; x++) {
        const here = Math.floor(x / scale);
        const from = Math.floor(wrap(x - shift, imageWidth) / scale);
        for (let channel = 0; channel < channels; channel++) {
          const moved = values[(row * columns + from) * channels + channel];
          const found = values[position * size + (row * columns + here) * channels + channel];
          sum += (found - moved) ** 2;
        }
      }
    }
    return Math.sqrt(sum / (rows * imageWidth * channels) / (spread || 1));
  });
}

/** See {@link shiftExplorer}. */
export class ShiftExplorer implements Displayable {
  readonly #html: string;
  readonly #still: Chart;

  constructor(images: Images, options: ShiftExplorerOptions) {
    const { shifts, layers, networks = {}, classNames = [], imageSize = 96, caption = "" } =
      options;
    const pictures = picturesOf(images, options);
    if (shifts[0] !== 0 || pictures.length !== shifts.length) {
      throw new RangeError(
        `shiftExplorer: ${pictures.length} images for shifts ${
          shifts.join(", ")
        }; one for each is ` +
          "needed, and the first shift is 0",
      );
    }
    for (const [name, { shape }] of Object.entries(networks)) {
      if (shape.join() === [shifts.length, classNames.length].join()) continue;
      throw new RangeError(
        `shiftExplorer: ${name} gives [${shape}] for ${shifts.length} positions and ` +
          `${classNames.length} class names`,
      );
    }
    const { width, height } = pictures[0];
    const rows = layers.map(({ name, maps }) => ({
      name,
      pictures: picturesOfLayer(maps, shifts, { width, height }),
      differences: shiftDifferences(maps, shifts, width),
    }));
    this.#html = page({
      id: `shift-${crypto.randomUUID().slice(0, 8)}-${explorers++}`,
      shifts,
      imageSize,
      images: pictures.map(pngAddress),
      layers: rows.map(({ name, pictures, differences }) => ({
        name,
        differences,
        pictures: pictures.map((three) => three.map(pngAddress)),
      })),
      networks: Object.entries(networks).map(([name, probabilities]) => ({
        name,
        probabilities: chunks(Array.from(probabilities.dataSync()), classNames.length),
      })),
      classNames,
      caption,
    });
    const still = options.still ?? shifts.length - 1;
    this.#still = stillOf(pictures, rows, { shifts, still, imageSize, caption });
  }

  async [displaySymbol](): Promise<MimeBundle> {
    return { "text/html": this.#html, ...await this.#still.still() };
  }

  /** The page alone, for a file. */
  toHtml(): string {
    return this.#html;
  }
}

interface Row {
  name: string;
  /** For each position: of the moved image, the moved result, and their difference. */
  pictures: Picture[][];
  differences: number[];
}

/** One row a layer, the image before it. */
function stillOf(
  images: readonly Picture[],
  rows: readonly Row[],
  { shifts, still, imageSize, caption }: {
    shifts: readonly number[];
    still: number;
    imageSize: number;
    caption: string;
  },
): Chart {
  const { width, height } = images[0];
  const factor = Math.ceil(imageSize / Math.max(width, height));
  const pictures = rows.flatMap((row) => [images[still], ...row.pictures[still]]);
  return gridOfPictures(pictures.map((each) => enlarge(each, factor)), {
    columns: 4,
    imageSize,
    titles: rows.flatMap(({ name, differences }) => [
      name,
      "its result",
      "result, moved",
      `difference ${percent(differences[still])}`,
    ]),
    caption: `${caption} Here it is moved by ${shifts[still]} pixels.`.trim(),
  });
}

interface Maps {
  rows: number;
  columns: number;
  channels: number;
  values: number[];
}

function readMaps(maps: tf.Tensor, positions: number): Maps {
  const [count, rows, columns, channels = 1] = maps.shape;
  if (maps.rank < 3 || maps.rank > 4 || count !== positions) {
    throw new RangeError(
      `Maps of a moved image are [${positions}, rows, columns] or [${positions}, rows, columns, C], ` +
        `not [${maps.shape}]`,
    );
  }
  return { rows, columns, channels, values: Array.from(maps.dataSync()) };
}

/** For each position three pictures of the image's size: result, moved result, difference. */
function picturesOfLayer(
  maps: tf.Tensor,
  shifts: readonly number[],
  { width, height }: { width: number; height: number },
): Picture[][] {
  const { rows, columns, channels, values } = readMaps(maps, shifts.length);
  if (channels !== 1) throw new RangeError("shiftExplorer: maps of one channel are needed");
  const low = minimum(values), range = maximum(values) - low || 1;
  const value = (position: number, x: number, y: number) =>
    values[
      (position * rows + Math.floor(y * rows / height)) * columns + Math.floor(x * columns / width)
    ];
  return shifts.map((shift, position) => {
    const [found, moved] = [0, 1].map(() => new Uint8ClampedArray(width * height));
    const difference = new Uint8ClampedArray(width * height * 3);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = y * width + x;
        const [a, b] = [value(position, x, y), value(0, wrap(x - shift, width), y)];
        found[at] = 255 * (a - low) / range;
        moved[at] = 255 * (b - low) / range;
        // From black over vermilion to yellow, as other charts of this kind; small differences show too.
        const part = Math.sqrt(Math.min(1, Math.abs(a - b) / range));
        [part * 2 * 213, part * 226, part > 0.5 ? (part - 0.5) * 140 : 0]
          .forEach((color, channel) => difference[at * 3 + channel] = color);
      }
    }
    const grey = (data: Uint8ClampedArray): Picture => ({ width, height, channels: 1, data });
    return [grey(found), grey(moved), { width, height, channels: 3, data: difference }];
  });
}

function percent(share: number): string {
  return share < 1e-4 ? "none" : `${formatNumber(100 * share, 2)} %`;
}

function wrap(x: number, width: number): number {
  return ((x % width) + width) % width;
}

function chunks(values: readonly number[], size: number): number[][] {
  return Array.from(
    { length: values.length / size },
    (_, index) =>
      values.slice(index * size, (index + 1) * size).map((value) => Math.round(value * 1e4) / 1e4),
  );
}

interface Page {
  id: string;
  shifts: readonly number[];
  imageSize: number;
  images: readonly string[];
  layers: readonly { name: string; differences: number[]; pictures: string[][] }[];
  networks: readonly { name: string; probabilities: number[][] }[];
  classNames: readonly string[];
  caption: string;
}

function page({ id, imageSize, caption, ...data }: Page): string {
  const { shifts, layers, networks, classNames } = data;
  const picture = `<img width="${imageSize}" height="${imageSize}" alt="" ` +
    `style="image-rendering:pixelated;display:block;margin:0">`;
  const cell = `<td style="padding:3px 6px;text-align:center">${picture}</td>`;
  const heading = (text: string) =>
    `<th scope="col" style="padding:3px 6px;font-weight:normal;text-align:center">${text}</th>`;
  const layerRows = layers.map(({ name }) =>
    `<tr><th scope="row" style="padding:3px 6px;text-align:left;font-weight:normal;max-width:150px">${
      escaped(name)
    }</th>${cell.repeat(4)}<td style="padding:3px 6px" data-number></td></tr>`
  ).join("");
  const bars = networks.map(({ name }) =>
    `<div style="min-width:210px" data-network><b style="font-weight:600">${escaped(name)}</b>${
      classNames.map((each) =>
        `<div style="display:flex;align-items:center;height:15px"><span style="width:78px;` +
        `overflow:hidden;white-space:nowrap">${escaped(each)}</span><span data-bar ` +
        `style="background:#0072B2;height:9px;display:inline-block;width:0"></span>` +
        `<span data-percent style="padding-left:4px"></span></div>`
      ).join("")
    }</div>`
  ).join("");
  // The slider's attribute keeps JupyterLab's shortcuts from taking its arrow keys.
  return `<figure id="${id}" style="margin:0;font-family:${fontFamily};font-size:13px">
<label style="display:flex;align-items:center;gap:8px;padding:4px 0">Move the image to the right
<input type="range" min="0" max="${
    shifts.length - 1
  }" value="0" step="1" data-lm-suppress-shortcuts="true" style="width:240px"><output></output></label>
<table style="border-collapse:collapse;margin:0;font:inherit"><thead><tr>${
    ["layer", "moved image", "its result", "result, moved", "difference", "how large"].map(heading)
      .join("")
  }</tr></thead><tbody>${layerRows}</tbody></table>
<div style="display:flex;flex-wrap:wrap;gap:24px;padding:6px 0">${bars}</div>
<figcaption style="padding:4px 0">${escaped(caption)}</figcaption>
<script>(${script})(${jsonForScript({ id, ...data })});</script>
</figure>`;
}

/** Runs in the reader's page. */
const script = `({ id, shifts, images, layers, networks }) => {
  const figure = document.getElementById(id), slider = figure.querySelector("input");
  const rows = [...figure.querySelectorAll("tbody tr")];
  const blocks = [...figure.querySelectorAll("[data-network]")];
  const columns = [...figure.querySelectorAll("thead th")].slice(1).map((each) => each.textContent);
  const show = () => {
    const at = Number(slider.value);
    const moved = shifts[at] + (shifts[at] === 1 ? " pixel" : " pixels");
    figure.querySelector("output").textContent = moved;
    slider.setAttribute("aria-valuetext", moved);
    rows.forEach((row, index) => {
      const { pictures, differences } = layers[index];
      const sources = [images[at], ...pictures[at]];
      row.querySelectorAll("img").forEach((img, column) => {
        img.src = sources[column];
        img.alt = columns[column] + ", " + moved;
      });
      const number = differences[at];
      row.querySelector("[data-number]").textContent =
        number < 1e-4 ? "none" : (100 * number).toFixed(number < 0.1 ? 1 : 0) + " % of the spread";
    });
    blocks.forEach((block, index) => {
      const shares = networks[index].probabilities[at], most = Math.max(...shares);
      block.querySelectorAll("[data-bar]").forEach((bar, each) => {
        bar.style.width = 90 * shares[each] + "px";
        bar.style.background = shares[each] === most ? "#D55E00" : "#0072B2";
      });
      block.querySelectorAll("[data-percent]").forEach((text, each) =>
        text.textContent = (100 * shares[each]).toFixed(1) + " %");
    });
  };
  slider.addEventListener("input", show);
  show();
}`;

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
}
