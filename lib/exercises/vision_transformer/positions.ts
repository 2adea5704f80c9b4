import * as tf from "../../tensor/tf.ts";
import type { Random } from "../../random.ts";
import { sinusoidalPositions } from "../../nn/functional.ts";
import type { Part } from "../../nn/part.ts";
import { SinusoidalPositions } from "../../nn/position_encoding.ts";
import { attempt } from "../engine/attempt.ts";
import { type CheckOptions, checkRunner, describe, failure } from "../engine/check.ts";
import { assertShape, assertTensor, expectClose } from "../engine/compare.ts";
import { generalCauses } from "../engine/general_causes.ts";
import { withHints } from "../engine/hints.ts";
import { assertKeepsVariables } from "../engine/kept_tensors.ts";
import { departure } from "../engine/locate.ts";
import { findMistake } from "../engine/mistakes.ts";
import { checkModule } from "../engine/module_check.ts";
import { checkOtherSizes } from "../engine/other_sizes.ts";
import { functionFrame, ownWorkRule, watched } from "../engine/own_work.ts";
import { withRepair } from "../engine/repair.ts";
import { sample } from "../engine/samples.ts";
import { assertTableRows } from "./table_rows.ts";

const { runCheck } = checkRunner();

/** Computes a table of positions: `[positions, width]`. */
export type PositionTable = (positions: number, width: number) => tf.Tensor;

const tableMistakes = {
  swapped: "with sine and cosine exchanged; the even features are sines, the odd ones cosines",
  halves:
    "with all sines in the first half of the features and all cosines in the second; they take turns",
  onlySines: "with sines in all features; the odd ones are cosines",
  ownExponent:
    "when an odd feature has an exponent of its own; features 2i and 2i + 1 share the exponent 2i / D",
  halfExponent: "with the exponent i / D in place of 2i / D",
  multiplied: "when the position is multiplied by 10000^(2i / D); it is divided by it",
  fromOne: "when the positions count from 1; the first is 0",
  base1000: "with 1,000 in place of 10,000",
  base100: "with 100 in place of 10,000",
  base100000: "with 100,000 in place of 10,000, or with exponents divided by D − 2",
} as const;

/** The table with the given mistakes. */
function table(positions: number, width: number, has: ReadonlySet<string>): tf.Tensor {
  const base = has.has("base1000")
    ? 1e3
    : has.has("base100")
    ? 1e2
    : has.has("base100000")
    ? 1e5
    : 1e4;
  const rows = Array.from({ length: positions }, (_, row) => {
    const position = has.has("fromOne") ? row + 1 : row;
    return Array.from({ length: width }, (_, place) => {
      const half = Math.ceil(width / 2);
      const feature = !has.has("halves")
        ? place
        : place < half
        ? 2 * place
        : 2 * (place - half) + 1;
      const even = feature - feature % 2;
      const exponent = has.has("ownExponent") ? feature : has.has("halfExponent") ? even / 2 : even;
      const wavelength = base ** (exponent / width);
      const angle = has.has("multiplied") ? position * wavelength : position / wavelength;
      const isSine = (feature === even) !== has.has("swapped") || has.has("onlySines");
      return isSine ? Math.sin(angle) : Math.cos(angle);
    });
  });
  return tf.tensor2d(rows);
}

const sizesHint =
  `${generalCauses.angles}. D features are D / 2 pairs of a sine and a cosine, for each of the positions: ` +
  "`tf.range(0, width, 2)` has D / 2 numbers, and `tf.range(0, positions)` one for each position.";

/** The right table with the steps that the text takes. */
function tableOfTensors(positions: number, width: number): tf.Tensor {
  const exponents = tf.div(tf.range(0, width, 2), width);
  const wavelengths = tf.pow(10_000, exponents);
  const angles = tf.div(tf.expandDims(tf.range(0, positions), 1), wavelengths);
  return tf.reshape(tf.stack([tf.sin(angles), tf.cos(angles)], 2), [positions, -1]);
}

/**
 * Checks a learner's table of sinusoidal positions (arXiv 1706.03762, section 3.5). Throws a
 * `CheckError` that names the first thing wrong and its likely cause.
 */
