/**
 * Products of small matrices, whole ones of which stay in the cache: each step of the innermost loop takes one row
 * of the right factor, as one vector, into some rows of the result, which stay in registers.
 */
import { Body, float, functionText } from "./text.ts";

/** Rows of a result that are computed together: as many as AVX2's sixteen registers hold of two vectors each. */
const ROWS = 6;
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

/** Whether a factor can be read where it lies: its rows are vectors, and no vector goes beyond them. */
export const isPacked = ({ column }: { column: number }, columns: number) =>
  column === 1 && padded(columns) === columns;

/** Copies a matrix, each number times a factor. */
export function copyMatrix(
  body: Body,
  name: string,
  { from, to, rows, columns, factor }: {
    from: Place;
    to: Place;
    rows: number;
    columns: number;
    factor: number;
  },
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
      const value = factor === 1 ? read : body.value(`fmul float ${read}, ${float(factor)}`);
      body.store("float", value, place(target, strides(to)[1]));
    });
  });
}

/** `to = left · right`; the rows of `right` and `to` have room for whole vectors, and `to` lies row by row. */
export function multiply(
  body: Body,
  name: string,
  { left, right, to, rows, depth, columns }: {
    left: Place;
    right: Place;
    to: Place;
    rows: number;
    depth: number;
    columns: number;
  },
): void {
  const part = (count: number, lanes: number, row: string | number, column: string | number) => {
    const a = body.at(left.pointer, body.value(`mul nuw nsw i64 ${row}, ${left.row}`));
    const b = body.at(right.pointer, column);
    const start = body.value(`mul nuw nsw i64 ${row}, ${to.row}`);
    const c = body.at(to.pointer, body.value(`add nuw nsw i64 ${start}, ${column}`));
    body.do(
      `call void @multiply.${count}.${lanes}(ptr ${a}, i64 ${left.row}, i64 ${left.column}, ` +
        `ptr ${b}, i64 ${right.row}, ptr ${c}, i64 ${to.row}, i64 ${depth})`,
    );
  };
  const whole = Math.floor(columns / LANES), rest = padded(columns) - whole * LANES;
  const strip = (label: string, lanes: number, column: string | number) => {
    const blocks = Math.floor(rows / ROWS), left = rows % ROWS;
    if (blocks > 0) {
      body.loop(`${name}.${label}`, [0, blocks], (block) => {
        part(ROWS, lanes, body.value(`mul nuw nsw i64 ${block}, ${ROWS}`), column);
      });
    }
    if (left > 0) part(left, lanes, blocks * ROWS, column);
  };
  if (whole > 0) {
    body.loop(`${name}.columns`, [0, whole], (block) => {
      strip("rows", LANES, body.value(`mul nuw nsw i64 ${block}, ${LANES}`));
    });
  }
  if (rest > 0) strip("fewer", rest, whole * LANES);
}

/** `multiply.R.L(a, a's strides, b, its rows' stride, c, its rows' stride, depth)`: R rows of L columns. */
function multiplyPart(rows: number, lanes: number): string {
  const body = new Body();
  const type = `<${lanes} x float>`;
  body.do("br label %steps");
  body.label("steps");
  body.do("%step = phi i64 [0, %entry], [%next, %steps]");
  const all = Array.from({ length: rows }, (_, row) => row);
  for (const row of all) {
    body.do(`%sum${row} = phi ${type} [zeroinitializer, %entry], [%new${row}, %steps]`);
  }
  const b = body.value(
    `load ${type}, ptr ${body.at("%b", body.value("mul i64 %step, %bRow"))}, align 4`,
  );
  const column = body.value("mul i64 %step, %aColumn");
  for (const row of all) {
    const at = body.value(`add i64 ${column}, ${body.value(`mul i64 %aRow, ${row}`)}`);
    const one = body.value(
      `insertelement ${type} poison, float ${body.load("float", body.at("%a", at))}, i64 0`,
    );
    const a = body.value(
      `shufflevector ${type} ${one}, ${type} poison, <${lanes} x i32> zeroinitializer`,
    );
    body.do(
      `%new${row} = call ${type} @llvm.fmuladd.v${lanes}f32(${type} ${a}, ${type} ${b}, ${type} %sum${row})`,
    );
  }
  body.do("%next = add nuw nsw i64 %step, 1");
  const more = body.value("icmp slt i64 %next, %depth");
  body.do(`br i1 ${more}, label %steps, label %end`);
  body.label("end");
  for (const row of all) {
    const to = body.at("%c", body.value(`mul i64 %cRow, ${row}`));
    body.do(`store ${type} %new${row}, ptr ${to}, align 4`);
  }
  body.do("ret void");
  const parameters = "ptr noalias readonly %a, i64 %aRow, i64 %aColumn, ptr noalias readonly %b, " +
    "i64 %bRow, ptr noalias %c, i64 %cRow, i64 %depth";
  return functionText(
    `internal void @multiply.${rows}.${lanes}(${parameters}) noinline #0`,
    body,
  );
}

/** The functions that products are made of. */
export const productsText: string = [LANES, FEWER_LANES].flatMap((lanes) => {
  const type = `<${lanes} x float>`;
  return [
    `declare ${type} @llvm.fmuladd.v${lanes}f32(${type}, ${type}, ${type})`,
    ...Array.from({ length: ROWS }, (_, row) => multiplyPart(row + 1, lanes)),
  ];
}).join("\n");
