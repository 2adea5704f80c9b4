/** Tiles of maps, which Winograd's algorithm makes sums and differences of, and how those lie in memory. */
import type { ConvolutionForm } from "../convolution_form.ts";
import type { Scratch } from "./memory.ts";
import { type Body, float } from "./text.ts";

/** Places of a tile along one axis, of the result that it gives, and of the window. */
export const TILE = 4, STEP = 2, WINDOW = 3;
/** Numbers that a tile, or a window, is spread into. */
export const PRODUCTS = TILE * TILE;
/** So many tiles a product has at least, to be made of rows that are computed together; and at most. */
export const LEAST_TILES = 8;
const MOST_TILES = 20;
/** Bytes of the spread tiles and their products, which are to stay in the cache. */
const MOST_TILE_BYTES = 160 * 1024;
/** Vectors have as many numbers, or twice as many. */
export const LEAST_LANES = 8;
/** Numbers between matrices that would else begin at the same place of the cache. */
const APART = 16;

/** How the tiles of a map are taken. */
export interface Tiling {
  /** Tiles of a map. */
  down: number;
  across: number;
  /** Of a strip, whose tiles are taken at a time: the last one of a map may reach back into the one before. */
  rows: number;
  strips: number;
  /** Of a part, where rows are so long that a strip is one of them, taken in parts; also the last one reaches back. */
  columns: number;
  parts: number;
  /** Tiles that are taken at a time. */
  count: number;
}

type Sizes = Pick<ConvolutionForm, "places" | "inputs" | "outputs">;

export function tilesOf({ places: [height, width], inputs, outputs }: Sizes): Tiling {
  const down = Math.ceil(height / STEP), across = Math.ceil(width / STEP);
  const bytes = 4 * PRODUCTS * (inputs + outputs);
  const most = Math.min(MOST_TILES, Math.max(1, Math.floor(MOST_TILE_BYTES / bytes)));
  const made = (rows: number) => Math.ceil(down / rows) * rows;
  const [rows = across > most ? 1 : down] = each(down, (at) => down - at)
    .filter((rows) => rows * across >= LEAST_TILES && rows * across <= most)
    .sort((a, b) => made(a) - made(b)); // else those with more tiles stay first
  const fewest = rows * across <= most ? 1 : Math.ceil(across / most);
  // More parts that are alike rather than some that overlap.
  const parts = each(across, (at) => at + fewest)
    .find((parts) => across % parts === 0 && rows * across / parts >= LEAST_TILES) ?? fewest;
  const columns = Math.ceil(across / parts);
  const strips = Math.ceil(down / rows);
  return { down, across, rows, columns, strips, parts, count: rows * columns };
}

/** How far apart the 16 matrices are, of so many numbers each. */
export const apart = (numbers: number) => numbers + APART;

/** How many numbers vectors of so many channels have. */
export const lanesOf = (channels: number, longVectors = false) =>
  longVectors && channels % (2 * LEAST_LANES) === 0 ? 2 * LEAST_LANES : LEAST_LANES;

export const each = <T>(count: number, make: (at: number) => T) =>
  Array.from({ length: count }, (_, at) => make(at));
const turned = <T>(rows: readonly T[][]) => rows[0].map((_, at) => rows.map((row) => row[at]));

/** What is done to each column of a matrix, and then to each row. */
export const inBothAxes = <T>(matrix: readonly T[][], change: (numbers: T[]) => T[]) =>
  turned(turned(matrix).map(change)).map(change);

/** A sum or product of whole numbers that stay in range. */
export const whole = (
  body: Body,
  operation: "add" | "sub" | "mul",
  a: string | number,
  b: string | number,
) => body.value(`${operation} nsw i64 ${a}, ${b}`);

/** Where a part of a number begins, of which each has so many, and all together `end`. */
export function beginning(body: Body, part: string, count: number, end: number): string {
  const begin = whole(body, "mul", part, count);
  if (end % count === 0) return begin;
  return body.value(`call i64 @llvm.umin.i64(i64 ${begin}, i64 ${end - count})`);
}

