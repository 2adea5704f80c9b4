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
import type { ConvolutionForm, ConvolutionOp, OwnForm, WindowForm } from "../convolution_form.ts";
import type { KernelText } from "./kernel.ts";
import { Multiplications } from "./matrices.ts";
import { Scratch } from "./memory.ts";
import { Body } from "./text.ts";
import {
  apart,
  beginning,
  each,
  eachMatrix,
  eachPart,
  inBothAxes,
  lanesOf,
  LEAST_LANES,
  LEAST_TILES,
  minimumDeclaration,
  PRODUCTS,
  Spreader,
  STEP,
  TILE,
  tilesOf,
  type Tiling,
  Vectors,
  whole,
  WINDOW,
} from "./tiles.ts";
import type { Tuning } from "./tuning.ts";
import { kernelOf } from "./unit_kernel.ts";
import { gatheredWindowText, partsOf, windowGradientText } from "./window_gradient.ts";

/** Whether channels fill vectors. */
export const fillsVectors = ({ inputs, outputs }: Pick<ConvolutionForm, "inputs" | "outputs">) =>
  inputs % LEAST_LANES === 0 && outputs % LEAST_LANES === 0;

/** Whether a strip has as many tiles as a product should have rows. */
export const hasFullProducts = (form: Pick<ConvolutionForm, "places" | "inputs" | "outputs">) =>
  tilesOf(form).count >= LEAST_TILES;

/** Into so many units an op's work is cut: strips of tiles, parts of all strips, or a window's channels. */
export function unitsOf({ form, maps }: ConvolutionOp): number {
  if (form.kind === "convolution") return maps * tilesOf(form).strips;
  return form.kind === "windowGradient" ? partsOf(form) : form.inputs;
}

/** The kernel text of an op. */
export function ownText(form: OwnForm, tuning: Tuning): KernelText {
  switch (form.kind) {
    case "convolution":
      return convolutionText(form, tuning);
    case "window":
      return windowText(form, tuning);
    case "windowGradient":
      return windowGradientText(form, tuning);
    case "gatheredWindow":
      return gatheredWindowText(form, tuning);
  }
}

/** Of a convolution: takes maps, the spread window, a bias and other maps; a unit is a strip of tiles. */
export function convolutionText(form: ConvolutionForm, tuning: Tuning): KernelText {
  const multiplications = new Multiplications(tuning), scratch = new Scratch();
  const { body, parameters } = new ConvolutionWriter(form, { tuning, multiplications, scratch })
    .write();
  return kernelOf(body, parameters, {
    scratch,
    tuning,
    before: [minimumDeclaration, `${multiplications}`],
  });
}

/** Of a window that is spread: `[3, 3, inputs, outputs] → [16, inputs, outputs]`; a unit is a channel that it takes. */
export function windowText({ inputs, outputs, isTurned }: WindowForm, tuning: Tuning): KernelText {
  const body = new Body();
  body.loop("inputs", ["%begin", "%end"], (input) => {
    // Turned, the numbers of a vector do not lie side by side.
    const vectors = new Vectors(body, isTurned ? 1 : LEAST_LANES);
    vectors.loop("outputs", outputs, (output) => {
      const [row, column] = isTurned ? [output, input] : [input, output];
      const first = whole(body, "mul", row, isTurned ? inputs : outputs);
      const from = body.at("%window", whole(body, "add", first, column));
      const window = each(WINDOW, (i) =>
        each(WINDOW, (j) => {
          const at = WINDOW * i + j;
          return vectors.load(from, (isTurned ? WINDOW * WINDOW - 1 - at : at) * inputs * outputs);
        }));
      const begin = whole(body, "mul", input, outputs);
      const to = body.at("%to", whole(body, "add", begin, output));
      inBothAxes(window, vectors.spreadWindow).flat().forEach((value, at) => {
        vectors.store(value, to, at * inputs * outputs);
      });
    });
  });
  body.do("ret void");
  return kernelOf(body, ["%window", "%to"], { tuning });
}

class ConvolutionWriter {
  readonly #form: ConvolutionForm;
  readonly #tiles: Tiling;
  readonly #multiplications: Multiplications;
  readonly #scratch: Scratch;
  readonly #body = new Body();
  readonly #results: Vectors;
  readonly #later: (text: string) => void;
  readonly #map: Spreader;

