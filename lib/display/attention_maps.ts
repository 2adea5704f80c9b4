import type * as tf from "../tensor/tf.ts";
import { Chart } from "./chart.ts";
import { gridOfPictures } from "./images.ts";
import { formatNumber, maximum, minimum } from "./numbers.ts";
import { type Images, picturesOf, type PixelOptions } from "./pictures.ts";
import { enlarge, type Picture } from "./png.ts";

/** How {@link attentionMaps} draws maps over images. */
export interface AttentionMapsOptions extends PixelOptions {
  /** One for each map of an image: "head 1", "rollout". */
  mapTitles?: readonly string[];
  /** One for each image: its label. */
  titles?: readonly string[];
  /** Patches across an image where the maps are flattened; default: as many as down. */
  patchesAcross?: number;
  /** Frames the patch with the largest weight. Default: true. */
  markLargest?: boolean;
  /**
   * Which weight stays dark: none at all, or each map's smallest, which shows what differs where all
   * weights are much alike, as in a rollout. Default: `"zero"`.
   */
  darkest?: "zero" | "smallest";
  /** The length of an image's longer side on the page, in pixels. */
  imageSize?: number;
  caption?: string;
  width?: number;
}

/** A grid of weights over one image's patches. */
export interface PatchWeights {
  values: number[];
  across: number;
  down: number;
}

/** How an overlay is drawn. */
export interface OverlayStyle {
  markLargest: boolean;
  darkest: "zero" | "smallest";
}

/** Light falls where the weights are large: from vermilion to yellow over a dimmed, grey image. */
const light = [[213, 94, 0], [255, 226, 70]];
const mostLight = 0.8;
const dimming = 0.7;
const frameColor = [86, 180, 233];
const overlayPixels = 192;

/**
 * Each image with its maps of patch weights laid over it, one row an image:
 * images `[B, height, width, C]`, maps `[B, maps, rows, columns]` of patches, or flattened to
 * `[B, maps, patches]`, or one an image, `[B, patches]`.
 * The light is relative to the largest weight of each map, whose patch is framed, and begins at zero or
 * at the map's smallest weight.
 *
 * Throws a `RangeError` where images and maps do not fit.
 */
export function attentionMaps(
  images: Images,
  maps: tf.Tensor,
  options: AttentionMapsOptions = {},
): Chart {
  const { mapTitles, titles, markLargest = true, darkest = "zero", caption, width } = options;
  const pictures = picturesOf(images, options);
  const [count, each, patches] = {
    2: [maps.shape[0], 1, maps.shape[1]],
    3: maps.shape,
    4: [...maps.shape.slice(0, 2), maps.size / (maps.shape[0] * maps.shape[1]!)],
  }[maps.rank as 2 | 3 | 4] ?? [];
  if (count !== pictures.length) {
    throw new RangeError(
      "attentionMaps: maps are [B, patches], [B, maps, patches] or [B, maps, rows, columns] with " +
        `B = ${pictures.length}, not [${maps.shape}]`,
    );
  }
  if (mapTitles && mapTitles.length !== each) {
    throw new RangeError(`attentionMaps: ${mapTitles.length} mapTitles for ${each} maps an image`);
  }
  const across = patchesAcross(patches!, options.patchesAcross ?? maps.shape[3]);
  const values = Array.from(maps.dataSync());
  const shown = pictures.flatMap((picture, index) => [
    enlarge(picture, overlayFactor(picture)),
    ...Array.from({ length: each! }, (_, map) => {
      const start = (index * each! + map) * patches!;
      const weights = { values: values.slice(start, start + patches!), across };
      return overlay(picture, { ...weights, down: patches! / across }, { markLargest, darkest });
    }),
  ]);
  const rowNames = mapTitles ?? Array.from({ length: each! }, (_, map) => `map ${map + 1}`);
  const grid = gridOfPictures(shown, {
    columns: each! + 1,
    titles: pictures.flatMap((_, index) => [titles?.[index] ?? "image", ...rowNames]),
    imageSize: options.imageSize ?? Math.min(150, Math.floor(660 / (each! + 1)) - 8),
    caption,
    width,
  });
  const words = pictures.flatMap((_, index) =>
    rowNames.map((name, map) => {
      const start = (index * each! + map) * patches!;
      const weights = values.slice(start, start + patches!);
      const largest = weights.indexOf(maximum(weights));
      const place = `row ${Math.floor(largest / across) + 1}, column ${largest % across + 1}`;
      const image = titles?.[index] ?? `image ${index + 1}`;
      return `${image}, ${name}: most at ${place} (${formatNumber(100 * weights[largest], 3)} %)`;
    })
  ).join("\n");
  return new Chart({ figure: () => grid.figure(), words, caption, isPicture: true });
}

/** The number of patches across an image that is cut into `patches`. Throws where they do not fit. */
export function patchesAcross(patches: number, across = Math.sqrt(patches)): number {
  if (!Number.isInteger(across) || patches % across) {
    throw new RangeError(`${patches} patches do not make a square: give \`patchesAcross\``);
  }
  return across;
}

/** The image in grey, lit where the weights are large. */
export function overlay(
  image: Picture,
  weights: PatchWeights,
  { markLargest, darkest }: OverlayStyle,
): Picture {
  const factor = overlayFactor(image);
  const [width, height] = [image.width * factor, image.height * factor];
  const data = new Uint8ClampedArray(width * height * 3);
  const least = darkest === "smallest" ? minimum(weights.values) : 0;
  const range = maximum(weights.values) - least || 1;
  const marked = weights.values.indexOf(maximum(weights.values));
  const line = Math.max(2, Math.round(width / 90));
  for (let y = 0; y < height; y++) {
    const patchY = y * weights.down / height;
    for (let x = 0; x < width; x++) {
      const patchX = x * weights.across / width;
      const patch = Math.floor(patchY) * weights.across + Math.floor(patchX);
      const grey = dimming * brightness(image, Math.floor(x / factor), Math.floor(y / factor));
      const part = Math.max(0, (weights.values[patch] - least) / range);
      const at = (y * width + x) * 3;
      const edge = markLargest && patch === marked &&
        nearEdge(patchX, width / weights.across, line, patchY, height / weights.down);
      for (let channel = 0; channel < 3; channel++) {
        const color = light[0][channel] + (light[1][channel] - light[0][channel]) * part;
        const lit = grey + (color - grey) * mostLight * part;
        data[at + channel] = edge ? frameColor[channel] : lit;
      }
    }
  }
  return { width, height, channels: 3, data };
}

function nearEdge(
  patchX: number,
  patchWidth: number,
  line: number,
  patchY: number,
  patchHeight: number,
): boolean {
  const [left, top] = [(patchX % 1) * patchWidth, (patchY % 1) * patchHeight];
  return left < line || top < line || left >= patchWidth - line || top >= patchHeight - line;
}

function overlayFactor({ width, height }: Picture): number {
  return Math.max(1, Math.ceil(overlayPixels / Math.max(width, height)));
}

function brightness({ data, width, channels }: Picture, x: number, y: number): number {
  const at = (y * width + x) * channels;
  if (channels === 1) return data[at];
  return 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
}