export function checkSinusoidalPositions(
  positionTable: PositionTable,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Sinusoidal positions", options, () => {
    if (typeof positionTable !== "function") {
      throw failure(`positionTable should be a function, but is ${describe(positionTable)}.`);
    }
    for (const [positions, width] of [[7, 10], [100, 300]]) {
      const name = `positionTable(${positions}, ${width})`;
      const located = () => ({
        ours: () => positionTable(positions, width),
        right: [
          () => sinusoidalPositions(positions, width),
          () => tableOfTensors(positions, width),
        ],
        given: [],
        code: { function: positionTable },
        call: {
          sizes: [positions, width],
          units: [1, 2],
          write: ([positions, width]: readonly number[]) =>
            `${positionTable.name || "positionTable"}(${positions}, ${width}).print()`,
          ours: ([positions, width]: readonly number[]) => positionTable(positions, width),
          right: ([positions, width]: readonly number[]) => sinusoidalPositions(positions, width),
        },
        numbers: { positions, width },
        tolerance: 1e-3,
      });
      const result = withRepair(located, () => {
        const result: unknown = attempt(
          "positionTable",
          `for ${positions} positions of ${width} features`,
          () => positionTable(positions, width),
          { code: positionTable, sizesHint },
        );
        assertTensor(result, name);
        const shape = [positions, width];
        assertShape(result, shape, {
          name,
          axes: ["positions", "D"],
          mistakes: [
            { shape: [width, positions], explanation: "rows and columns are exchanged." },
            { shape: [1, ...shape], explanation: "there is no batch axis here." },
            {
              shape: [positions, width / 2],
              explanation: "each angle gives two features, its sine and its cosine.",
            },
            {
              shape: [positions, 2 * width],
              explanation:
                "there are D / 2 angles, so that sines and cosines together are D features.",
            },
          ],
        });
        return result;
      });
      // Float32 angles of position 99 are exact to about 1e-5.
      expectClose(result, sinusoidalPositions(positions, width), {
        name,
        axes: ["position", "feature"],
        tolerance: 1e-3,
        explain: () =>
          findMistake(result, tableMistakes, (has) => table(positions, width, has)) ??
            departure(located()),
      });
    }
    watched(() => positionTable(3, 4), {
      name: "positionTable",
      search: (stack) =>
        functionFrame("sinusoidalPositions", "nn/functional.ts").test(stack)
          ? "sinusoidalPositions"
          : undefined,
      rule: ownWorkRule,
    });
    return "the values are right, for 100 positions of 300 features and for others";
  });
}

/** What a learner's module that adds positions is made from. */
export interface PositionOptions {
  /** How many tokens there can be at most. */
  slots: number;
  /** Features of a token, D. */
  width: number;
  random: Random;
}

const [batch, tokens, features, slots] = [2, 5, 6, 9];

const encodingMistakes = {
  nothing: "when nothing is added to the tokens",
  lastRows: "with the last T rows of the table; token t gets row t",
  fromSecondRow: "with the rows from 1 on; the first token gets row 0",
  firstRowForAll: "when every token gets the first row",
  ofImage: "when each image gets one row for all its tokens; each token has a row of its own",
  scaled: "when the tokens are multiplied by √D before the positions are added",
  twice: "when the positions are added twice",
} as const;

function encode(x: tf.Tensor, has: ReadonlySet<string>): tf.Tensor {
  const rows = (start: number, count: number) =>
    tf.slice(sinusoidalPositions(slots, features), [start, 0], [count, features]);
  if (has.has("nothing")) return x;
  if (has.has("firstRowForAll")) return tf.add(x, rows(0, 1));
  if (has.has("ofImage")) return tf.add(x, tf.expandDims(rows(0, batch), 1));
  const start = has.has("lastRows") ? slots - tokens : has.has("fromSecondRow") ? 1 : 0;
  const source = has.has("scaled") ? tf.mul(x, Math.sqrt(features)) : x;
  const once = tf.add(source, rows(start, tokens));
  return has.has("twice") ? tf.add(once, rows(start, tokens)) : once;
}

/**
 * Checks a learner's module that adds sinusoidal positions to tokens `[B, T, D]`, T up to the number of
 * slots. Throws a `CheckError` that names the first thing wrong and its likely cause.
 */
export function checkPositionEncoding(
  PositionEncoding: Part<PositionOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Position encoding", options, () => {
    const input = sample([batch, tokens, features], { seed: 13, low: -2, high: 2 });
    const check = () =>
      checkModule<PositionOptions>({
        name: "PositionEncoding",
        learner: PositionEncoding,
        library: SinusoidalPositions,
        readyMade: [SinusoidalPositions],
        options: { slots, width: features },
        input,
        axes: ["B", "T", "D"],
        shapeMistakes: [
          {
            shape: [batch, tokens, 2 * features],
            explanation: "the positions were put beside the features; here they are added to them.",
          },
          {
            shape: [batch, slots, features],
            explanation:
              "there are as many tokens as before: take only the first T rows of the table.",
          },
        ],
        mistakes: encodingMistakes,
        compute: (x, _weights, has) => encode(x, has),
        then: (checked) => {
          assertKeepsVariables("PositionEncoding", checked.ours, input);
          assertTableRows("PositionEncoding", checked, "It has one row for each of the `slots`.");
        },
      });
    withHints([
      [
        /parameters that it should not have/,
        "The positions are fixed, so they must not be trained: make them by `buffer(() => …)`, not by " +
        "`tf.variable(…)`.",
      ],
      [
        /tf\.add got shapes/,
        "Likely cause: the whole table is added. Take the first T rows, T being the tokens that came in: " +
        "`tf.slice(table, [0, 0], [tokens, width])`.",
      ],
    ], check);
    checkOtherSizes<PositionOptions>({
      ...{ name: "PositionEncoding", learner: PositionEncoding, library: SinusoidalPositions },
      options: { slots, width: features },
      others: { slots: 4, width: 8 },
      shape: [1, 4, 8],
    });
    return "values and gradient are right, for fewer tokens than slots";
  });
}
