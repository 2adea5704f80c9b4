/** The products of a kernel: those that its rows take, before them, and those that take what the rows gave, after. */
import type { KernelForm, Matrices, MatrixAccess } from "../kernel_form.ts";
import { copyMatrix, isPacked, multiply, padded, type Place } from "./matrices.ts";
import { offsetParts, type Scratch } from "./memory.ts";
import type { Body } from "./text.ts";

interface Size {
  rows: number;
  columns: number;
}

export class MatrixProducts {
  readonly #form: KernelForm;
  readonly #height: number;
  readonly #body: Body;
  readonly #scratch: Scratch;
  #copies = 0;

  constructor(
    form: KernelForm,
    height: number,
    { body, scratch }: { body: Body; scratch: Scratch },
  ) {
    this.#form = form;
    this.#height = height;
    this.#body = body;
    this.#scratch = scratch;
  }

  /** The matrix of a value, with room for whole vectors in each row. */
  matrixOf(value: number): Place {
    const row = padded(this.#form.width);
    const pointer = this.#scratch.room(`matrix${value}`, "float", this.#height * row);
    return { pointer, row, column: 1 };
  }

  beforeRows(matrix: string): void {
    const { width, values } = this.#form;
    values.forEach((value, index) => {
      if (value.kind !== "product") return;
      const { depth, left, right } = value;
      multiply(this.#body, `product${index}`, {
        left: this.#leftFactor(left, matrix, { rows: this.#height, columns: depth }),
        right: this.#rightFactor(right, matrix, { rows: depth, columns: width }),
        to: this.matrixOf(index),
        ...{ rows: this.#height, depth, columns: width },
      });
    });
  }

  afterRows(matrix: string): void {
    const { width, products = [] } = this.#form;
    products.forEach(({ value, transposed, right, columns, output, to, factor }, index) => {
      const { pointer, row } = this.matrixOf(value);
      const left = transposed ? { pointer, row: 1, column: row } : { pointer, row, column: 1 };
      const [rows, depth] = transposed ? [width, this.#height] : [this.#height, width];
      const pitch = padded(columns);
      const result = {
        ...{ pointer: this.#scratch.room("result", "float", rows * pitch), row: pitch, column: 1 },
      };
      multiply(this.#body, `applied${index}`, {
        ...{ left, right: this.#rightFactor(right, matrix, { rows: depth, columns }) },
        ...{ to: result, rows, depth, columns },
      });
      copyMatrix(this.#body, `given${index}`, {
        ...{ from: result, to: this.#begin(`%out${output}`, to, matrix), rows, columns, factor },
      });
    });
  }

  /** Where a matrix of a tensor begins. */
  #begin(pointer: string, { offset, terms, row, column }: MatrixAccess, matrix: string): Place {
    const parts = [...offsetParts(this.#body, terms, matrix), `${offset}`];
    const start = parts.reduce((sum, part) => this.#body.value(`add nuw nsw i64 ${sum}, ${part}`));
    return { pointer: this.#body.at(pointer, start), row, column };
  }

  /** Whose numbers are read one by one, wherever they lie. */
  #leftFactor(given: Matrices, matrix: string, size: Size): Place {
    const from = this.#begin(`%in${given.input}`, given, matrix);
    return given.factor === 1 ? from : this.#copied("left", from, size, given.factor, size.columns);
  }

  /** Whose rows are read as vectors. */
  #rightFactor(given: Matrices, matrix: string, size: Size): Place {
    const from = this.#begin(`%in${given.input}`, given, matrix);
    if (given.factor === 1 && isPacked(given, size.columns)) return from;
    return this.#copied("right", from, size, given.factor, padded(size.columns));
  }

  #copied(name: string, from: Place, size: Size, factor: number, pitch: number): Place {
    const pointer = this.#scratch.room(name, "float", size.rows * pitch);
    const to = { pointer, row: pitch, column: 1 };
    copyMatrix(this.#body, `${name}${this.#copies++}`, { from, to, ...size, factor });
    return to;
  }
}
