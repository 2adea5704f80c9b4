/**
 * Two-dimensional convolutions, channels last, as products: the pixels that a window covers lie side by side in a
 * row, a block of rows at a time.
 */
import { bytes } from "./lanes";
import { multiplyBlock, packColumns, packRows, packTiles } from "./product";

/** Windows in one block. */
const WINDOWS = 64;
/** Values of a window whose tiles are packed at a time. */
const HEIGHT = 64;

// What the calls below are about, set by `describe`.
let inHeight: i32 = 0;
let inWidth: i32 = 0;
let channels: i32 = 0;
let outHeight: i32 = 0;
let outWidth: i32 = 0;
let filters: i32 = 0;
let windowHeight: i32 = 0;
let windowWidth: i32 = 0;
let strideHeight: i32 = 0;
let strideWidth: i32 = 0;
let top: i32 = 0;
let left: i32 = 0;

/** Sizes of images, results and windows; `top` and `left` are the zeros before the first row and column. */
export function describe(
  imageHeight: i32,
  imageWidth: i32,
  imageChannels: i32,
  resultHeight: i32,
  resultWidth: i32,
  resultChannels: i32,
  rows: i32,
  columns: i32,
  rowStride: i32,
  columnStride: i32,
  zerosAbove: i32,
  zerosBefore: i32,
): void {
  inHeight = imageHeight;
  inWidth = imageWidth;
  channels = imageChannels;
  outHeight = resultHeight;
  outWidth = resultWidth;
  filters = resultChannels;
  windowHeight = rows;
  windowWidth = columns;
  strideHeight = rowStride;
  strideWidth = columnStride;
  top = zerosAbove;
  left = zerosBefore;
}

function windowSize(): i32 {
  return windowHeight * windowWidth * channels;
}

const EDGE: i32 = 4 * 8;

/** Bytes of memory that each of the calls needs beside its tensors. */
export function convolutionBytes(): usize {
  const size = windowSize();
  const packed = max(size * ((filters + 7) & ~7), filters * ((size + 7) & ~7));
  const gradients = WINDOWS * ((filters + 7) & ~7);
  return bytes(max(packed, gradients) + WINDOWS * size + WINDOWS * HEIGHT + EDGE);
}

function copy(from: usize, to: usize, size: i32): void {
  const end = from + bytes(size & ~3);
  for (; from < end; from += 16, to += 16) v128.store(to, v128.load(from));
  for (let at = size & 3; at > 0; at--, from += 4, to += 4) f32.store(to, f32.load(from));
}

function clear(to: usize, size: i32): void {
  const end = to + bytes(size & ~3), zero = f32x4.splat(0);
  for (; to < end; to += 16) v128.store(to, zero);
  for (let at = size & 3; at > 0; at--, to += 4) f32.store(to, 0);
}

function add(from: usize, to: usize, size: i32): void {
  const end = from + bytes(size & ~3);
  for (; from < end; from += 16, to += 16) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  }
  for (let at = size & 3; at > 0; at--, from += 4, to += 4) {
    f32.store(to, f32.load(to) + f32.load(from));
  }
}

/** Between images and windows: copies to `rows` what each window covers, or adds to the images what lies there. */
function walkWindows(images: usize, first: i32, count: i32, rows: usize, adds: bool): void {
  const perImage = outHeight * outWidth, size = windowWidth * channels;
  for (let window = first; window < first + count; window++) {
    const image = window / perImage, place = window % perImage;
    const column = (place % outWidth) * strideWidth - left;
    // The columns of the window that lie in the image.
    const begin = min(max(0, -column), windowWidth);
    const end = max(begin, min(windowWidth, inWidth - column));
    const before = begin * channels, inside = (end - begin) * channels;
    for (let each = 0; each < windowHeight; each++) {
      const row = (place / outWidth) * strideHeight - top + each;
      const isInside = row >= 0 && row < inHeight;
      const pixel = ((image * inHeight + row) * inWidth + column + begin) * channels;
      if (adds) {
        if (isInside) add(rows + bytes(before), images + bytes(pixel), inside);
      } else if (isInside) {
        clear(rows, before);
        copy(images + bytes(pixel), rows + bytes(before), inside);
        clear(rows + bytes(before + inside), size - before - inside);
      } else clear(rows, size);
      rows += bytes(size);
    }
  }
}

/** `count` results of all filters. */
export function convolve(x: usize, filter: usize, y: usize, count: i32, scratch: usize): void {
  const size = windowSize();
  const rows = scratch + bytes(size * ((filters + 7) & ~7));
  const edge = rows + bytes(WINDOWS * size);
  packColumns(filter, bytes(filters), size, filters, scratch);
  for (let first = 0; first < count; first += WINDOWS) {
    const height = min(WINDOWS, count - first);
    walkWindows(x, first, height, rows, false);
    const to = y + bytes(first * filters), step = bytes(size);
    multiplyBlock(
      rows,
      4 * step,
      step,
      4,
      height,
      size,
      scratch,
      filters,
      to,
      bytes(filters),
      false,
      edge,
    );
  }
}

/** The gradient by the images: adds to `dx`, which begins with zeros. */
export function convolveToImages(
  dy: usize,
  filter: usize,
  dx: usize,
  count: i32,
  scratch: usize,
): void {
  const size = windowSize();
  const rows = scratch + bytes(filters * ((size + 7) & ~7));
  const edge = rows + bytes(WINDOWS * size);
  packRows(filter, bytes(filters), filters, size, scratch);
  for (let first = 0; first < count; first += WINDOWS) {
    const height = min(WINDOWS, count - first);
    const from = dy + bytes(first * filters), step = bytes(filters);
    multiplyBlock(
      from,
      4 * step,
      step,
      4,
      height,
      filters,
      scratch,
      size,
      rows,
      bytes(size),
      false,
      edge,
    );
    walkWindows(dx, first, height, rows, true);
  }
}

/** The gradient by the filters. */
export function convolveToFilters(
  x: usize,
  dy: usize,
  dFilter: usize,
  count: i32,
  scratch: usize,
): void {
  const size = windowSize();
  const panels = scratch;
  const rows = panels + bytes(WINDOWS * ((filters + 7) & ~7));
  const tiles = rows + bytes(WINDOWS * size);
  const edge = tiles + bytes(WINDOWS * HEIGHT);
  if (count == 0) clear(dFilter, size * filters);
  for (let first = 0; first < count; first += WINDOWS) {
    const depth = min(WINDOWS, count - first);
    walkWindows(x, first, depth, rows, false);
    packColumns(dy + bytes(first * filters), bytes(filters), depth, filters, panels);
    for (let from = 0; from < size; from += HEIGHT) {
      const height = min(HEIGHT, size - from);
      packTiles(rows + bytes(from), bytes(size), depth, height, tiles);
      const to = dFilter + bytes(from * filters);
      multiplyBlock(
        tiles,
        bytes(4 * depth),
        4,
        16,
        height,
        depth,
        panels,
        filters,
        to,
        bytes(filters),
        first > 0,
        edge,
      );
    }
  }
}
