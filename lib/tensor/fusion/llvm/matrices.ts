/**
 * Products of small matrices, whole ones of which stay in the cache: each step of the innermost loop takes one row
 * of the right factor, as one vector, into some rows of the result, which stay in registers.
 */
import { Body, float, functionText } from "./text.ts";
import type { LoopHints, Tuning } from "./tuning.ts";

/**
 * Most rows of a result that are computed together: of AVX2's sixteen registers that hold a vector of eight, two
 * a row; of the 32 that hold one of sixteen, one. As many sums must be under way as hide how long one takes.
 */
const MOST_ROWS = 6, MOST_ROWS_OF_LONG_VECTORS = 12;
/** Columns that are computed together, and what is left of them. */
const LANES = 16, FEWER_LANES = 8;

/** Numbers in memory, by an address and strides. */
export interface Place {
  pointer: string;
  row: number;
  column: number;
}

/** The length of a row with room for whole vectors. */
export function padded(columns: number): number {
  const rest = columns % LANES;
  return columns - rest + (rest === 0 ? 0 : rest <= FEWER_LANES ? FEWER_LANES : LANES);
}

/** The length of a row with room for whole squares of what is turned. */
export const wholeSquares = (columns: number) => Math.ceil(columns / LANES) * LANES;

/** Whether a matrix can be read or written where it lies: its rows are vectors, and none goes beyond them. */
export const isPacked = ({ column }: { column: number }, columns: number) =>
  column === 1 && padded(columns) === columns;

/** Copies a matrix. */
export function copyMatrix(
  body: Body,
  name: string,
  { from, to, rows, columns }: {
    from: Place;
    to: Place;
    rows: number;
    columns: number;
  },
  hints: LoopHints,
): void {
  // What is read one after the other is the inner loop.
  const isTurned = from.row === 1 && from.column !== 1;
  const [outer, inner] = isTurned ? [columns, rows] : [rows, columns];
  const strides = ({ row, column }: Place) => isTurned ? [column, row] : [row, column];
  body.loop(`${name}.outer`, [0, outer], (at) => {
    const begin = ({ pointer }: Place, stride: number) =>
      body.at(pointer, body.value(`mul nuw nsw i64 ${at}, ${stride}`));
    const source = begin(from, strides(from)[0]), target = begin(to, strides(to)[0]);
    body.loop(`${name}.inner`, [0, inner], (index) => {
      const place = (pointer: string, stride: number) =>
        body.at(pointer, stride === 1 ? index : body.value(`mul nuw nsw i64 ${index}, ${stride}`));
      const read = body.load("float", place(source, strides(from)[1]));
      body.store("float", read, place(target, strides(to)[1]));
    });
  }, hints.staysLoop());
}

/** How many numbers on a side squares have that are turned in registers: as many as a vector has. */
const squareSide = ({ longVectors }: Tuning) => longVectors ? LANES : FEWER_LANES;

/** Of columns beyond the last whole square so few are copied number by number. */
const FEW_COLUMNS = 2;

/**
 * Turns a matrix whose columns lie one after the other: `to[i][j] = from[i][j]`, square by square, in registers. Of
 * the rows of `to`, which has room for whole vectors in each, the numbers beyond `columns` mean nothing.
 */
export function turnMatrix(
  body: Body,
  name: string,
  { from, to, rows, columns }: { from: Place; to: Place; rows: number; columns: number },
  { tuning, hints }: { tuning: Tuning; hints: LoopHints },
): void {
  const side = squareSide(tuning);
  const rest = columns % side, isFew = rest <= FEW_COLUMNS;
  const squares = Math.floor(columns / side) + (isFew ? 0 : 1);
  body.loop(`${name}.down`, [0, rows / side], (down) => {
    const row = body.value(`mul nuw nsw i64 ${down}, ${side}`);
    body.loop(`${name}.across`, [0, squares], (across) => {
      const column = body.value(`mul nuw nsw i64 ${across}, ${side}`);
      const read = body.at(from.pointer, row);
      const start = body.value(`mul nuw nsw i64 ${row}, ${to.row}`);
      const written = body.at(to.pointer, body.value(`add nuw nsw i64 ${start}, ${column}`));
      body.do(
        `call void @turn(ptr ${read}, i64 ${from.column}, i64 ${column}, i64 ${columns - 1}, ` +
          `ptr ${written}, i64 ${to.row})`,
      );
    }, hints.staysLoop());
  }, hints.staysLoop());
  if (!isFew || rest === 0) return;
  const beyond = ({ pointer, ...place }: Place) => {
    return { pointer: body.at(pointer, (columns - rest) * place.column), ...place };
  };
  copyMatrix(
    body,
    `${name}.rest`,
    { from: beyond(from), to: beyond(to), rows, columns: rest },
    hints,
  );
}

