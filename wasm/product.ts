/**
 * Products of matrices, as "Anatomy of High-Performance Matrix Multiplication" (Goto and van de Geijn, 2008) has
 * them: blocks of the right matrix are packed into panels of eight columns, and a tile of four rows and eight
 * columns stays in registers while it goes down the inner axis.
 *
 * This is AssemblyScript; `deno task wasm` compiles it. Sizes are in values, places in memory and distances in bytes.
 */

import { bytes } from "./lanes";

/** How much of the inner axis, and how many columns and rows, one block has: its parts stay in the caches. */
const DEPTH = 256;
const COLUMNS = 256;
const ROWS = 64;

/** Bytes of memory that {@link multiply} needs beside its matrices. */
export function scratchBytes(): usize {
  return bytes(DEPTH * COLUMNS + DEPTH * ROWS + 4 * 8);
}

/** Four values from four rows, `step` apart, as columns: `[4, 4]` of `from` transposed, `next` apart in `to`. */
function turn(from: usize, step: usize, to: usize, next: usize): void {
  const a = v128.load(from), b = v128.load(from + step);
  const c = v128.load(from + 2 * step), d = v128.load(from + 3 * step);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7), CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(to + next, v128.shuffle<i64>(ab, cd, 1, 3));
  v128.store(to + 2 * next, v128.shuffle<i64>(AB, CD, 0, 2));
  v128.store(to + 3 * next, v128.shuffle<i64>(AB, CD, 1, 3));
}

/** Packs `[depth, width]` into panels `[width / 8, depth, 8]`, the last one filled up with zeros. */
export function packColumns(from: usize, step: usize, depth: i32, width: i32, to: usize): void {
  for (let column = 0; column < width; column += 8) {
    const source = from + bytes(column);
    const left = min(8, width - column);
    for (let at = 0; at < depth; at++) {
      const row = source + step * <usize> at;
      if (left == 8) {
        v128.store(to, v128.load(row));
        v128.store(to, v128.load(row, 16), 16);
      } else {
        for (let place = 0; place < 8; place++) {
          f32.store(
            to + bytes(place),
            place < left ? f32.load(row + bytes(place)) : 0,
          );
        }
      }
      to += 32;
    }
  }
}

/** As {@link packColumns}, of a matrix `[width, depth]`. */
export function packRows(from: usize, step: usize, depth: i32, width: i32, to: usize): void {
  for (let column = 0; column < width; column += 8) {
    const source = from + step * <usize> column;
    const left = min(8, width - column);
    let at = 0;
    if (left == 8) {
      for (; at + 4 <= depth; at += 4) {
        turn(source + bytes(at), step, to, 32);
        turn(source + bytes(at) + 4 * step, step, to + 16, 32);
        to += 128;
      }
    }
    for (; at < depth; at++) {
      for (let place = 0; place < 8; place++) {
        const value = source + step * <usize> place + bytes(at);
        f32.store(to + bytes(place), place < left ? f32.load(value) : 0);
      }
      to += 32;
    }
  }
}

/** Packs `[depth, height]` into tiles `[height / 4, depth, 4]`, the last one filled up with zeros. */
export function packTiles(from: usize, step: usize, depth: i32, height: i32, to: usize): void {
  for (let row = 0; row < height; row += 4) {
    const source = from + bytes(row);
    const left = min(4, height - row);
    for (let at = 0; at < depth; at++) {
      const place = source + step * <usize> at;
      if (left == 4) v128.store(to, v128.load(place));
      else {
        for (let each = 0; each < 4; each++) {
          f32.store(
            to + bytes(each),
            each < left ? f32.load(place + bytes(each)) : 0,
          );
        }
      }
      to += 16;
    }
  }
}

/**
 * A tile of the product: four rows of the left matrix, whose values lie `step` apart, times a packed panel. Adds to
 * what is in `c`, or begins there.
 */
