/**
 * Writes a kernel's form as LLVM's intermediate representation: plain loops over a row, one for each stage
 * between reductions. LLVM makes vectors of them, of whatever width the processor has.
 */
import { type KernelForm, productTensors, type Value } from "../kernel_form.ts";
import { entryText, finishText } from "./entries.ts";
import { importText } from "./imports.ts";
import { mathematicsFor } from "./mathematics.ts";
import { padded } from "./matrices.ts";
import { offsetParts, Scratch } from "./memory.ts";
import { operations } from "./operations.ts";
import { MatrixProducts } from "./products.ts";
import { BITS, bitsImport } from "./random_bits.ts";
import { orderedKey, startOf, valueOfKey } from "./reductions.ts";
import { Stages } from "./stages.ts";
import { Body, float, functionText } from "./text.ts";
import { attributesText, LoopHints, type Tuning } from "./tuning.ts";

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

/** `tuning`: what the text should suit; it runs on any processor. */
export function kernelText(form: KernelForm, tuning: Tuning = {}): KernelText {
  return new KernelWriter(form, tuning).write();
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
  readonly #scratch = new Scratch();
  /** Undefined where the kernel multiplies no matrices. */
  readonly #products: MatrixProducts | undefined;
  readonly #tuning: Tuning;
  readonly #hints = new LoopHints();
  #loops = 0;

  constructor(form: KernelForm, tuning: Tuning) {
    this.#form = form;
    this.#tuning = tuning;
    this.#stages = new Stages(form);
    const { height } = form;
    if (height === undefined) return;
    this.#products = new MatrixProducts(form, height, {
      ...{ body: this.#body, scratch: this.#scratch, tuning, hints: this.#hints },
    });
  }

  write(): KernelText {
    const { width } = this.#form;
    const { totals, chances } = this.#stages;
    const rows = this.#rows();
    const text = [
      mathematicsFor(rows),
      ...this.#products ? [`${this.#products}`] : [],
      ...chances.length > 0 ? [importText(bitsImport)] : [],
      rows,
      entryText(this.#form),
      finishText(this.#form, totals, this.#hints),
      attributesText(this.#tuning),
      `${this.#hints}`,
    ].join("\n");
    return { text, partials: totals.length * width, scratchBytes: this.#scratch.bytes };
  }

  #type = (index: number) => this.#stages.isTruth(index) ? "i8" : "float";

  // ---- The loop over rows -------------------------------------------------------------------

  #rows(): string {
    const body = this.#body;
    const { width, inputs, outputs } = this.#form;
    const scratch = body.later();
    const { kept, chances } = this.#stages;
    for (const index of kept) this.#scratch.room(`kept${index}`, this.#type(index), width);
    for (const index of chances) this.#scratch.room(`bits${index}`, "i16", chanceRoom(width));
    if (this.#products) {
      body.loop("matrices", ["%begin", "%end"], (matrix) => this.#matrix(matrix, this.#products!));
    } else body.loop("rows", ["%begin", "%end"], (row) => this.#row(row));
    body.do("ret void");
    scratch(`${this.#scratch}`);
    const count = outputs.length + productTensors(this.#form);
    const parameters = [
      ...Array.from({ length: inputs }, (_, at) => `ptr noalias readonly %in${at}`),
      ...Array.from({ length: count }, (_, at) => `ptr noalias %out${at}`),
      ...["i64 %begin", "i64 %end", "ptr noalias %partial"],
    ];
    return functionText(`internal void @rows(${parameters.join(", ")}) noinline #0`, body);
  }

  #matrix(matrix: string, products: MatrixProducts): void {
    const body = this.#body, height = this.#form.height!;
    products.beforeRows(matrix);
    const first = body.value(`mul nuw nsw i64 ${matrix}, ${height}`);
    body.loop("rows", [first, body.value(`add nuw nsw i64 ${first}, ${height}`)], (row) => {
      this.#row(row, body.value(`sub nuw nsw i64 ${row}, ${first}`));
    });
    products.afterRows(matrix);
  }

  /** `inMatrix`: which row of its matrix it is, where there are any. */
  #row(row: string, inMatrix = "0"): void {
    this.#body.do(`%base = mul nuw nsw i64 ${row}, ${this.#form.width}`);
    if (this.#products) {
      this.#body.do(`%base.matrix = mul nuw nsw i64 ${inMatrix}, ${padded(this.#form.width)}`);
    }
    for (const index of this.#stages.chances) this.#draw(index);
    for (let stage = 0; stage <= this.#stages.last; stage++) {
      this.#rowValues(stage, row);
      this.#stage(stage, row);
    }
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
      const type = isSum(values[index]) ? "float" : "i32";
      body.do(`%sum${index} = phi ${type} [${start}, %${before}], [%next${index}, %${name}]`);
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
        this.#write(index, value, this.#products!.matrixOf(index).pointer, this.#inMatrix(column));
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
      if (operation === "sum") {
        body.do(`%next${index} = fadd ${ANY_ORDER} float %sum${index}, ${value}`);
      } else {
        const key = orderedKey(body, value, operation);
        const larger = operation === "maximum" ? "smax" : "smin";
        body.do(`%next${index} = call i32 @llvm.${larger}.i32(i32 %sum${index}, i32 ${key})`);
      }
    }
    body.do(`%${name}.next = add nuw nsw i64 ${column}, 1`);
    body.do(`%${name}.more = icmp slt i64 %${name}.next, ${this.#form.width}`);
    const hint = this.#hints.ofLoop(this.#form.width);
    body.do(`br i1 %${name}.more, label %${name}, label %${name}.end${hint}`);
    body.label(`${name}.end`);
    for (const index of reductions) {
      const next = `%next${index}`;
      this.#rowNames.set(index, isSum(values[index]) ? next : valueOfKey(body, next));
    }
  }

  /** A value for a place, in the loop of a stage. */
  compute(index: number, at: Places): string {
    const body = this.#body;
    const { stage, row, column, place } = at.position;
    const value = this.#form.values[index];
    if (value.per === "row") return this.#rowName(index);
    if (value.kind === "load") return this.#read(value, row, column);
    if (value.kind === "product") {
      return body.load(
        "float",
        body.at(this.#products!.matrixOf(index).pointer, this.#inMatrix(column)),
      );
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

  /** Where a column of the present row is in a matrix of a product. */
  #inMatrix(column: string): string {
    return this.#body.value(`add nuw nsw i64 %base.matrix, ${column}`);
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
    const parts = offsetParts(body, terms, row);
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

const isSum = (value: Value) => value.kind === "reduce" && value.operation === "sum";

/** Room for a row's random decisions, of 16 bits each, in whole blocks of eight. */
const chanceRoom = (width: number) => 8 * (Math.ceil(width / 8) + 1);
