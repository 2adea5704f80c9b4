/**
 * The gradient of a 3×3 convolution for its window, by Winograd's algorithm (`winograd.ts`): what comes back to the
 * 2×2 places of a tile's result is spread to 16 numbers, which are multiplied by those of the tile itself. Of all
 * tiles the products are summed up first, as products of matrices, channels × tiles by tiles × channels, and gathered
 * to the nine places of the window last.
 */
import type { GatheredWindowForm, WindowGradientForm } from "../convolution_form.ts";
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
  LEAST_LANES,
  minimumDeclaration,
  PRODUCTS,
  Spreader,
  TILE,
  tilesOf,
  Vectors,
  whole,
} from "./tiles.ts";
import type { Tuning } from "./tuning.ts";
import { kernelOf } from "./unit_kernel.ts";

type Channels = Pick<WindowGradientForm, "inputs" | "outputs">;

/**
 * Into so many parts all tiles are cut, whatever the number of threads: each has sums of its own, of which there
 * should not be more than the cache holds.
 */
export const partsOf = ({ inputs, outputs }: Channels) => inputs * outputs > 1024 ? 8 : 16;

/** With fewer channels sums and differences take longer than the multiplications that they save. */
export const savesSums = ({ inputs, outputs }: Channels) => inputs * outputs >= 1024;

/** Whether no tile would be taken twice. */
export function takesTilesOnce(form: WindowGradientForm): boolean {
  const { across, columns } = tilesOf(form);
  return across % columns === 0;
}

/** Takes maps and what comes back to the result: the sums of all parts, `[parts, 16, inputs, outputs]`. */
export function windowGradientText(form: WindowGradientForm, tuning: Tuning): KernelText {
  const { map, places, zeros, inputs, outputs, maps } = form;
  const tiling = tilesOf(form), { down, across, rows, columns, strips, count } = tiling;
  const body = new Body(), scratch = new Scratch(), multiplications = new Multiplications(tuning);
  const later = body.later();
  const settings = { body, scratch, across, longVectors: tuning.longVectors };
  const tiles = new Spreader(
    { pointer: "%map", map, zeros, channels: inputs, places: TILE },
    settings,
  );
  const slopes = new Spreader({
    ...{ pointer: "%slope", map: places, zeros: [0, 0], channels: outputs, places: 2 },
  }, settings);
  const given = apart(count * inputs), back = apart(count * outputs);
  const spread = scratch.room("spread", "float", PRODUCTS * given);
  const spreadSlope = scratch.room("spreadSlope", "float", PRODUCTS * back);
  const size = PRODUCTS * inputs * outputs;
  const all = maps * strips, most = Math.ceil(all / partsOf(form));
  const vectors = new Vectors(body, LEAST_LANES);
  body.loop("units", ["%begin", "%end"], (unit) => {
    const to = body.at("%to", whole(body, "mul", unit, size));
    vectors.loop("none", size, (at) => vectors.store("zeroinitializer", to, at));
    const least = (number: string) =>
      body.value(`call i64 @llvm.umin.i64(i64 ${number}, i64 ${all})`);
    const first = least(whole(body, "mul", unit, most));
    const last = least(whole(body, "add", first, most));
    body.loop("strips", [first, last], (strip) => {
      const image = body.value(`udiv i64 ${strip}, ${strips}`);
      const index = body.value(`urem i64 ${strip}, ${strips}`);
      const top = beginning(body, index, rows, down);
      // What the strip before has taken counts as nothing.
      const begin = down % rows === 0 ? undefined : whole(body, "mul", index, rows);
      eachPart(body, tiling, top, {
        down(row) {
          tiles.down(image, row);
          slopes.down(image, row, begin);
        },
        across(at) {
          tiles.across({ ...at, columns, to: spread, apart: given });
          slopes.across({ ...at, columns, to: spreadSlope, apart: back });
        },
      }, () => {
        eachMatrix(body, (place) => {
          multiplications.write(body, "product", {
            left: { pointer: place(spread, given), row: 1, column: inputs },
            right: { pointer: place(spreadSlope, back), row: outputs, column: 1 },
            to: { pointer: place(to, inputs * outputs), row: outputs, column: 1 },
            ...{ rows: inputs, depth: count, columns: outputs, factor: 1, isAdded: true },
          });
        });
      });
    });
  });
  body.do("ret void");
  later(`${scratch}`);
  return kernelOf(body, ["%map", "%slope", "%to"], {
    ...{ scratch, tuning, before: [minimumDeclaration, `${multiplications}`] },
  });
}

/** The sum of all parts, gathered to `[3, 3, inputs, outputs]`; a unit is a channel that the window takes. */
export function gatheredWindowText(form: GatheredWindowForm, tuning: Tuning): KernelText {
  const { inputs, outputs } = form;
  const body = new Body(), vectors = new Vectors(body, LEAST_LANES);
  const size = inputs * outputs;
  body.loop("inputs", ["%begin", "%end"], (input) => {
    const begin = whole(body, "mul", input, outputs);
    vectors.loop("outputs", outputs, (output) => {
      const place = whole(body, "add", begin, output);
      const from = body.at("%sums", place), to = body.at("%to", place);
      const sums = each(
        TILE,
        (k) =>
          each(
            TILE,
            (j) =>
              each(partsOf(form), (part) =>
                vectors.load(from, (PRODUCTS * part + TILE * k + j) * size))
                .reduce(vectors.add),
          ),
      );
      inBothAxes(sums, vectors.gatheredWindow).flat()
        .forEach((value, at) => vectors.store(value, to, at * size));
    });
  });
  body.do("ret void");
  return kernelOf(body, ["%sums", "%to"], { tuning });
}