/** `turn(from, stride, first, last, to, stride)`: vectors as columns; the last one again for those beyond it. */
function turn(side: number): string {
  const body = new Body();
  const type = `<${side} x float>`;
  const all = Array.from({ length: side }, (_, at) => at);
  let vectors = all.map((at) => {
    const column = body.value(`add nuw nsw i64 %first, ${at}`);
    const isIn = body.value(`icmp slt i64 ${column}, %last`);
    const present = body.value(`select i1 ${isIn}, i64 ${column}, i64 %last`);
    const place = body.at("%from", body.value(`mul nuw nsw i64 ${present}, %fromColumn`));
    return body.value(`load ${type}, ptr ${place}, align 4`);
  });
  const shuffled = (a: string, b: string, lane: (at: number) => number) => {
    const mask = all.map((at) => `i32 ${lane(at)}`).join(", ");
    return body.value(`shufflevector ${type} ${a}, ${type} ${b}, <${side} x i32> <${mask}>`);
  };
  // Registers of processors are made of parts of four numbers, within and between which they move at once. First
  // squares of four are turned within such parts: numbers by turns of two vectors, and then pairs of them.
  const byTurns = ([a, b]: [string, string], size: number, half: number) =>
    shuffled(a, b, (at) => {
      const inHalf = at % size + Math.floor(at % 4 / (2 * size)) * size;
      return at - at % 4 + half * 2 + inHalf + (at % (2 * size) < size ? 0 : side);
    });
  for (let first = 0; first < side; first += 4) {
    const [a, b, c, d] = vectors.slice(first, first + 4);
    const numbers = [0, 1].map((half) => [byTurns([a, b], 1, half), byTurns([c, d], 1, half)]);
    const turned = numbers.flatMap(([ab, cd]) => [0, 1].map((half) => byTurns([ab, cd], 2, half)));
    vectors.splice(first, 4, ...turned);
  }
  // Then the parts change places with those on the other side of the diagonal.
  for (let size = 4; size < side; size *= 2) {
    const exchanged = (a: string, b: string, part: number) =>
      shuffled(a, b, (at) => (at & size) === 0 ? at + part : at - size + part + side);
    vectors = all.map((at) =>
      (at & size) === 0
        ? exchanged(vectors[at], vectors[at + size], 0)
        : exchanged(vectors[at - size], vectors[at], size)
    );
  }
  vectors.forEach((vector, at) => {
    const place = body.at("%to", body.value(`mul nuw nsw i64 %toRow, ${at}`));
    body.do(`store ${type} ${vector}, ptr ${place}, align 4`);
  });
  body.do("ret void");
  const parameters = "ptr noalias readonly %from, i64 %fromColumn, i64 %first, i64 %last, " +
    "ptr noalias %to, i64 %toRow";
  return functionText(`internal void @turn(${parameters}) noinline #0`, body);
}

/** Whether a matrix can be turned square by square: its columns are vectors. */
export const isTurnable = (
  { row, column }: Pick<Place, "row" | "column">,
  rows: number,
  tuning: Tuning,
) => row === 1 && column !== 1 && rows % squareSide(tuning) === 0;

interface Multiplication {
  left: Place;
  right: Place;
  to: Place;
  rows: number;
  depth: number;
  columns: number;
  /** What the product is multiplied by. */
  factor: number;
  /** The product, of the factor 1, is added to what is there. */
  isAdded?: boolean;
}

/** Products of matrices, and the functions that they are made of: one for each size of a part, and each stride. */
export class Multiplications {
  readonly #tuning: Tuning;
  readonly #hints: LoopHints | undefined;
  readonly #mostRows: number;
  readonly #functions = new Map<string, string>();

  /** `hints`: for loops whose steps are products. */
  constructor(tuning: Tuning, hints?: LoopHints) {
    this.#tuning = tuning;
    this.#hints = hints;
    this.#mostRows = tuning.longVectors ? MOST_ROWS_OF_LONG_VECTORS : MOST_ROWS;
  }