/** The tiles of a strip, part by part: each row of it is spread, and then `write` makes something of the part. */
export function eachPart(
  body: Body,
  { rows, columns, across, parts }: Tiling,
  top: string,
  spread: { down(row: string): void; across(tiles: { left: string; row: string }): void },
  write: (left: string) => void,
): void {
  // Where a row is taken in parts, it is the strip's only one.
  if (parts > 1) spread.down(top);
  body.loop("parts", [0, parts], (part) => {
    const left = beginning(body, part, columns, across);
    body.loop("rows", [0, rows], (row) => {
      if (parts === 1) spread.down(whole(body, "add", top, row));
      spread.across({ left, row });
    });
    write(left);
  });
}

/** What is written for each of the 16 matrices, of which `place` tells where it begins: they are so far apart. */
export function eachMatrix(
  body: Body,
  write: (place: (pointer: string, distance: number) => string) => void,
): void {
  body.loop("factors", [0, PRODUCTS], (factor) => {
    write((pointer, distance) => body.at(pointer, whole(body, "mul", factor, distance)));
  });
}

export const minimumDeclaration = "declare i64 @llvm.umin.i64(i64, i64)";

/** Instructions on vectors of so many numbers. */
export class Vectors {
  readonly #type: string;

  constructor(readonly body: Body, readonly lanes: number) {
    this.#type = `<${lanes} x float>`;
  }

  load(pointer: string, at: string | number = 0): string {
    const from = at === 0 ? pointer : this.body.at(pointer, at);
    return this.body.value(`load ${this.#type}, ptr ${from}, align 4`);
  }

  store(value: string, pointer: string, at: string | number = 0): void {
    const to = at === 0 ? pointer : this.body.at(pointer, at);
    this.body.do(`store ${this.#type} ${value}, ptr ${to}, align 4`);
  }

  add = (a: string, b: string) => this.body.value(`fadd ${this.#type} ${a}, ${b}`);
  subtract = (a: string, b: string) => this.body.value(`fsub ${this.#type} ${a}, ${b}`);

  halved(a: string): string {
    const halves = each(this.lanes, () => `float ${float(0.5)}`);
    return this.body.value(`fmul ${this.#type} ${a}, <${halves.join(", ")}>`);
  }

  /** NaN stays. */
  relu(a: string): string {
    const isLess = this.body.value(`fcmp ole ${this.#type} ${a}, zeroinitializer`);
    return this.body.value(
      `select <${this.lanes} x i1> ${isLess}, ${this.#type} zeroinitializer, ${this.#type} ${a}`,
    );
  }

  /** Writes each vector of so many numbers. */
  loop(name: string, count: number, write: (at: string) => void): void {
    this.body.loop(name, [0, count / this.lanes], (at) => {
      write(whole(this.body, "mul", at, this.lanes));
    });
  }

  // ---- Winograd's sums and differences, along one axis ----------------------------------------

  /** Of the four places of a tile. */
  spread = ([a, b, c, d]: string[]) => [
    ...[this.subtract(a, c), this.add(b, c)],
    ...[this.subtract(c, b), this.subtract(b, d)],
  ];

  /** Of the three places of a window. */
  spreadWindow = ([a, b, c]: string[]) => {
    const outer = this.add(a, c);
    return [a, this.halved(this.add(outer, b)), this.halved(this.subtract(outer, b)), c];
  };

  /** Of the products: the two places of the result. */
  gathered = ([a, b, c, d]: string[]) => [
    ...[this.add(this.add(a, b), c), this.subtract(this.subtract(b, c), d)],
  ];

  /** Of what comes back to the two places of the result; the last one with the other sign. */
  spreadSlope = ([a, b]: string[]) => [a, this.add(a, b), this.subtract(a, b), b];

  /** Of the products with those: the three places of the window. */
  gatheredWindow = ([a, b, c, d]: string[]) => {
    const half = this.halved(this.add(b, c));
    return [
      ...[this.add(a, half), this.halved(this.subtract(b, c))],
      this.subtract(half, d),
    ];
  };
}

interface SpreadMap {
  /** The parameter that holds the maps. */
  pointer: string;
  map: readonly [height: number, width: number];
  channels: number;
  /** Zeros above a map and to its left. */
  zeros: readonly [above: number, left: number];
  /** Places of a tile along one axis, which begins two after the one before it. */
  places: 2 | 4;
}