  constructor(
    form: ConvolutionForm,
    { tuning: { longVectors }, multiplications, scratch }: {
      tuning: Tuning;
      multiplications: Multiplications;
      scratch: Scratch;
    },
  ) {
    this.#form = form;
    this.#tiles = tilesOf(form);
    this.#multiplications = multiplications;
    this.#scratch = scratch;
    const body = this.#body;
    this.#results = new Vectors(body, lanesOf(form.outputs, longVectors));
    this.#later = body.later();
    const { map, zeros, inputs: channels } = form;
    this.#map = new Spreader({ pointer: "%map", map, channels, zeros, places: TILE }, {
      ...{ body, scratch, longVectors, across: this.#tiles.across },
    });
  }

  write(): { body: Body; parameters: string[] } {
    const { hasBias, hasSum } = this.#form;
    this.#body.loop("units", ["%begin", "%end"], (unit) => this.#strip(unit));
    this.#body.do("ret void");
    this.#later(`${this.#scratch}`);
    const parameters = [
      "%map",
      "%window",
      ...hasBias ? ["%bias"] : [],
      ...hasSum ? ["%other"] : [],
    ];
    return { body: this.#body, parameters: [...parameters, "%to"] };
  }

  #strip(unit: string): void {
    const body = this.#body;
    const { inputs, outputs } = this.#form;
    const { down, rows, columns, strips, count } = this.#tiles;
    const image = body.value(`udiv i64 ${unit}, ${strips}`);
    const top = beginning(body, body.value(`urem i64 ${unit}, ${strips}`), rows, down);
    const given = apart(count * inputs), made = apart(count * outputs);
    const spread = this.#scratch.room("spread", "float", PRODUCTS * given);
    const products = this.#scratch.room("products", "float", PRODUCTS * made);
    const map = this.#map;
    eachPart(body, this.#tiles, top, {
      down: (row) => map.down(image, row),
      across: (tiles) => map.across({ ...tiles, columns, to: spread, apart: given }),
    }, (left) => {
      eachMatrix(body, (place) => {
        this.#multiplications.write(body, "product", {
          left: { pointer: place(spread, given), row: inputs, column: 1 },
          right: { pointer: place("%window", inputs * outputs), row: outputs, column: 1 },
          to: { pointer: place(products, made), row: outputs, column: 1 },
          ...{ rows: count, depth: inputs, columns: outputs, factor: 1 },
        });
      });
      body.loop("results", [0, rows], (row) => {
        const tile = { image, row: whole(body, "add", top, row), left };
        this.#gather(tile, { row, products, apart: made });
      });
    });
  }

  /** Makes the result of tiles of a row. */
  #gather(
    { image, row: tileRow, left: firstTile }: { image: string; row: string; left: string },
    { row, products, apart }: { row: string; products: string; apart: number },
  ): void {
    const body = this.#body, vectors = this.#results;
    const { places: [height, width], outputs } = this.#form;
    const { columns } = this.#tiles;
    const top = whole(body, "mul", tileRow, STEP);
    const start = whole(body, "add", whole(body, "mul", image, height), top);
    body.loop("gathered", [0, columns], (column) => {
      const left = whole(body, "mul", whole(body, "add", firstTile, column), STEP);
      const place = whole(body, "add", whole(body, "mul", row, columns), column);
      const from = body.at(products, whole(body, "mul", place, outputs));
      const first = whole(body, "add", whole(body, "mul", start, width), left);
      const begin = whole(body, "mul", first, outputs);
      vectors.loop("made", outputs, (channel) => {
        const source = body.at(from, channel);
        const all = each(
          TILE,
          (k) => each(TILE, (j) => vectors.load(source, (TILE * k + j) * apart)),
        );
        const to = whole(body, "add", begin, channel);
        inBothAxes(all, vectors.gathered).forEach((values, y) =>
          values.forEach((value, x) => {
            const ends = [
              ...y > 0 && height % STEP > 0 ? [[top, height - 1]] : [],
              ...x > 0 && width % STEP > 0 ? [[left, width - 1]] : [],
            ];
            this.#where(`place${y}${x}`, ends, () => {
              const offset = whole(body, "add", to, (y * width + x) * outputs);
              this.#finish(value, channel, offset);
            });
          })
        );
      });
    });
  }

  /** What is done where all of these numbers are below their ends. */
  #where(label: string, ends: readonly (string | number)[][], write: () => void): void {
    const body = this.#body;
    if (ends.length === 0) return write();
    const isIn = ends.map(([at, end]) => body.value(`icmp ult i64 ${at}, ${end}`))
      .reduce((a, b) => body.value(`and i1 ${a}, ${b}`));
    body.do(`br i1 ${isIn}, label %${label}, label %${label}.end`);
    body.label(label);
    write();
    body.do(`br label %${label}.end`);
    body.label(`${label}.end`);
  }

  /** What follows the convolution. */
  #finish(value: string, channel: string, offset: string): void {
    const vectors = this.#results;
    const { hasBias, hasSum, hasRelu } = this.#form;
    if (hasBias) value = vectors.add(value, vectors.load("%bias", channel));
    if (hasSum) value = vectors.add(value, vectors.load("%other", offset));
    if (hasRelu) value = vectors.relu(value);
    vectors.store(value, "%to", offset);
  }
}
