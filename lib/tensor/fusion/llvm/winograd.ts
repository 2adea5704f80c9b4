/**
 * 3×3 convolutions by Winograd's algorithm F(2×2, 3×3) (Fast Algorithms for Convolutional Neural Networks, arXiv
 * 1509.09308): of a *tile* of 4×4 places of a map, 2×2 of the result are made with 16 multiplications in the place of
 * 36. Tiles and window are spread into sums and differences, 16 of each; the products of one with the other are, for
 * each of the 16, a product of matrices, tiles × channels by channels × channels; and sums and differences of those
 * are the result. A strip of tiles is taken at a time, all of whose numbers stay in the cache.
 *
 * All sums and differences have the weights 1 and ½: results differ from those of the 36 products by little more
 * than these do by their order.
 */
import type { ConvolutionForm, ConvolutionOp, WindowForm } from "../convolution_form.ts";
import { FINISH, ROWS } from "./entries.ts";
import type { KernelText } from "./kernel.ts";
import { Multiplications } from "./matrices.ts";
import { Scratch } from "./memory.ts";
import { Body, float, functionText } from "./text.ts";
import { attributesText, type Tuning } from "./tuning.ts";

/** Places of a tile along one axis, of the result that it gives, and of the window. */
const TILE = 4, STEP = 2, WINDOW = 3;
const PRODUCTS = TILE * TILE;
/** So many tiles a product has at least, to be made of rows that are computed together; and at most. */
const LEAST_TILES = 8, MOST_TILES = 20;
/** Bytes of the spread tiles and their products, which are to stay in the cache. */
const MOST_TILE_BYTES = 160 * 1024;
/** Vectors have as many numbers, or twice as many. */
const LEAST_LANES = 8;
/** Numbers between matrices that would else begin at the same place of the cache. */
const APART = 16;

/**
 * How the tiles of a map are taken: strips of so many rows, one after the other, and of long rows so many tiles at a
 * time. The last ones begin earlier where they would be shorter: some results are then made twice, as the same bits.
 */
export function tilesOf({ places: [height, width], inputs, outputs }: ConvolutionForm) {
  const down = Math.ceil(height / STEP), across = Math.ceil(width / STEP);
  const most = Math.min(
    MOST_TILES,
    Math.floor(MOST_TILE_BYTES / (4 * PRODUCTS * (inputs + outputs))),
  );
  const made = (rows: number) => Math.ceil(down / rows) * rows;
  const [rows = across > most ? 1 : down] = each(down, (at) => down - at)
    .filter((rows) => rows * across >= LEAST_TILES && rows * across <= most)
    .sort((a, b) => made(a) - made(b)); // else those with more tiles stay first
  const parts = rows * across <= most ? 1 : Math.ceil(across / most);
  const columns = Math.ceil(across / parts);
  const strips = Math.ceil(down / rows);
  return { down, across, rows, columns, strips, parts, count: rows * columns };
}

/** `[16, inputs, outputs]` of a window. */
export const spreadShape = ({ inputs, outputs }: Pick<WindowForm, "inputs" | "outputs">) => [
  ...[PRODUCTS, inputs, outputs],
];

/** Whether channels fill vectors. */
export const fillsVectors = ({ inputs, outputs }: ConvolutionForm) =>
  inputs % LEAST_LANES === 0 && outputs % LEAST_LANES === 0;

/** Whether a strip has as many tiles as a product should have rows. */
export const hasFullProducts = (form: ConvolutionForm) => tilesOf(form).count >= LEAST_TILES;

/** Into so many units an op's work is cut: strips of tiles, or a window's channels. */
export function unitsOf({ form, maps }: ConvolutionOp): number {
  return form.kind === "window" ? form.inputs : maps * tilesOf(form).strips;
}

const type = (lanes: number) => `<${lanes} x float>`;

/** Instructions on vectors of so many numbers. */
class Vectors {
  constructor(readonly body: Body, readonly lanes: number) {}

  load = (pointer: string, at: string | number = 0) =>
    this.body.value(
      `load ${type(this.lanes)}, ptr ${at === 0 ? pointer : this.body.at(pointer, at)}, align 4`,
    );
  store(value: string, pointer: string, at: string | number = 0): void {
    const to = at === 0 ? pointer : this.body.at(pointer, at);
    this.body.do(`store ${type(this.lanes)} ${value}, ptr ${to}, align 4`);
  }
  add = (a: string, b: string) => this.body.value(`fadd ${type(this.lanes)} ${a}, ${b}`);
  subtract = (a: string, b: string) => this.body.value(`fsub ${type(this.lanes)} ${a}, ${b}`);
  halved = (a: string) => this.body.value(`fmul ${type(this.lanes)} ${a}, ${this.all(0.5)}`);
  relu = (a: string) => {
    const isLess = this.body.value(`fcmp ole ${type(this.lanes)} ${a}, zeroinitializer`);
    return this.body.value(
      `select <${this.lanes} x i1> ${isLess}, ${type(this.lanes)} zeroinitializer, ${
        type(this.lanes)
      } ${a}`,
    );
  };
  all = (value: number) =>
    `<${Array.from({ length: this.lanes }, () => `float ${float(value)}`).join(", ")}>`;

