import { Chart } from "./chart.ts";
import { frame, plain, shorten, tickSize, wrap } from "./frame.ts";
import { type Images, picturesOf, type PixelOptions } from "./pictures.ts";
import { enlarge, type Picture, pngAddress, reduce } from "./png.ts";
import { maximum } from "./numbers.ts";
import { ink, wrongInk } from "./style.ts";
import { textWidth } from "./text_metrics.ts";

/** The titles, order and range of values of an {@link imageGrid}. */
export interface ImageGridOptions extends PixelOptions {
  /** One above each image: its label, its prediction. */
  titles?: readonly string[];
  /** Whether each title says something wrong: such titles are coloured and marked with ✗. */
  wrong?: readonly boolean[];
  /** Images in a row; default: as many as fit. */
  columns?: number;
  /** Names at the left of the rows, such as class names. */
  rowTitles?: readonly string[];
  /** The length of an image's longer side on the page, in pixels. */
  imageSize?: number;
  /** The space between images, in pixels. Default: 8. */
  gap?: number;
  title?: string;
  caption?: string;
  /** The widest that the chart may be, in pixels. Default: 720. */
  width?: number;
}

/** Pixels of the file per pixel of the page, at least: many viewers blur what they enlarge. */
const sharpness = 1.25;

/** Images of more pixels than these in all are made smaller, to twice their size on the page at most. */
const mostPixels = 4e6;

/** Images in rows, from left to right and from the top, with sharp pixels. */
export function imageGrid(images: Images, options: ImageGridOptions = {}): Chart {
  return gridOfPictures(picturesOf(images, options), options);
}

/** How {@link patchGrid} lays out an image's patches, and its titles. */
export interface PatchGridOptions extends PixelOptions {
  /** Patches in a row; default: the side of the square that they make. */
  columns?: number;
  /** Titles of the images, above each image's patches. */
  titles?: readonly string[];
  /**
   * `together` shows the cut image, `row` all patches one after the other, in reading order.
   * Default: `together`.
   */
  arrangement?: "together" | "row";
  caption?: string;
  /** The widest that the chart may be, in pixels. Default: 720. */
  width?: number;
}

/**
 * The patches of each image in the order of the tokens: `[B, N, patch·patch·C]` (C of 1 or 3), or
 * `[B, N, height, width, C]`. The first token stands at the top left, so that a wrong order shows.
 */
export function patchGrid(patches: Images, options: PatchGridOptions = {}): Chart {
  const { arrangement = "together", titles, caption, width = 720 } = options;
  const shape = patchShape(patches.shape);
  const [count, number, height, patchWidth] = shape;
  const flat = { data: valuesOf(patches), shape: [count * number, ...shape.slice(2)] };
  const pictures = picturesOf(flat, options);
  const columns = options.columns ??
    (arrangement === "row" ? number : Math.ceil(Math.sqrt(number)));
  const rows = Math.ceil(number / columns);
  const gap = arrangement === "row" ? 1 : Math.max(1, Math.round(patchWidth / 4));
  const joined = Array.from(
    { length: count },
    (_, image) =>
      join(pictures.slice(image * number, (image + 1) * number), { columns, rows, gap, height }),
  );
  const across = arrangement === "row" ? 1 : Math.min(count, 4);
  const grid = gridOfPictures(joined, {
    titles,
    caption,
    width,
    columns: across,
    imageSize: arrangement === "row" ? width - 40 : Math.min(220, (width - 40) / across - 10),
  });
  const words = `${count} images of ${number} patches of ${height}×${patchWidth} pixels`;
  return new Chart({ figure: () => grid.figure(), words, caption, isPicture: true });
}

/** Pictures of one size in rows; `imageGrid` for pictures that are made already. */
export function gridOfPictures(pictures: Picture[], options: ImageGridOptions): Chart {
  const { titles, wrong, rowTitles, title, caption, width: widest = 720, gap = 8 } = options;
  checkCount("titles", titles, pictures.length);
  checkCount("wrong", wrong, pictures.length);
  const [first] = pictures;
  if (!first) throw new RangeError("imageGrid: there are no images to show");
  const left = rowTitles ? 96 : 12;
  const columns = options.columns ??
    (rowTitles ? Math.ceil(pictures.length / rowTitles.length) : undefined);
  if (columns !== undefined) {
    checkCount("rowTitles", rowTitles, Math.ceil(pictures.length / columns), "rows");
  }
  const figure = () => {
    const place = placement(pictures, { ...options, columns, left, gap, widest });
    const { imageWidth, imageHeight } = place;
    const factor = Math.max(1, Math.ceil(sharpness * imageWidth / first.width));
    const pixels = first.width * first.height * pictures.length;
    const smaller = pixels > mostPixels ? Math.ceil(first.width / (2 * imageWidth)) : 1;
    const margin = { left, right: 12, top: 10, bottom: 10 };
    const layout = frame({
      width: Math.max(place.width + left + 12, caption || title ? 420 : 0),
      height: place.height + 20 + (title ? 28 : 0),
      title,
      caption,
      margin,
    });
    const plot = {
      width: layout.width - left - 12,
      height: layout.height - layout.margin.t - layout.margin.b,
    };
    return {
      data: [],
      layout: {
        ...layout,
        xaxis: { visible: false, range: [0, plot.width] },
        yaxis: { visible: false, range: [plot.height, 0] },
        images: pictures.map((picture, index) => ({
          source: pngAddress(smaller > 1 ? reduce(picture, smaller) : enlarge(picture, factor)),
          xref: "x",
          yref: "y",
          ...place.at(index),
          sizex: imageWidth,
          sizey: imageHeight,
          sizing: "stretch",
          layer: "above",
        })),
        annotations: [
          ...layout.annotations as unknown[],
          ...(titles
            ? pictures.map((_, index) => ({
              xref: "x",
              yref: "y",
              x: place.at(index).x + imageWidth / 2,
              y: place.at(index).y,
              yanchor: "bottom",
              text: place.titles[index].map(plain).join("<br>"),
              showarrow: false,
              borderpad: 0,
              font: { size: tickSize, color: wrong?.[index] ? wrongInk : ink },
            }))
            : []),
          ...(rowTitles ?? []).map((name, row) => ({
            xref: "x",
            yref: "y",
            x: 0,
            xanchor: "right",
            xshift: -8,
            y: place.at(row * place.columns).y + imageHeight / 2,
            text: plain(shorten(name, left - 14, tickSize)),
            showarrow: false,
            font: { size: tickSize },
          })),
        ],
      },
    };
  };
  const size = `${first.width}×${first.height}`;
  const what = pictures.length === 1 ? "1 image" : `${pictures.length} images`;
  const words = [
    title,
    `${what} of ${size} pixels`,
    titles && titles.map((each, index) => wrong?.[index] ? `✗ ${each}` : each).join(", "),
  ].filter(Boolean).join("\n");
  return new Chart({ figure, words, caption, isPicture: true });
}

