/**
 * Writes a kernel's form as LLVM's intermediate representation: plain loops over a row, one for each stage
 * between reductions. LLVM makes vectors of them, of whatever width the processor has.
 */
import { type KernelForm, typeOf, type Value } from "../kernel_form.ts";
import { importText } from "./imports.ts";
import { mathematics } from "./mathematics.ts";
import { operations } from "./operations.ts";
import { BITS, bitsImport } from "./random_bits.ts";
import { Body, float, functionText } from "./text.ts";

/** The module's functions: what runs some rows, and what adds up the blocks' sums over rows. */
export const ROWS = "tessera_rows", FINISH = "tessera_finish";

/** How many bytes of intermediate numbers a row may have: they lie on the stack of a thread. */
export const MOST_SCRATCH_BYTES = 96 * 1024;

/** Operations that are done again in a later stage rather than kept, since they cost no more than a load. */
const cheap = new Set(["add", "subtract", "multiply", "negate", "square", "copy", "fromBool"]);

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
  readonly #body = new Body();
  /** The loop over a row in which a value is known, or before which it is, where it is one for a row. */
  readonly #stages: number[] = [];
  /** Values that a later stage takes from memory, and that are no output. */
  readonly #kept: number[];
  readonly #chances: number[] = [];
  readonly #totals: number[] = [];
  /** Names of values that are one for a row. */
  readonly #rowNames = new Map<number, string>();
  /** Where each value is written that the kernel gives. */
  readonly #outputsOf = new Map<number, number[]>();
  #loops = 0;

  constructor(form: KernelForm) {
    this.#form = form;
    form.outputs.forEach(({ value }, index) => {
      this.#outputsOf.set(value, [...this.#outputsOf.get(value) ?? [], index]);
    });
    form.values.forEach((value, index) => {
      const stages = argumentsOf(value).map((argument) => this.#stages[argument]);
      const stage = Math.max(0, ...stages);
      this.#stages.push(value.kind === "reduce" ? stage + 1 : stage);
      if (value.kind === "chance") this.#chances.push(index);
      if (value.kind === "total") this.#totals.push(index);
    });
    this.#kept = this.#findKept();
  }

  write(): KernelText {
    const { width } = this.#form;
    const partials = this.#totals.length * width;
    const scratch = this.#kept.map((index) => width * (this.#isTruth(index) ? 1 : 4));
    const text = [
      mathematics,
      ...this.#chances.length > 0 ? [importText(bitsImport)] : [],
      this.#rows(),
      this.#entry(),
      this.#finish(),
      'attributes #0 = { nounwind "no-builtins" }',
    ].join("\n");
    const bits = this.#chances.length * 2 * chanceRoom(width);
    return { text, partials, scratchBytes: scratch.reduce((a, b) => a + b, bits) };
  }

  // ---- What is computed where ---------------------------------------------------------------

  #isTruth = (index: number) => typeOf(this.#form, index) === "bool";
  #type = (index: number) => this.#isTruth(index) ? "i8" : "float";

  /** Whether a value costs nothing more than a load wherever it is taken. */
  #isAtHand(index: number): boolean {
    const value = this.#form.values[index];
    return value.per === "row" || value.kind === "load" || value.kind === "chance";
  }
  #isCheap(index: number): boolean {
    const value = this.#form.values[index];
    return value.kind === "map" && cheap.has(value.operation) &&
      value.arguments.every((argument) => this.#isAtHand(argument));
  }

  /** The values for each place that a stage must compute: outputs, and what reductions take. */
  #goals(stage: number, kept: readonly number[]): number[] {
    return this.#form.values.flatMap((value, index) => {
      if (value.per !== "place" || this.#stages[index] !== stage) return [];
      return this.#outputsOf.has(index) || kept.includes(index) ? [index] : [];
    });
  }
  #reductions(stage: number): number[] {
    return this.#indices((value, index) =>
      value.kind === "reduce" && this.#stages[index] === stage + 1
    );
  }
  #totalsOf(stage: number): number[] {
    return this.#indices((value, index) => value.kind === "total" && this.#stages[index] === stage);
  }
  #indices(holds: (value: Value, index: number) => boolean): number[] {
    return this.#form.values.flatMap((value, index) => holds(value, index) ? [index] : []);
  }

  /** From the last stage back: what it takes of earlier ones is a goal of those. */
  #findKept(): number[] {
    const kept = new Set<number>();
    for (let stage = Math.max(0, ...this.#stages); stage >= 0; stage--) {
      const seen = new Set<number>();
      const need = (index: number) => {
        if (seen.has(index) || this.#isAtHand(index)) return;
        seen.add(index);
        if (this.#stages[index] < stage && !this.#isCheap(index)) {
          if (!this.#outputsOf.has(index)) kept.add(index);
          return;
        }
        argumentsOf(this.#form.values[index]).forEach(need);
      };
      this.#goals(stage, [...kept]).forEach(need);
      for (const index of [...this.#reductions(stage), ...this.#totalsOf(stage)]) {
        argumentsOf(this.#form.values[index]).forEach(need);
      }
    }
    return [...kept].sort((a, b) => a - b);
  }

  // ---- The loop over rows -------------------------------------------------------------------

  #rows(): string {
    const body = this.#body;
    const { width, inputs, outputs } = this.#form;
    for (const index of this.#kept) {
      body.do(`%kept${index} = alloca [${width} x ${this.#type(index)}], align 64`);
    }
    for (const index of this.#chances) {
      body.do(`%bits${index} = alloca [${chanceRoom(width)} x i16], align 64`);
    }
    body.loop("rows", ["%begin", "%end"], (row) => {
      body.do(`%base = mul nuw nsw i64 ${row}, ${width}`);
      for (const index of this.#chances) this.#draw(index);
      const last = Math.max(0, ...this.#stages);
      for (let stage = 0; stage <= last; stage++) {
        this.#rowValues(stage, row);
        this.#stage(stage, row);
      }
    });
    body.do("ret void");
    const parameters = [
      ...Array.from({ length: inputs }, (_, at) => `ptr noalias readonly %in${at}`),
      ...outputs.map((_, at) => `ptr noalias %out${at}`),
      ...["i64 %begin", "i64 %end", "ptr noalias %partial"],
    ];
    return functionText(`internal void @rows(${parameters.join(", ")}) noinline #0`, body);
  }

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
      if (value.per !== "row" || this.#stages[index] !== stage) return;
      if (value.kind === "load") this.#rowNames.set(index, this.#read(value, row, "0"));
      if (value.kind === "map") {
        const operands = value.arguments.map((argument) => this.#rowName(argument));
        this.#rowNames.set(index, operations[value.operation](this.#body, ...operands));
      }
      for (const output of this.#outputsOf.get(index) ?? []) {
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
    const goals = this.#goals(stage, this.#kept);
    const reductions = this.#reductions(stage), totals = this.#totalsOf(stage);
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
      for (const output of this.#outputsOf.get(index) ?? []) {
        this.#write(index, value, `%out${output}`, `%${name}.place`);
      }
      if (this.#kept.includes(index)) this.#write(index, value, `%kept${index}`, column);
    }
    for (const index of totals) {
      const part = this.#totals.indexOf(index) * this.#form.width;
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
    if (value.kind === "chance") {
      const from = body.value(`add nuw nsw i64 %skip${index}, ${column}`);
      const bits = body.load("i16", body.at(`%bits${index}`, from, "i16"));
      return body.value(`icmp slt i16 ${bits}, ${value.limit}`);
    }
    if (this.#stages[index] < stage && !this.#isCheap(index)) {
      const output = this.#outputsOf.get(index)?.[0];
      const [from, offset] = output === undefined
        ? [`%kept${index}`, column]
        : [`%out${output}`, place];
      return this.#truthOrNumber(index, body.at(from, offset, this.#type(index)));
    }
    const { operation, arguments: given } = value as Mapped;
    return operations[operation](body, ...given.map((argument) => at.value(argument)));
  }

  // ---- Memory -------------------------------------------------------------------------------

  #truthOrNumber(index: number, pointer: string): string {
    const read = this.#body.load(this.#type(index), pointer);
    return this.#isTruth(index) ? this.#body.value(`icmp ne i8 ${read}, 0`) : read;
  }

  #write(index: number, value: string, pointer: string, offset: string): void {
    const type = this.#type(index);
    const written = type === "i8" ? this.#body.value(`zext i1 ${value} to i8`) : value;
    this.#body.store(type, written, this.#body.at(pointer, offset, type));
  }

  #read({ input, type, access: { terms, inner } }: Loaded, row: string, column: string): string {
    const body = this.#body;
    const parts = terms.map(({ divide, modulo, stride }) => {
      let axis = row;
      if (divide > 1) axis = body.value(`udiv i64 ${axis}, ${divide}`);
      if (modulo !== undefined) axis = body.value(`urem i64 ${axis}, ${modulo}`);
      return body.value(`mul nuw nsw i64 ${axis}, ${stride}`);
    });
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
    const count = this.#form.inputs + this.#form.outputs.length;
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
    const all = this.#totals.length * width;
    outputs.forEach(({ value: index }, at) => {
      const value = values[index];
      if (value.kind !== "total") return;
      const to = body.load("ptr", body.at("%pointers", inputs + at, "ptr"));
      const first = this.#totals.indexOf(index) * width;
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

function argumentsOf(value: Value): readonly number[] {
  if (value.kind === "map") return value.arguments;
  return value.kind === "reduce" || value.kind === "total" ? [value.argument] : [];
}

const startOf = ({ operation }: Reduced) =>
  float(operation === "sum" ? 0 : operation === "maximum" ? -Infinity : Infinity);

/** Room for a row's random decisions, of 16 bits each, in whole blocks of eight. */
const chanceRoom = (width: number) => 8 * (Math.ceil(width / 8) + 1);
