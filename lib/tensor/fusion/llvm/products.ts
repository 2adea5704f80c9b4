/** The products of a kernel: those that its rows take, before them, and those that take what the rows gave, after. */
import type { KernelForm, Matrices, MatrixAccess } from "../kernel_form.ts";
import {
  copyMatrix,
  isPacked,
  isTurnable,
  Multiplications,
  padded,
  type Place,
  turnMatrix,
  wholeSquares,
} from "./matrices.ts";
import { offsetParts, type Scratch } from "./memory.ts";
import type { Body } from "./text.ts";
import type { LoopHints, Tuning } from "./tuning.ts";

interface Size {
  rows: number;
  columns: number;
}

export class MatrixProducts {
  readonly #form: KernelForm;
  readonly #height: number;
  readonly #body: Body;
  readonly #scratch: Scratch;
  readonly #multiplications: Multiplications;
  readonly #tuning: Tuning;
  readonly #hints: LoopHints;
  #copies = 0;

  constructor(
    form: KernelForm,
    height: number,
    { body, scratch, tuning, hints }: {
      body: Body;
      scratch: Scratch;
      tuning: Tuning;
      hints: LoopHints;
    },
  ) {
    this.#tuning = tuning;
    this.#hints = hints;
    this.#multiplications = new Multiplications(tuning, hints);
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
      this.#multiplications.write(this.#body, `product${index}`, {
        left: this.#begin(`%in${left.input}`, left, matrix),
        right: this.#rightFactor(right, matrix, { rows: depth, columns: width }),
        to: this.matrixOf(index),
        ...{ rows: this.#height, depth, columns: width, factor: left.factor * right.factor },
      });
    });
  }

  afterRows(matrix: string): void {
    const { width, products = [] } = this.#form;
    products.forEach(({ value, transposed, right, columns, output, to, factor }, index) => {
      const { pointer, row } = this.matrixOf(value);
      const left = transposed ? { pointer, row: 1, column: row } : { pointer, row, column: 1 };
      const [rows, depth] = transposed ? [width, this.#height] : [this.#height, width];
      const given = this.#begin(`%out${output}`, to, matrix);
      const isDirect = isPacked(given, columns);
      const result = isDirect ? given : this.#room("result", rows, columns);
      this.#multiplications.write(this.#body, `applied${index}`, {
        ...{ left, right: this.#rightFactor(right, matrix, { rows: depth, columns }) },
        ...{ to: result, rows, depth, columns, factor: factor * right.factor },
      });
      if (isDirect) return;
      copyMatrix(
        this.#body,
        `given${index}`,
        { from: result, to: given, rows, columns },
        this.#hints,
      );
    });
  }

  /** Where a matrix of a tensor begins. */
  #begin(pointer: string, { offset, terms, row, column }: MatrixAccess, matrix: string): Place {
    const parts = [...offsetParts(this.#body, terms, matrix), `${offset}`];
    const start = parts.reduce((sum, part) => this.#body.value(`add nuw nsw i64 ${sum}, ${part}`));
    return { pointer: this.#body.at(pointer, start), row, column };
  }

  /** Whose rows are read as vectors: as it lies, or as a copy that lies so. Its factor is the product's. */
  #rightFactor(given: Matrices, matrix: string, { rows, columns }: Size): Place {
    const from = this.#begin(`%in${given.input}`, given, matrix);
    if (isPacked(given, columns)) return from;
    const name = `right${this.#copies++}`;
    if (isTurnable(given, rows, this.#tuning)) {
      const to = this.#room("turned", rows, columns);
      turnMatrix(
        this.#body,
        name,
        { from, to, rows, columns },
        { tuning: this.#tuning, hints: this.#hints },
      );
      return to;
    }
    const to = this.#room("right", rows, columns);
    copyMatrix(this.#body, name, { from, to, rows, columns }, this.#hints);
    return to;
  }

  /** Room for a matrix with whole vectors in each row. */
  #room(name: string, rows: number, columns: number): Place {
    const row = name === "turned" ? wholeSquares(columns) : padded(columns);
    return { pointer: this.#scratch.room(name, "float", rows * row), row, column: 1 };
  }

  /** The functions that the products call. */
  toString(): string {
    return `${this.#multiplications}`;
  }
}