function tile(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  step: usize,
  panel: usize,
  depth: i32,
  c: usize,
  cStep: usize,
  adds: bool,
): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  // Two places at a time: moving the pointers costs as much as a product.
  for (let at = depth >> 1; at > 0; at--) {
    let b0 = v128.load(panel), b1 = v128.load(panel, 16);
    let r = v128.load32_splat(a0);
    c00 = f32x4.add(c00, f32x4.mul(r, b0));
    c01 = f32x4.add(c01, f32x4.mul(r, b1));
    r = v128.load32_splat(a1);
    c10 = f32x4.add(c10, f32x4.mul(r, b0));
    c11 = f32x4.add(c11, f32x4.mul(r, b1));
    r = v128.load32_splat(a2);
    c20 = f32x4.add(c20, f32x4.mul(r, b0));
    c21 = f32x4.add(c21, f32x4.mul(r, b1));
    r = v128.load32_splat(a3);
    c30 = f32x4.add(c30, f32x4.mul(r, b0));
    c31 = f32x4.add(c31, f32x4.mul(r, b1));
    b0 = v128.load(panel, 32);
    b1 = v128.load(panel, 48);
    r = v128.load32_splat(a0 + step);
    c00 = f32x4.add(c00, f32x4.mul(r, b0));
    c01 = f32x4.add(c01, f32x4.mul(r, b1));
    r = v128.load32_splat(a1 + step);
    c10 = f32x4.add(c10, f32x4.mul(r, b0));
    c11 = f32x4.add(c11, f32x4.mul(r, b1));
    r = v128.load32_splat(a2 + step);
    c20 = f32x4.add(c20, f32x4.mul(r, b0));
    c21 = f32x4.add(c21, f32x4.mul(r, b1));
    r = v128.load32_splat(a3 + step);
    c30 = f32x4.add(c30, f32x4.mul(r, b0));
    c31 = f32x4.add(c31, f32x4.mul(r, b1));
    panel += 64;
    a0 += 2 * step;
    a1 += 2 * step;
    a2 += 2 * step;
    a3 += 2 * step;
  }
  if (depth & 1) {
    const b0 = v128.load(panel), b1 = v128.load(panel, 16);
    let r = v128.load32_splat(a0);
    c00 = f32x4.add(c00, f32x4.mul(r, b0));
    c01 = f32x4.add(c01, f32x4.mul(r, b1));
    r = v128.load32_splat(a1);
    c10 = f32x4.add(c10, f32x4.mul(r, b0));
    c11 = f32x4.add(c11, f32x4.mul(r, b1));
    r = v128.load32_splat(a2);
    c20 = f32x4.add(c20, f32x4.mul(r, b0));
    c21 = f32x4.add(c21, f32x4.mul(r, b1));
    r = v128.load32_splat(a3);
    c30 = f32x4.add(c30, f32x4.mul(r, b0));
    c31 = f32x4.add(c31, f32x4.mul(r, b1));
  }
  const d1 = c + cStep, d2 = d1 + cStep, d3 = d2 + cStep;
  if (adds) {
    c00 = f32x4.add(c00, v128.load(c));
    c01 = f32x4.add(c01, v128.load(c, 16));
    c10 = f32x4.add(c10, v128.load(d1));
    c11 = f32x4.add(c11, v128.load(d1, 16));
    c20 = f32x4.add(c20, v128.load(d2));
    c21 = f32x4.add(c21, v128.load(d2, 16));
    c30 = f32x4.add(c30, v128.load(d3));
    c31 = f32x4.add(c31, v128.load(d3, 16));
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(d1, c10);
  v128.store(d1, c11, 16);
  v128.store(d2, c20);
  v128.store(d2, c21, 16);
  v128.store(d3, c30);
  v128.store(d3, c31, 16);
}

/**
 * Rows of the left matrix times packed panels. A row's values lie `aStep` apart, rows `aRow`, fours of rows `aFour`;
 * of a last four that is not whole only the rows that there are are read.
 */
export function multiplyBlock(
  a: usize,
  aFour: usize,
  aRow: usize,
  aStep: usize,
  rows: i32,
  depth: i32,
  panels: usize,
  columns: i32,
  c: usize,
  cStep: usize,
  adds: bool,
  edge: usize,
): void {
  for (let column = 0; column < columns; column += 8) {
    const wide = min(8, columns - column);
    for (let row = 0; row < rows; row += 4) {
      const high = min(4, rows - row);
      const a0 = a + aFour * <usize> (row >> 2);
      const a1 = a0 + (high > 1 ? aRow : 0);
      const a2 = a0 + (high > 2 ? 2 * aRow : 0);
      const a3 = a0 + (high > 3 ? 3 * aRow : 0);
      const to = c + cStep * <usize> row + bytes(column);
      if (high == 4 && wide == 8) {
        tile(a0, a1, a2, a3, aStep, panels, depth, to, cStep, adds);
        continue;
      }
      tile(a0, a1, a2, a3, aStep, panels, depth, edge, 32, false);
      for (let i = 0; i < high; i++) {
        for (let j = 0; j < wide; j++) {
          const value = f32.load(edge + bytes(8 * i) + bytes(j));
          const place = to + cStep * <usize> i + bytes(j);
          f32.store(place, adds ? f32.load(place) + value : value);
        }
      }
    }
    panels += bytes(8 * depth);
  }
}

/**
 * `count` products `[rows, inner] · [inner, columns]`, or of matrices that lie transposed. `aNext` and `bNext` are
 * the distances between the matrices of a batch: 0 where one meets all.
 */
export function multiply(
  count: i32,
  rows: i32,
  inner: i32,
  columns: i32,
  a: usize,
  aNext: usize,
  aTransposed: bool,
  b: usize,
  bNext: usize,
  bTransposed: bool,
  c: usize,
  scratch: usize,
): void {
  const panels = scratch;
  const tiles = panels + bytes(DEPTH * COLUMNS);
  const edge = tiles + bytes(DEPTH * ROWS);
  const aWide: usize = bytes(aTransposed ? rows : inner);
  const bWide: usize = bytes(bTransposed ? inner : columns);
  const cWide: usize = bytes(columns);
  for (let each = 0; each < count; each++) {
    for (let column = 0; column < columns; column += COLUMNS) {
      const width = min(COLUMNS, columns - column);
      for (let from = 0; from < inner; from += DEPTH) {
        const depth = min(DEPTH, inner - from);
        if (bTransposed) {
          packRows(b + bWide * <usize> column + bytes(from), bWide, depth, width, panels);
        } else {
          packColumns(b + bWide * <usize> from + bytes(column), bWide, depth, width, panels);
        }
        for (let row = 0; row < rows; row += ROWS) {
          const height = min(ROWS, rows - row);
          const to = c + cWide * <usize> row + bytes(column);
          if (aTransposed) {
            packTiles(a + aWide * <usize> from + bytes(row), aWide, depth, height, tiles);
            const four = bytes(4 * depth);
            multiplyBlock(
              tiles,
              four,
              4,
              16,
              height,
              depth,
              panels,
              width,
              to,
              cWide,
              from > 0,
              edge,
            );
          } else {
            const block = a + aWide * <usize> row + bytes(from);
            multiplyBlock(
              block,
              4 * aWide,
              aWide,
              4,
              height,
              depth,
              panels,
              width,
              to,
              cWide,
              from > 0,
              edge,
            );
          }
        }
      }
    }
    a += aNext;
    b += bNext;
    c += cWide * <usize> rows;
  }
}