  /** `to = left · right`; the rows of `right` and `to` have room for whole vectors, each in a row of numbers. */
  write(body: Body, name: string, sizes: Multiplication): void {
    const { left, right, to, rows, columns } = sizes;
    const part = (count: number, lanes: number, row: string, column: string | number) => {
      const a = body.at(left.pointer, body.value(`mul nuw nsw i64 ${row}, ${left.row}`));
      const b = body.at(right.pointer, column);
      const start = body.value(`mul nuw nsw i64 ${row}, ${to.row}`);
      const c = body.at(to.pointer, body.value(`add nuw nsw i64 ${start}, ${column}`));
      body.do(`call void @${this.#part(count, lanes, sizes)}(ptr ${a}, ptr ${b}, ptr ${c})`);
    };
    // Parts of almost as many rows each: one of few rows would wait for its sums.
    const parts = Math.ceil(rows / this.#mostRows), fewer = Math.floor(rows / parts);
    const longer = rows - parts * fewer;
    const strip = (label: string, lanes: number, column: string | number) => {
      const some = (count: number, number: number, first: number) => {
        if (number === 0) return;
        body.loop(`${name}.${label}.${count}`, [0, number], (at) => {
          const row = body.value(`mul nuw nsw i64 ${at}, ${count}`);
          part(count, lanes, body.value(`add nuw nsw i64 ${row}, ${first}`), column);
        }, this.#hints?.staysLoop());
      };
      some(fewer + 1, longer, 0);
      some(fewer, parts - longer, longer * (fewer + 1));
    };
    const whole = Math.floor(columns / LANES), rest = padded(columns) - whole * LANES;
    if (whole > 0) {
      body.loop(`${name}.columns`, [0, whole], (block) => {
        strip("rows", LANES, body.value(`mul nuw nsw i64 ${block}, ${LANES}`));
      }, this.#hints?.staysLoop());
    }
    if (rest > 0) strip("fewer", rest, whole * LANES);
  }

  /** The name of the function for a part. */
  #part(rows: number, lanes: number, sizes: Multiplication): string {
    const { left, right, to, depth, factor, isAdded = false } = sizes;
    const strides = [left.row, left.column, right.row, to.row];
    const key = [rows, lanes, ...strides, depth, factor, isAdded].join(" ");
    const known = this.#functions.get(key);
    if (known === undefined) {
      const name = `multiply.${this.#functions.size}`;
      this.#functions.set(key, multiplyPart(name, rows, lanes, sizes));
      return name;
    }
    return known.match(/@([\w.]+)/)![1];
  }

  toString(): string {
    return [
      ...[LANES, FEWER_LANES].map((lanes) => {
        const type = `<${lanes} x float>`;
        return `declare ${type} @llvm.fmuladd.v${lanes}f32(${type}, ${type}, ${type})`;
      }),
      turn(squareSide(this.#tuning)),
      ...this.#functions.values(),
    ].join("\n");
  }
}

/** `multiply.N(a, b, c)`: some rows of as many columns as are in a vector. */
function multiplyPart(
  name: string,
  rows: number,
  lanes: number,
  { left, right, to, depth, factor, isAdded }: Multiplication,
): string {
  const body = new Body();
  const type = `<${lanes} x float>`;
  const all = Array.from({ length: rows }, (_, row) => row);
  const everywhere = (number: string) => {
    const one = body.value(`insertelement ${type} poison, float ${number}, i64 0`);
    return body.value(
      `shufflevector ${type} ${one}, ${type} poison, <${lanes} x i32> zeroinitializer`,
    );
  };
  const start = all.map((row) =>
    isAdded
      ? body.value(`load ${type}, ptr ${body.at("%c", row * to.row)}, align 4`)
      : "zeroinitializer"
  );
  body.do("br label %steps");
  body.label("steps");
  body.do("%step = phi i64 [0, %entry], [%next, %steps]");
  for (const row of all) {
    body.do(`%sum${row} = phi ${type} [${start[row]}, %entry], [%new${row}, %steps]`);
  }
  const from = body.at("%b", body.value(`mul nuw nsw i64 %step, ${right.row}`));
  const b = body.value(`load ${type}, ptr ${from}, align 4`);
  const column = body.value(`mul nuw nsw i64 %step, ${left.column}`);
  for (const row of all) {
    const at = body.value(`add nuw nsw i64 ${column}, ${row * left.row}`);
    const a = everywhere(body.load("float", body.at("%a", at)));
    body.do(
      `%new${row} = call ${type} @llvm.fmuladd.v${lanes}f32(${type} ${a}, ${type} ${b}, ${type} %sum${row})`,
    );
  }
  body.do("%next = add nuw nsw i64 %step, 1");
  body.do(`%more = icmp slt i64 %next, ${depth}`);
  body.do("br i1 %more, label %steps, label %end");
  body.label("end");
  const scale = factor === 1 ? undefined : everywhere(float(factor));
  for (const row of all) {
    const result = scale ? body.value(`fmul ${type} %new${row}, ${scale}`) : `%new${row}`;
    body.do(`store ${type} ${result}, ptr ${body.at("%c", row * to.row)}, align 4`);
  }
  body.do("ret void");
  const parameters = "ptr noalias readonly %a, ptr noalias readonly %b, ptr noalias %c";
  return functionText(`internal void @${name}(${parameters}) noinline #0`, body);
}
