import * as tf from "@tensorflow/tfjs";
import {
  checkPositionEncoding,
  checkSinusoidalPositions,
  type PositionOptions,
} from "../../../lib/exercises/vision_transformer/positions.ts";
import { sinusoidalPositions } from "../../../lib/nn/functional.ts";
import { buffer } from "../../../lib/nn/initialization.ts";
import { Module } from "../../../lib/nn/module.ts";
import { fails, mistakes, passes } from "../verdict.ts";

/** A table of positions from the angle and the feature's number. */
function tableOf(value: (position: number, feature: number, width: number) => number) {
  return (positions: number, width: number) =>
    tf.tensor2d(
      Array.from({ length: positions }, (_, position) =>
        Array.from({ length: width }, (_, feature) =>
          value(position, feature, width))),
    );
}

const even = (feature: number) => feature - feature % 2;
const angle = (position: number, feature: number, width: number) =>
  position / 10_000 ** (even(feature) / width);

Deno.test("checkSinusoidalPositions: accepts a table made by tensors", async () => {
  await passes(() =>
    checkSinusoidalPositions((positions, width) => {
      const frequencies = tf.exp(tf.mul(tf.range(0, width, 2), -Math.log(10_000) / width));
      const angles = tf.mul(tf.expandDims(tf.range(0, positions), 1), frequencies);
      return tf.reshape(tf.stack([tf.sin(angles), tf.cos(angles)], 2), [positions, width]);
    }, { points: 2 })
  );
});

const wrongTables: Record<string, [(positions: number, width: number) => tf.Tensor, string]> = {
  "sine and cosine exchanged": [
    tableOf((p, f, d) => f % 2 === 0 ? Math.cos(angle(p, f, d)) : Math.sin(angle(p, f, d))),
    "with sine and cosine exchanged",
  ],
  "halves": [
    (positions, width) => {
      const frequencies = tf.exp(tf.mul(tf.range(0, width, 2), -Math.log(10_000) / width));
      const angles = tf.mul(tf.expandDims(tf.range(0, positions), 1), frequencies);
      return tf.concat([tf.sin(angles), tf.cos(angles)], 1);
    },
    "with all sines in the first half",
  ],
  "an exponent of its own": [
    tableOf((p, f, d) => (f % 2 === 0 ? Math.sin : Math.cos)(p / 10_000 ** (f / d))),
    "an exponent of its own",
  ],
  "half the exponent": [
    tableOf((p, f, d) => (f % 2 === 0 ? Math.sin : Math.cos)(p / 10_000 ** (even(f) / 2 / d))),
    "i / D in place of 2i / D",
  ],
  "positions from 1": [
    tableOf((p, f, d) => (f % 2 === 0 ? Math.sin : Math.cos)(angle(p + 1, f, d))),
    "count from 1",
  ],
  "only sines": [tableOf((p, f, d) => Math.sin(angle(p, f, d))), "with sines in all features"],
  "rows and columns exchanged": [
    (positions, width) => tf.transpose(sinusoidalPositions(positions, width)),
    "rows and columns are exchanged",
  ],
};

mistakes(
  "checkSinusoidalPositions: names what is wrong with",
  wrongTables,
  checkSinusoidalPositions,
);

/** A module that adds positions by a function of the tokens and its table. */
function encoding(
  add: (x: tf.Tensor, table: tf.Tensor2D) => tf.Tensor,
  make: (table: () => tf.Tensor) => tf.Tensor = (table) => buffer(table),
) {
  return class PositionEncoding extends Module {
    positions: tf.Tensor;
    constructor({ slots, width }: PositionOptions) {
      super();
      this.positions = make(() => sinusoidalPositions(slots, width));
    }
    forward(x: tf.Tensor) {
      return add(x, this.positions as tf.Tensor2D);
    }
  };
}

const firstRows = (x: tf.Tensor, table: tf.Tensor2D) => tf.slice(table, [0, 0], [x.shape[1]!, -1]);
const adding = (x: tf.Tensor, table: tf.Tensor2D) => tf.add(x, firstRows(x, table));

Deno.test("checkPositionEncoding: accepts a buffer, and no plain tensor, which is not saved", async () => {
  await passes(() => checkPositionEncoding(encoding(adding), { points: 1 }));
  await fails(
    () => checkPositionEncoding(encoding(adding, (table) => table())),
    "of shape [9, 6], which is no part of the module",
  );
});

Deno.test("checkPositionEncoding: names what is wrong", async () => {
  const check = (...parts: Parameters<typeof encoding>) => () =>
    checkPositionEncoding(encoding(...parts));
  await fails(check((x, table) => tf.add(x, table)), "`tf.slice` to shape [5, 6] is missing");
  await fails(
    check((x, table) => {
      const rows = tf.add(tf.zeros([x.shape[0], 1, 1]), firstRows(x, table));
      return tf.concat([x, rows], 2);
    }),
    "put beside the features",
  );
  await fails(
    check((x, table) => {
      const [slots, tokens] = [table.shape[0], x.shape[1]!];
      return tf.add(x, tf.slice(table, [slots - tokens, 0], [tokens, -1]));
    }),
    "with the last T rows",
  );
  await fails(
    check((x, table) => tf.add(x, tf.slice(table, [0, 0], [1, -1]))),
    "when every token gets the first row",
  );
  await fails(check((x) => tf.add(x, 0)), "when nothing is added");
  await fails(check(adding, (table) => tf.variable(table())), "`buffer(() => …)`");
});