  /** Four places of a map along an axis. */
  spread([a, b, c, d]: string[]): string[] {
    return [this.subtract(a, c), this.add(b, c), this.subtract(c, b), this.subtract(b, d)];
  }

  /** Three places of a window along an axis. */
  spreadWindow([a, b, c]: string[]): string[] {
    const outer = this.add(a, c);
    return [a, this.halved(this.add(outer, b)), this.halved(this.subtract(outer, b)), c];
  }

  /** Four products along an axis make two places of the result. */
  gathered([a, b, c, d]: string[]): string[] {
    return [this.add(this.add(a, b), c), this.subtract(this.subtract(b, c), d)];
  }
}

const each = <T>(count: number, make: (at: number) => T) =>
  Array.from({ length: count }, (_, at) => make(at));
const turned = <T>(rows: readonly T[][]) => rows[0].map((_, at) => rows.map((row) => row[at]));

/** Kernel text of a convolution: takes maps, the spread window, a bias and other maps; a unit is a strip of tiles. */
export function convolutionText(form: ConvolutionForm, tuning: Tuning): KernelText {
  const multiplications = new Multiplications(tuning);
  const { body, scratch, parameters } = new ConvolutionWriter(form, tuning, multiplications)
    .write();
  const rows = functionText(
    `internal void @rows(${parameters.join(", ")}, i64 %begin, i64 %end) noinline #0`,
    body,
  );
  const minimum = "declare i64 @llvm.umin.i64(i64, i64)";
  const text = [
    minimum,
    `${multiplications}`,
    rows,
    entry(parameters.length),
    attributesText(tuning),
  ];
  return { text: text.join("\n"), partials: 0, scratchBytes: scratch.bytes };
}

/** Kernel text that spreads a window; a unit is a channel that it takes. */
export function windowText({ inputs, outputs, isTurned }: WindowForm, tuning: Tuning): KernelText {
  const body = new Body();
  body.loop("inputs", ["%begin", "%end"], (input) => {
    const columns = (lanes: number, write: (output: string, vectors: Vectors) => void) =>
      body.loop("outputs", [0, outputs / lanes], (at) => {
        write(body.value(`mul nuw nsw i64 ${at}, ${lanes}`), new Vectors(body, lanes));
      });
    // Turned, the numbers of a vector do not lie side by side.
    columns(isTurned ? 1 : 8, (output, vectors) => {
      const [row, column] = isTurned ? [output, input] : [input, output];
      const width = isTurned ? inputs : outputs;
      const first = body.value(`mul nuw nsw i64 ${row}, ${width}`);
      const place = body.value(`add nuw nsw i64 ${first}, ${column}`);
      const from = body.at("%in0", place);
      const window = each(WINDOW, (i) =>
        each(WINDOW, (j) => {
          const at = WINDOW * i + j;
          return vectors.load(from, (isTurned ? WINDOW * WINDOW - 1 - at : at) * inputs * outputs);
        }));
      const rows = turned(turned(window).map((each) => vectors.spreadWindow(each)));
      const begin = body.value(`mul nuw nsw i64 ${input}, ${outputs}`);
      const to = body.at("%in1", body.value(`add nuw nsw i64 ${begin}, ${output}`));
      rows.map((row) => vectors.spreadWindow(row)).flat().forEach((value, at) => {
        vectors.store(value, to, at * inputs * outputs);
      });
    });
  });
  body.do("ret void");
  const head =
    "internal void @rows(ptr noalias readonly %in0, ptr noalias %in1, i64 %begin, i64 %end)";
  const text = [functionText(`${head} noinline #0`, body), entry(2), attributesText(tuning)];
  return { text: text.join("\n"), partials: 0, scratchBytes: 0 };
}

/** The functions of a kernel that are called from outside; no sums over units are to be finished. */
function entry(tensors: number): string {
  const body = new Body();
  const pointers = each(
    tensors,
    (at) => `ptr ${body.load("ptr", body.at("%pointers", at, "ptr"))}`,
  );
  body.do(`call void @rows(${pointers.join(", ")}, i64 %begin, i64 %end)`);
  body.do("ret void");
  const nothing = new Body();
  nothing.do("ret void");
  return [
    functionText(`void @${ROWS}(ptr %pointers, i64 %begin, i64 %end, ptr %partial) #0`, body),
    functionText(`void @${FINISH}(ptr %pointers, ptr %partial, i64 %blocks) #0`, nothing),
  ].join("\n");
}

