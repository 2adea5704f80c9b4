/** The Vision Transformer over a grid as a plain computation, with a switch for each typical mistake. */
import * as tf from "../../tensor/tf.ts";
import { patchify } from "../../nn/functional.ts";
import type { Mistakes } from "../engine/mistakes.ts";
import { layerNorm, linear, type Weights } from "../engine/plain_layers.ts";
import { stack, stackMistakes } from "../transformer/block_stack.ts";
import { gridBlock } from "./grid_blocks.ts";

export const gridModelMistakes = {
  noPositions: "without adding the positions",
  positionsTransposed: "with rows and columns of the positions exchanged",
  positionsAfterBlocks: "when the positions are added after the blocks; they come before them",
  positionsTwice: "when the positions are added twice",
  noFinalNorm: "without the LayerNorm before the mean",
  normAfterMean: "when LayerNorm gets the mean of the tokens; it comes first, for each token",
  normBeforeBlocks: "with the last LayerNorm before the blocks; it comes after them",
  sum: "with the sum of all tokens in place of their mean",
  largest: "with the largest value of each feature over the tokens in place of their mean",
  firstToken: "when the head reads the first token alone; it reads the mean of all of them",
  lastToken: "when the head reads the last token alone; it reads the mean of all of them",
  ...stackMistakes,
  blocksAdded: "with one more residual connection round each block; a block has its own two inside",
  softmax: "with a softmax at the end; the model gives logits, the loss takes care of the softmax",
  logSoftmax: "with a log-softmax at the end; the model gives logits, the loss takes care of it",
} as const satisfies Mistakes<string>;

export interface GridModelSizes {
  patchSize: number;
  heads: number;
  depth: number;
}

/** `[B, height, width, C] → [B, classes]`, over the weights of the library's `GridVisionTransformer`. */
export function gridModel(
  images: tf.Tensor,
  weights: Weights,
  { patchSize, heads, depth }: GridModelSizes,
  has: ReadonlySet<string>,
): tf.Tensor {
  const [batch, height, width] = images.shape as [number, number, number];
  const [rows, columns] = [height / patchSize, width / patchSize];
  const patches = tf.reshape(patchify(images, patchSize), [batch, rows, columns, -1]);
  const given = weights.get("positions")!;
  const positions = has.has("positionsTransposed") ? tf.transpose(given, [1, 0, 2]) : given;
  const place = (x: tf.Tensor) => tf.add(x, positions);
  const late = has.has("positionsAfterBlocks");
  const projected = linear(patches, weights, "projection");
  let tokens = has.has("noPositions") || late ? projected : place(projected);
  if (has.has("positionsTwice")) tokens = place(tokens);
  const norm = (x: tf.Tensor) => layerNorm(x, weights, "norm");
  const early = has.has("normBeforeBlocks");
  const block = (x: tf.Tensor, index: number) => {
    const output = gridBlock(x, weights, { prefix: `blocks.${index}.`, heads }, new Set());
    return has.has("blocksAdded") ? tf.add(x, output) : output;
  };
  const finished = stack(early ? norm(tokens) : tokens, depth, block, has);
  const mixed = late ? place(finished) : finished; // [B, rows, columns, D]
  const after = has.has("normAfterMean");
  const pooled = pool(early || after || has.has("noFinalNorm") ? mixed : norm(mixed), has);
  const logits = linear(after ? norm(pooled) : pooled, weights, "head");
  if (has.has("softmax")) return tf.softmax(logits);
  return has.has("logSoftmax") ? tf.logSoftmax(logits) : logits;
}

/** `[B, rows, columns, D] → [B, D]` */
function pool(grid: tf.Tensor, has: ReadonlySet<string>): tf.Tensor {
  const [batch, rows, columns, width] = grid.shape as [number, number, number, number];
  const place = (row: number, column: number) =>
    tf.reshape(tf.slice(grid, [0, row, column, 0], [batch, 1, 1, width]), [batch, width]);
  if (has.has("sum")) return tf.sum(grid, [1, 2]);
  if (has.has("largest")) return tf.max(grid, [1, 2]);
  if (has.has("firstToken")) return place(0, 0);
  if (has.has("lastToken")) return place(rows - 1, columns - 1);
  return tf.mean(grid, [1, 2]);
}