interface Placement {
  columns: number;
  imageWidth: number;
  imageHeight: number;
  /** The width of an image and the gap beside it. */
  slotWidth: number;
  /** The title of each image in lines. */
  titles: string[][];
  /** The size of the whole grid. */
  width: number;
  height: number;
  /** The upper left corner of an image. */
  at(index: number): { x: number; y: number };
}

function placement(
  pictures: Picture[],
  { titles = [], wrong, columns: wanted, imageSize, left, gap, widest }: ImageGridOptions & {
    left: number;
    gap: number;
    widest: number;
  },
): Placement {
  const [{ width, height }] = pictures;
  const longer = Math.max(width, height);
  const room = widest - left - 12 + gap;
  const marked = titles.map((title, index) => wrong?.[index] ? `✗ ${title}` : title);
  const titleWidth = maximum([0, ...marked.map((title) => textWidth(title, tickSize))]);
  // Images grow somewhat where their titles need it; longer titles go into two lines.
  const size = imageSize ?? Math.min(112, Math.max(56, longer, titleWidth));
  const most = Math.max(1, Math.floor(room / (size * width / longer + gap)));
  const columns = Math.min(pictures.length, wanted ?? most);
  const imageWidth = Math.min(size * width / longer, room / columns - gap);
  const imageHeight = imageWidth * height / width;
  const slotWidth = imageWidth + gap;
  const lines = marked.map((title) => titleLines(title, slotWidth - 3));
  const above = titles.length ? maximum(lines.map(({ length }) => length)) * 1.3 * tickSize + 4 : 0;
  const slotHeight = imageHeight + gap + above;
  return {
    columns,
    imageWidth,
    imageHeight,
    slotWidth,
    titles: lines,
    width: Math.ceil(columns * slotWidth - gap),
    height: Math.ceil(Math.ceil(pictures.length / columns) * slotHeight - gap),
    at: (index) => ({
      x: (index % columns) * slotWidth,
      y: Math.floor(index / columns) * slotHeight + above,
    }),
  };
}

function titleLines(title: string, width: number): string[] {
  const lines = wrap(title, width, tickSize);
  const two = lines.length > 2 ? [lines[0], lines.slice(1).join(" ")] : lines;
  return two.map((line) => shorten(line, width, tickSize));
}

function checkCount(
  name: string,
  list: readonly unknown[] | undefined,
  count: number,
  of = "images",
): void {
  if (list && list.length !== count) {
    throw new RangeError(`imageGrid: ${list.length} ${name} for ${count} ${of}`);
  }
}

/** Grey stands out between patches that are black and patches that are white. */
const gapGrey = 140;

/** Sets pictures of one size beside and below each other. */
function join(
  pictures: Picture[],
  { columns, rows, gap, height }: { columns: number; rows: number; gap: number; height: number },
): Picture {
  const [{ width, channels }] = pictures;
  const whole = columns * (width + gap) - gap;
  const data = new Uint8Array(whole * (rows * (height + gap) - gap) * channels).fill(gapGrey);
  for (const [index, picture] of pictures.entries()) {
    const left = (index % columns) * (width + gap),
      top = Math.floor(index / columns) * (height + gap);
    for (let row = 0; row < height; row++) {
      const line = picture.data.subarray(row * width * channels, (row + 1) * width * channels);
      data.set(line, ((top + row) * whole + left) * channels);
    }
  }
  return { width: whole, height: rows * (height + gap) - gap, channels, data };
}

/** `[B, N, height, width, C]` of patches that may be flattened. */
function patchShape(shape: readonly number[]): number[] {
  if (shape.length === 5) return [...shape];
  if (shape.length === 3) {
    // No number is both a square and three times a square, so the channels follow.
    for (const channels of [1, 3]) {
      const side = Math.sqrt(shape[2] / channels);
      if (Number.isInteger(side)) return [shape[0], shape[1], side, side, channels];
    }
    throw new RangeError(`patchGrid: ${shape[2]} values make no square patch of 1 or 3 channels`);
  }
  throw new RangeError(
    `patchGrid: patches are [B, N, patch·patch·C] or [B, N, height, width, C], not [${shape}]`,
  );
}

function valuesOf(images: Images): ArrayLike<number> {
  return "dataSync" in images ? images.dataSync() : images.data;
}