class ConvolutionWriter {
  readonly #form: ConvolutionForm;
  readonly #longVectors: boolean;
  readonly #multiplications: Multiplications;
  readonly #body = new Body();
  readonly #scratch = new Scratch();
  readonly #tiles: ReturnType<typeof tilesOf>;

  constructor(form: ConvolutionForm, { longVectors }: Tuning, multiplications: Multiplications) {
    this.#form = form;
    this.#longVectors = longVectors ?? false;
    this.#multiplications = multiplications;
    this.#tiles = tilesOf(form);
  }

  write(): { body: Body; scratch: Scratch; parameters: string[] } {
    const body = this.#body;
    const { hasBias, hasSum } = this.#form;
    const scratch = body.later();
    const line = this.#scratch.room("lines", "float", TILE * this.#lineLength);
    const zeros = this.#scratch.room("zeros", "float", this.#rowLength);
    this.#clear("line", line, TILE * this.#lineLength);
    this.#clear("zero", zeros, this.#rowLength);
    body.loop("units", ["%begin", "%end"], (unit) => this.#strip(unit));
    body.do("ret void");
    scratch(`${this.#scratch}`);
    const names = ["%map", "%window", ...hasBias ? ["%bias"] : [], ...hasSum ? ["%other"] : []];
    const parameters = [...names.map((name) => `ptr noalias readonly ${name}`), "ptr noalias %to"];
    return { body, scratch: this.#scratch, parameters };
  }

  get #rowLength(): number {
    return this.#form.map[1] * this.#form.inputs;
  }

  /** Of a row of a map with zeros at both ends. */
  get #lineLength(): number {
    return (STEP * this.#tiles.across + TILE - STEP) * this.#form.inputs;
  }

  #lanes = (channels: number) => this.#longVectors && channels % 16 === 0 ? 16 : 8;

  #value = (operation: string, a: string | number, b: string | number) =>
    this.#body.value(`${operation} nsw i64 ${a}, ${b}`);

  #clear(name: string, pointer: string, count: number): void {
    const vectors = new Vectors(this.#body, 8);
    this.#body.loop(name, [0, count / 8], (at) => {
      vectors.store("zeroinitializer", pointer, this.#value("mul", at, 8));
    });
  }

