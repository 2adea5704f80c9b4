/**
 * Writes a kernel's form as LLVM's intermediate representation: plain loops over a row, one for each stage
 * between reductions. LLVM makes vectors of them, of whatever width the processor has.
 */
import type { KernelForm, Matrices, MatrixAccess, RowTerm, Value } from "../kernel_form.ts";
import { productTensors } from "../kernel_form.ts";
import { importText } from "./imports.ts";
import { mathematics } from "./mathematics.ts";
import { copyMatrix, isPacked, multiply, padded, type Place, productsText } from "./matrices.ts";
import { operations } from "./operations.ts";
import { BITS, bitsImport } from "./random_bits.ts";
import { Stages } from "./stages.ts";
import { Body, float, functionText } from "./text.ts";

/** The module's functions: what runs some rows, and what adds up the blocks' sums over rows. */
export const ROWS = "tessera_rows", FINISH = "tessera_finish";

/** How many bytes of intermediate numbers there may be: they lie on the stack of a thread. */
export const MOST_SCRATCH_BYTES = 192 * 1024;

/** Sums may be taken in any order, of as many parts as a vector has. */
const ANY_ORDER = "reassoc nsz";

export interface KernelText {
  text: string;
  /** How many numbers of sums over rows a block of rows has of its own. */
  partials: number;
  scratchBytes: number;
}

export function kernelText(form: KernelForm): KernelText {
  return new KernelWriter(form).write();
}

type Loaded = Value & { kind: "load" };
type Mapped = Value & { kind: "map" };
type Reduced = Value & { kind: "reduce" };
type Total = Value & { kind: "total" };

class KernelWriter {
  readonly #form: KernelForm;
  readonly #stages: Stages;
  readonly #body = new Body();
  /** Names of values that are one for a row. */
  readonly #rowNames = new Map<number, string>();
  /** Memory for intermediate numbers, by its name: how many of which type. */
  readonly #scratch = new Map<string, { type: string; count: number }>();
  #loops = 0;

  constructor(form: KernelForm) {
    this.#form = form;
    this.#stages = new Stages(form);
  }

  write(): KernelText {
    const { width, height } = this.#form;
    const { totals, chances } = this.#stages;
    const rows = this.#rows();
    const text = [
      mathematics,
      ...height === undefined ? [] : [productsText],
      ...chances.length > 0 ? [importText(bitsImport)] : [],
      rows,
      this.#entry(),
      this.#finish(),
      'attributes #0 = { nounwind "no-builtins" }',
    ].join("\n");
    let scratchBytes = 0;
    for (const { type, count } of this.#scratch.values()) scratchBytes += count * bytesOf[type];
    return { text, partials: totals.length * width, scratchBytes };
  }

  #type = (index: number) => this.#stages.isTruth(index) ? "i8" : "float";

  /** Memory of a name that lives as long as the kernel runs; the largest that is asked for by it. */
  #room(name: string, type: string, count: number): string {
    const known = this.#scratch.get(name);
    this.#scratch.set(name, { type, count: Math.max(count, known?.count ?? 0) });
    return `%${name}`;
  }

  // ---- The loop over rows -------------------------------------------------------------------

