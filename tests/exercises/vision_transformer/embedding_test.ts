import { assert } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  checkEmbedding,
  type EmbeddingOptions,
} from "../../../lib/exercises/vision_transformer/embedding.ts";
import { patchify, sinusoidalPositions } from "../../../lib/nn/functional.ts";
import { buffer } from "../../../lib/nn/initialization.ts";
import { Linear } from "../../../lib/nn/linear.ts";
import { Module } from "../../../lib/nn/module.ts";
import { fails, passes } from "../verdict.ts";

const adding = (x: tf.Tensor, table: tf.Tensor2D) =>
  tf.add(x, tf.slice(table, [0, 0], [x.shape[1]!, -1]));

interface EmbeddingSteps {
  token?: boolean;
  slots?: number;
  join?: (token: tf.Tensor, patches: tf.Tensor, positions: tf.Tensor2D) => tf.Tensor;
}

/** The embedding, with steps that tests replace. */
function embedding({ token = true, slots: more = 1, join }: EmbeddingSteps = {}) {
  return class Embedding extends Module {
    patchSize: number;
    projection: Linear;
    classToken: tf.Variable | undefined;
    positions: tf.Variable;
    constructor({ patchSize, channels, width, slots, random }: EmbeddingOptions) {
      super();
      this.patchSize = patchSize;
      this.projection = new Linear(patchSize * patchSize * channels, width, { random });
      if (token) this.classToken = tf.variable(random.normal([1, 1, width]));
      this.positions = buffer(() => sinusoidalPositions(slots + more, width));
    }
    forward(images: tf.Tensor) {
      const patches = this.projection.forward(patchify(images, this.patchSize));
      const [batch, , width] = patches.shape as [number, number, number];
      const tokens = tf.mul(tf.ones([batch, 1, 1]), this.classToken ?? tf.zeros([1, 1, width]));
      if (join) return join(tokens, patches, this.positions as tf.Variable<tf.Rank.R2>);
      return adding(tf.concat([tokens, patches], 1), this.positions as tf.Variable<tf.Rank.R2>);
    }
  };
}

Deno.test("checkEmbedding: accepts the solution", async () => {
  await passes(() => checkEmbedding(embedding()));
});

Deno.test("checkEmbedding: names what is wrong", async () => {
  const check = (steps: EmbeddingSteps) => () => checkEmbedding(embedding(steps));
  await fails(check({ token: false }), "these are missing: classToken.token", "is learned");
  await fails(
    check({ join: (_token, patches, table) => adding(patches, table) }),
    "token is missing",
  );
  await fails(
    check({ join: (token, patches, table) => tf.concat([token, adding(patches, table)], 1) }),
    "positions are added before the class token",
  );
  await fails(
    check({ join: (token, patches, table) => adding(tf.concat([patches, token], 1), table) }),
    "class token after the patches",
  );
  await fails(
    check({ join: (token, patches) => tf.concat([token, patches], 1) }),
    "without the positions",
  );
});

Deno.test("checkEmbedding: explains tables and class tokens that do not fit", async () => {
  const check = (steps: EmbeddingSteps) => async (cause: string, otherCause: string) => {
    const message = await fails(() => checkEmbedding(embedding(steps)), cause);
    assert(!message.includes(otherCause), message);
  };
  const joined = (token: tf.Tensor, patches: tf.Tensor) => tf.concat([token, patches], 1);
  const [wholeTable, tooFew] = ["the whole table is added", "there are `slots + 1`"];
  const withTable = (slots: number) =>
    check({ slots, join: (token, patches, table) => tf.add(joined(token, patches), table) });
  await withTable(0)(wholeTable, tooFew);
  await withTable(1)("`tf.slice` to shape [7, 10] is missing", tooFew);
  await check({
    join: (token, patches, table) =>
      tf.add(joined(token, patches), tf.slice(table, [0, 0], [patches.shape[1]!, -1])),
  })(tooFew, wholeTable);
  await check({ slots: 0 })(tooFew, wholeTable);
  await check({
    join: (token, patches, table) => adding(joined(tf.slice(token, 0, 1), patches), table),
  })("must be repeated for each image", tooFew);
});