/** Spreads rows of tiles into 16 matrices, tiles × channels. */
export class Spreader {
  readonly #body: Body;
  readonly #given: SpreadMap;
  readonly #vectors: Vectors;
  readonly #change: (numbers: string[]) => string[];
  /** What is spread down already of four rows of places, with zeros at both ends. */
  readonly #lines: string;
  readonly #lineLength: number;
  /** A row of zeros, for those beyond the map. */
  readonly #zeros: string;
  readonly #name: string;

  constructor(
    given: SpreadMap,
    { body, scratch, across, longVectors }: {
      body: Body;
      scratch: Scratch;
      across: number;
      longVectors?: boolean;
    },
  ) {
    const { pointer, map: [, width], channels, places } = given;
    this.#body = body;
    this.#given = given;
    this.#vectors = new Vectors(body, lanesOf(channels, longVectors));
    this.#change = places === TILE ? this.#vectors.spread : this.#vectors.spreadSlope;
    this.#name = pointer.slice(1);
    this.#lineLength = (STEP * across + places - STEP) * channels;
    this.#lines = scratch.room(`${this.#name}.lines`, "float", TILE * this.#lineLength);
    this.#zeros = scratch.room(`${this.#name}.zeros`, "float", width * channels);
    const clear = (name: string, pointer: string, count: number) =>
      this.#vectors.loop(name, count, (at) => this.#vectors.store("zeroinitializer", pointer, at));
    clear(`${this.#name}.line`, this.#lines, TILE * this.#lineLength);
    clear(`${this.#name}.zero`, this.#zeros, width * channels);
  }

  /** A row of tiles down, place by place; of zeros where it is one before `first`. */
  down(image: string, tileRow: string, first?: string): void {
    const body = this.#body, vectors = this.#vectors;
    const { pointer, map: [height, width], zeros: [above, left], channels, places } = this.#given;
    const top = whole(body, "sub", whole(body, "mul", tileRow, STEP), above);
    const start = whole(body, "mul", image, height);
    const rows = each(places, (at) => {
      const row = whole(body, "add", top, at);
      let isIn = body.value(`icmp ult i64 ${row}, ${height}`);
      if (first !== undefined) {
        isIn = body.value(`and i1 ${isIn}, ${body.value(`icmp uge i64 ${tileRow}, ${first}`)}`);
      }
      const offset = whole(body, "mul", whole(body, "add", start, row), width * channels);
      return body.value(
        `select i1 ${isIn}, ptr ${body.at(pointer, offset)}, ptr ${this.#zeros}`,
      );
    });
    vectors.loop(`${this.#name}.down`, width * channels, (at) => {
      const to = body.at(this.#lines, whole(body, "add", at, left * channels));
      this.#change(rows.map((row) => vectors.load(row, at)))
        .forEach((value, k) => vectors.store(value, to, k * this.#lineLength));
    });
  }

  /** Some tiles of such a row across: from the tile `left` on, to the places of `row` in the matrices. */
  across(
    { left, row, columns, to, apart }: {
      left: string;
      row: string;
      columns: number;
      to: string;
      apart: number;
    },
  ): void {
    const body = this.#body, vectors = this.#vectors;
    const { channels, places } = this.#given;
    body.loop(`${this.#name}.across`, [0, columns], (column) => {
      const tile = whole(body, "add", left, column);
      const from = body.at(this.#lines, whole(body, "mul", tile, STEP * channels));
      const place = whole(body, "add", whole(body, "mul", row, columns), column);
      const target = body.at(to, whole(body, "mul", place, channels));
      vectors.loop(`${this.#name}.channels`, channels, (channel) => {
        const source = body.at(from, channel), written = body.at(target, channel);
        for (let k = 0; k < TILE; k++) {
          const given = each(
            places,
            (j) => vectors.load(source, k * this.#lineLength + j * channels),
          );
          this.#change(given).forEach((value, j) => {
            vectors.store(value, written, (TILE * k + j) * apart);
          });
        }
      });
    });
  }
}