  /** Each vector of a row of numbers. */
  #vectors(name: string, count: number, channels: number, write: (v: Vectors, at: string) => void) {
    const lanes = this.#lanes(channels);
    this.#body.loop(name, [0, count / lanes], (at) => {
      write(new Vectors(this.#body, lanes), this.#value("mul", at, lanes));
    });
  }

  #strip(unit: string): void {
    const body = this.#body;
    const { inputs, outputs } = this.#form;
    const { down, across, rows, columns, strips, parts, count } = this.#tiles;
    const image = body.value(`udiv i64 ${unit}, ${strips}`);
    const top = this.#beginning(body.value(`urem i64 ${unit}, ${strips}`), rows, down);
    const apart = (channels: number) => count * channels + APART;
    const spread = this.#scratch.room("spread", "float", PRODUCTS * apart(inputs));
    const products = this.#scratch.room("products", "float", PRODUCTS * apart(outputs));
    // Where a row is taken in parts, it is the strip's only one.
    if (parts > 1) this.#spreadDown(image, top);
    body.loop("parts", [0, parts], (part) => {
      const left = this.#beginning(part, columns, across);
      body.loop("rows", [0, rows], (row) => {
        if (parts === 1) this.#spreadDown(image, this.#value("add", top, row));
        this.#spreadAcross({ left, row, spread, apart: apart(inputs) });
      });
      body.loop("factors", [0, PRODUCTS], (factor) => {
        const place = (pointer: string, stride: number) =>
          body.at(pointer, this.#value("mul", factor, stride));
        this.#multiplications.write(body, "product", {
          left: { pointer: place(spread, apart(inputs)), row: inputs, column: 1 },
          right: { pointer: place("%window", inputs * outputs), row: outputs, column: 1 },
          to: { pointer: place(products, apart(outputs)), row: outputs, column: 1 },
          ...{ rows: count, depth: inputs, columns: outputs, factor: 1 },
        });
      });
      body.loop("results", [0, rows], (row) => {
        const tile = { image, top: this.#value("add", top, row), left };
        this.#gatherRow(tile, { row, products, apart: apart(outputs) });
      });
    });
  }

  /** Where the part of a number begins, of which each has so many, and all together `end`. */
  #beginning(part: string, count: number, end: number): string {
    const begin = this.#value("mul", part, count);
    if (end % count === 0) return begin;
    return this.#body.value(`call i64 @llvm.umin.i64(i64 ${begin}, i64 ${end - count})`);
  }

  /** Spreads a row of tiles down: place by place of four rows of a map. */
  #spreadDown(image: string, tileRow: string): void {
    const body = this.#body;
    const { map: [height], zeros: [above, left], inputs } = this.#form;
    const length = this.#rowLength, lineLength = this.#lineLength;
    const top = this.#value("sub", this.#value("mul", tileRow, STEP), above);
    const start = this.#value("mul", image, height);
    const lines = each(TILE, (at) => {
      const line = this.#value("add", top, at);
      const isIn = body.value(`icmp ult i64 ${line}, ${height}`);
      const there = body.at("%map", this.#value("mul", this.#value("add", start, line), length));
      return body.value(`select i1 ${isIn}, ptr ${there}, ptr %zeros`);
    });
    this.#vectors("down", length, inputs, (vectors, at) => {
      const to = body.at("%lines", this.#value("add", at, left * inputs));
      vectors.spread(lines.map((line) => vectors.load(line, at)))
        .forEach((value, k) => vectors.store(value, to, k * lineLength));
    });
  }

  /** Spreads tiles of such a row across. */
  #spreadAcross(
    { left, row, spread, apart }: { left: string; row: string; spread: string; apart: number },
  ): void {
    const body = this.#body;
    const { inputs } = this.#form;
    const { columns } = this.#tiles;
    const lineLength = this.#lineLength;
    body.loop("across", [0, columns], (column) => {
      const tile = this.#value("add", left, column);
      const from = body.at("%lines", this.#value("mul", tile, STEP * inputs));
      const place = this.#value("add", this.#value("mul", row, columns), column);
      const to = body.at(spread, this.#value("mul", place, inputs));
      this.#vectors("channels", inputs, inputs, (vectors, channel) => {
        const source = body.at(from, channel), target = body.at(to, channel);
        for (let k = 0; k < TILE; k++) {
          const given = each(TILE, (j) => vectors.load(source, k * lineLength + j * inputs));
          vectors.spread(given).forEach((value, j) => {
            vectors.store(value, target, (TILE * k + j) * apart);
          });
        }
      });
    });
  }

  /** Makes the result of tiles of a row. */
  #gatherRow(
    { image, top: tileRow, left: firstTile }: { image: string; top: string; left: string },
    { row, products, apart }: { row: string; products: string; apart: number },
  ): void {
    const body = this.#body;
    const { places: [height, width], outputs } = this.#form;
    const { columns } = this.#tiles;
    const top = this.#value("mul", tileRow, STEP);
    const start = this.#value("add", this.#value("mul", image, height), top);
    body.loop("gathered", [0, columns], (column) => {
      const left = this.#value("mul", this.#value("add", firstTile, column), STEP);
      const place = this.#value("add", this.#value("mul", row, columns), column);
      const from = body.at(products, this.#value("mul", place, outputs));
      const first = this.#value("add", this.#value("mul", start, width), left);
      const begin = this.#value("mul", first, outputs);
      this.#vectors("made", outputs, outputs, (vectors, channel) => {
        const source = body.at(from, channel);
        const all = each(
          TILE,
          (k) => each(TILE, (j) => vectors.load(source, (TILE * k + j) * apart)),
        );
        const halves = turned(turned(all).map((column) => vectors.gathered(column)));
        const results = halves.map((row) => vectors.gathered(row));
        const to = this.#value("add", begin, channel);
        results.forEach((values, y) =>
          values.forEach((value, x) => {
            const isIn = [
              ...y > 0 && height % STEP > 0 ? [[top, height - 1]] : [],
              ...x > 0 && width % STEP > 0 ? [[left, width - 1]] : [],
            ].map(([at, end]) => body.value(`icmp ult i64 ${at}, ${end}`));
            const write = () => {
              const offset = this.#value("add", to, (y * width + x) * outputs);
              this.#finish(vectors, value, channel, offset);
            };
            if (isIn.length === 0) return write();
            const label = `place${y}${x}`;
            const both = isIn.reduce((a, b) => body.value(`and i1 ${a}, ${b}`));
            body.do(`br i1 ${both}, label %${label}, label %${label}.end`);
            body.label(label);
            write();
            body.do(`br label %${label}.end`);
            body.label(`${label}.end`);
          })
        );
      });
    });
  }

  /** What follows the convolution. */
  #finish(vectors: Vectors, value: string, channel: string, offset: string): void {
    const { hasBias, hasSum, hasRelu } = this.#form;
    if (hasBias) value = vectors.add(value, vectors.load("%bias", channel));
    if (hasSum) value = vectors.add(value, vectors.load("%other", offset));
    if (hasRelu) value = vectors.relu(value);
    vectors.store(value, "%to", offset);
  }
}