  #rows(): string {
    const body = this.#body;
    const { width, height, inputs, outputs } = this.#form;
    const scratch = body.later();
    const { kept, chances } = this.#stages;
    for (const index of kept) this.#room(`kept${index}`, this.#type(index), width);
    for (const index of chances) this.#room(`bits${index}`, "i16", chanceRoom(width));
    if (height === undefined) body.loop("rows", ["%begin", "%end"], (row) => this.#row(row));
    else body.loop("matrices", ["%begin", "%end"], (matrix) => this.#matrix(matrix, height));
    body.do("ret void");
    scratch(
      [...this.#scratch].map(([name, { type, count }]) =>
        `%${name} = alloca [${count} x ${type}], align 64`
      ).join("\n  "),
    );
    const count = outputs.length + productTensors(this.#form);
    const parameters = [
      ...Array.from({ length: inputs }, (_, at) => `ptr noalias readonly %in${at}`),
      ...Array.from({ length: count }, (_, at) => `ptr noalias %out${at}`),
      ...["i64 %begin", "i64 %end", "ptr noalias %partial"],
    ];
    return functionText(`internal void @rows(${parameters.join(", ")}) noinline #0`, body);
  }

  /** `inMatrix`: which row of its matrix it is, where there are any. */
  #row(row: string, inMatrix = "0"): void {
    this.#body.do(`%base = mul nuw nsw i64 ${row}, ${this.#form.width}`);
    if (this.#form.height !== undefined) {
      this.#body.do(`%base.matrix = mul nuw nsw i64 ${inMatrix}, ${padded(this.#form.width)}`);
    }
    for (const index of this.#stages.chances) this.#draw(index);
    for (let stage = 0; stage <= this.#stages.last; stage++) {
      this.#rowValues(stage, row);
      this.#stage(stage, row);
    }
  }

  // ---- Products -----------------------------------------------------------------------------

  /** The products that rows take, all rows of the matrix, then the products that take those. */
  #matrix(matrix: string, height: number): void {
    const body = this.#body;
    const { width, values, products = [] } = this.#form;
    values.forEach((value, index) => {
      if (value.kind !== "product") return;
      const { depth, left, right } = value;
      multiply(body, `product${index}`, {
        left: this.#leftFactor(left, matrix, { rows: height, columns: depth }),
        right: this.#rightFactor(right, matrix, { rows: depth, columns: width }),
        to: this.#matrixOf(index),
        ...{ rows: height, depth, columns: width },
      });
    });
    const first = body.value(`mul nuw nsw i64 ${matrix}, ${height}`);
    body.loop("rows", [first, body.value(`add nuw nsw i64 ${first}, ${height}`)], (row) => {
      this.#row(row, body.value(`sub nuw nsw i64 ${row}, ${first}`));
    });
    products.forEach(({ value, transposed, right, columns, output, to, factor }, index) => {
      const { pointer, row } = this.#matrixOf(value);
      const left = transposed ? { pointer, row: 1, column: row } : { pointer, row, column: 1 };
      const [rows, depth] = transposed ? [width, height] : [height, width];
      const pitch = padded(columns);
      const result = this.#room("result", "float", rows * pitch);
      multiply(body, `applied${index}`, {
        ...{ left, right: this.#rightFactor(right, matrix, { rows: depth, columns }) },
        to: { pointer: result, row: pitch, column: 1 },
        ...{ rows, depth, columns },
      });
      copyMatrix(body, `given${index}`, {
        from: { pointer: result, row: pitch, column: 1 },
        to: this.#begin(`%out${output}`, to, matrix),
        ...{ rows, columns, factor },
      });
    });
  }

  /** The matrix of a value, with room for whole vectors in each row. */
  #matrixOf(index: number): Place {
    const row = padded(this.#form.width);
    const pointer = this.#room(`matrix${index}`, "float", this.#form.height! * row);
    return { pointer, row, column: 1 };
  }

  #begin(pointer: string, { offset, terms, row, column }: MatrixAccess, matrix: string): Place {
    const parts = [...this.#terms(terms, matrix), `${offset}`];
    const start = parts.reduce((sum, part) => this.#body.value(`add nuw nsw i64 ${sum}, ${part}`));
    return { pointer: this.#body.at(pointer, start), row, column };
  }

  #leftFactor(given: Matrices, matrix: string, size: { rows: number; columns: number }): Place {
    const from = this.#begin(`%in${given.input}`, given, matrix);
    if (given.factor === 1) return from;
    return this.#copied("left", from, { ...size, factor: given.factor, pitch: size.columns });
  }

  #rightFactor(given: Matrices, matrix: string, size: { rows: number; columns: number }): Place {
    const from = this.#begin(`%in${given.input}`, given, matrix);
    if (given.factor === 1 && isPacked(given, size.columns)) return from;
    return this.#copied("right", from, {
      ...size,
      factor: given.factor,
      pitch: padded(size.columns),
    });
  }

  #copied(
    name: string,
    from: Place,
    { pitch, ...size }: { rows: number; columns: number; factor: number; pitch: number },
  ): Place {
    const to = { pointer: this.#room(name, "float", size.rows * pitch), row: pitch, column: 1 };
    copyMatrix(this.#body, `${name}${this.#loops++}`, { from, to, ...size });
    return to;
  }

  // ---- What is one for a row ----------------------------------------------------------------

  /** Random bits for a row: of whole blocks of eight decisions, from the one in which the row begins. */
  #draw(index: number): void {
    const body = this.#body;
    const { input } = this.#form.values[index] as Value & { kind: "chance" };
    const first = body.value("lshr i64 %base, 3");
    body.do(`%skip${index} = and i64 %base, 7`);
    const end = body.value(`add i64 %base, ${this.#form.width + 7}`);
    const past = body.value(`lshr i64 ${end}, 3`);
    body.do(
      `call void @${BITS}(ptr %in${input}, i64 ${first}, i64 ${past}, ptr %bits${index})`,
    );
  }

  /** Values that are one for the row and known once the loops before this stage have ended. */
  #rowValues(stage: number, row: string): void {
    this.#form.values.forEach((value, index) => {
      if (value.per !== "row" || this.#stages.of(index) !== stage) return;
      if (value.kind === "load") this.#rowNames.set(index, this.#read(value, row, "0"));
      if (value.kind === "map") {
        const operands = value.arguments.map((argument) => this.#rowName(argument));
        this.#rowNames.set(index, operations[value.operation](this.#body, ...operands));
      }
      for (const output of this.#stages.outputsOf.get(index) ?? []) {
        this.#write(index, this.#rowName(index), `%out${output}`, row);
      }
    });
  }

  #rowName(index: number): string {
    const value = this.#form.values[index];
    return value.kind === "constant" ? float(value.value) : this.#rowNames.get(index)!;
  }

  // ---- One loop over a row ------------------------------------------------------------------

  #stage(stage: number, row: string): void {
    const goals = this.#stages.goals(stage);
    const reductions = this.#stages.reductions(stage), totals = this.#stages.totalsOf(stage);
    if (goals.length + reductions.length + totals.length === 0) return;
    const body = this.#body;
    const name = `columns${this.#loops++}`;
    const values = this.#form.values;
    const before = body.block;
    const starts = new Map(reductions.map((index) => [index, startOf(values[index] as Reduced)]));
    // A row has at least one column.
    body.do(`br label %${name}`);
    body.label(name);
    const column = `%${name}.index`;
    body.do(`${column} = phi i64 [0, %${before}], [%${name}.next, %${name}]`);
    for (const [index, start] of starts) {
      body.do(`%sum${index} = phi float [${start}, %${before}], [%next${index}, %${name}]`);
    }
    body.do(`%${name}.place = add nuw nsw i64 %base, ${column}`);
    const at = new Places(this, { stage, row, column, place: `%${name}.place` });
    for (const index of goals) {
      const value = at.value(index);
      for (const output of this.#stages.outputsOf.get(index) ?? []) {
        this.#write(index, value, `%out${output}`, `%${name}.place`);
      }
      if (this.#stages.kept.includes(index)) this.#write(index, value, `%kept${index}`, column);
      if (this.#stages.factors.includes(index)) {
        this.#write(index, value, this.#matrixOf(index).pointer, this.#inMatrix(column));
      }
    }
    for (const index of totals) {
      const part = this.#stages.totals.indexOf(index) * this.#form.width;
      const to = body.at("%partial", body.value(`add nuw nsw i64 ${column}, ${part}`));
      const old = body.load("float", to);
      const added = at.value((values[index] as Total).argument);
      body.store("float", body.value(`fadd float ${old}, ${added}`), to);
    }
    for (const index of reductions) {
      const { operation, argument } = values[index] as Reduced;
      const value = at.value(argument);
      body.do(
        operation === "sum"
          ? `%next${index} = fadd ${ANY_ORDER} float %sum${index}, ${value}`
          : `%next${index} = call float @llvm.${operation}.f32(float %sum${index}, float ${value})`,
      );
      this.#rowNames.set(index, `%next${index}`);
    }
    body.do(`%${name}.next = add nuw nsw i64 ${column}, 1`);
    body.do(`%${name}.more = icmp slt i64 %${name}.next, ${this.#form.width}`);
    body.do(`br i1 %${name}.more, label %${name}, label %${name}.end`);
    body.label(`${name}.end`);
  }

  /** A value for a place, in the loop of a stage. */
  compute(index: number, at: Places): string {
    const body = this.#body;
    const { stage, row, column, place } = at.position;
    const value = this.#form.values[index];
    if (value.per === "row") return this.#rowName(index);
    if (value.kind === "load") return this.#read(value, row, column);
    if (value.kind === "product") {
      return body.load("float", body.at(this.#matrixOf(index).pointer, this.#inMatrix(column)));
    }
    if (value.kind === "chance") {
      const from = body.value(`add nuw nsw i64 %skip${index}, ${column}`);
      const bits = body.load("i16", body.at(`%bits${index}`, from, "i16"));
      return body.value(`icmp slt i16 ${bits}, ${value.limit}`);
    }
    if (this.#stages.of(index) < stage && !this.#stages.isCheap(index)) {
      const output = this.#stages.outputsOf.get(index)?.[0];
      const [from, offset] = output === undefined
        ? [`%kept${index}`, column]
        : [`%out${output}`, place];
      return this.#truthOrNumber(index, body.at(from, offset, this.#type(index)));
    }
    const { operation, arguments: given } = value as Mapped;
    return operations[operation](body, ...given.map((argument) => at.value(argument)));
  }

  // ---- Memory -------------------------------------------------------------------------------

  /** Where a column of the present row is in a matrix of `#matrixOf`. */
  #inMatrix(column: string): string {
    return this.#body.value(`add nuw nsw i64 %base.matrix, ${column}`);
  }

  /** The parts of an offset that a row, or a matrix, has by its place among all. */
  #terms(terms: readonly RowTerm[], place: string): string[] {
    return terms.map(({ divide, modulo, stride }) => {
      let axis = place;
      if (divide > 1) axis = this.#body.value(`udiv i64 ${axis}, ${divide}`);
      if (modulo !== undefined) axis = this.#body.value(`urem i64 ${axis}, ${modulo}`);
      return this.#body.value(`mul nuw nsw i64 ${axis}, ${stride}`);
    });
  }

  #truthOrNumber(index: number, pointer: string): string {
    const read = this.#body.load(this.#type(index), pointer);
    return this.#stages.isTruth(index) ? this.#body.value(`icmp ne i8 ${read}, 0`) : read;
  }

  #write(index: number, value: string, pointer: string, offset: string): void {
    const type = this.#type(index);
    const written = type === "i8" ? this.#body.value(`zext i1 ${value} to i8`) : value;
    this.#body.store(type, written, this.#body.at(pointer, offset, type));
  }

  #read({ input, type, access: { terms, inner } }: Loaded, row: string, column: string): string {
    const body = this.#body;
    const parts = this.#terms(terms, row);
    if (column !== "0" && inner > 0) {
      parts.push(inner === 1 ? column : body.value(`mul nuw nsw i64 ${column}, ${inner}`));
    }
    const offset = parts.length === 0
      ? "0"
      : parts.reduce((sum, part) => body.value(`add nuw nsw i64 ${sum}, ${part}`));
    if (type === "bool") {
      const byte = body.load("i8", body.at(`%in${input}`, offset, "i8"));
      return body.value(`icmp ne i8 ${byte}, 0`);
    }
    const element = type === "int32" ? "i32" : "float";
    return body.load(element, body.at(`%in${input}`, offset, element));
  }

  // ---- What is called from outside ----------------------------------------------------------

  /** Takes the addresses of inputs and outputs as one list. */
  #entry(): string {
    const body = new Body();
    const count = this.#form.inputs + this.#form.outputs.length + productTensors(this.#form);
    const pointers = Array.from(
      { length: count },
      (_, at) => `ptr ${body.load("ptr", body.at("%pointers", at, "ptr"))}`,
    );
    body.do(
      `call void @rows(${[...pointers, "i64 %begin", "i64 %end", "ptr %partial"].join(", ")})`,
    );
    body.do("ret void");
    return functionText(
      `void @${ROWS}(ptr %pointers, i64 %begin, i64 %end, ptr %partial) #0`,
      body,
    );
  }

  /** Adds up what the blocks of rows have summed, in their order. */
  #finish(): string {
    const body = new Body();
    const { width, inputs, outputs, values } = this.#form;
    const all = this.#stages.totals.length * width;
    outputs.forEach(({ value: index }, at) => {
      const value = values[index];
      if (value.kind !== "total") return;
      const to = body.load("ptr", body.at("%pointers", inputs + at, "ptr"));
      const first = this.#stages.totals.indexOf(index) * width;
      body.loop(`column${at}`, [0, width], (column) => {
        const target = body.at(to, column);
        const start = body.value(`add i64 ${column}, ${first}`);
        body.store("float", float(0), target);
        body.loop(`block${at}`, [0, "%blocks"], (block) => {
          const from = body.value(`add i64 ${start}, ${body.value(`mul i64 ${block}, ${all}`)}`);
          const part = body.load("float", body.at("%partial", from));
          const sum = body.value(`fadd float ${body.load("float", target)}, ${part}`);
          body.store("float", sum, target);
        });
        if (value.factor !== 1) {
          const scaled = body.value(
            `fmul float ${body.load("float", target)}, ${float(value.factor)}`,
          );
          body.store("float", scaled, target);
        }
      });
    });
    body.do("ret void");
    return functionText(`void @${FINISH}(ptr %pointers, ptr %partial, i64 %blocks) #0`, body);
  }
}

/** The place where a loop over a row is; each value is computed once there. */
class Places {
  readonly #names = new Map<number, string>();

  constructor(
    readonly writer: KernelWriter,
    readonly position: { stage: number; row: string; column: string; place: string },
  ) {}

  value(index: number): string {
    const known = this.#names.get(index);
    if (known !== undefined) return known;
    const name = this.writer.compute(index, this);
    this.#names.set(index, name);
    return name;
  }
}

const bytesOf: Record<string, number> = { i8: 1, i16: 2, float: 4 };

const startOf = ({ operation }: Reduced) =>
  float(operation === "sum" ? 0 : operation === "maximum" ? -Infinity : Infinity);

/** Room for a row's random decisions, of 16 bits each, in whole blocks of eight. */
const chanceRoom = (width: number) => 8 * (Math.ceil(width / 8) + 1);
