/** The Vision Transformer as a plain computation, with a switch for each typical mistake. */
import * as tf from "../../tensor/tf.ts";
import { patchify } from "../../nn/functional.ts";
import type { Mistakes } from "../engine/mistakes.ts";
import { layerNorm, linear, type Weights } from "../engine/plain_layers.ts";
import { block } from "../transformer/block_mistakes.ts";
import { stack, stackMistakes } from "../transformer/block_stack.ts";

export const visionTransformerMistakes = {
  noPositions: "without adding the positions",
  positionsBeforeClassToken:
    "when the positions are added before the class token is put in front: they belong to all " +
    "N + 1 tokens, the class token's is the first",
  positionsOfPatchesOnly: "when the class token gets no position",
  lastPositions: "with the last N + 1 positions in place of the first N + 1",
  classTokenLast: "with the class token after the patches; it goes in front of them",
  classTokenLastUnread:
    "with the class token after the patches, while the head reads the first token",
  classTokenAdded:
    "when the class token is added to every patch, and the head reads the first; it is a token of its own, in front of " +
    "them",
  noClassToken: "without the class token, with the mean of all patches in its place",
  headOnLastToken: "when the head reads the last token; the class token is the first, at place 0",
  headOnFirstPatch: "when the head reads the first patch (place 1); the class token is at place 0",
  headOnMean: "when the head reads the mean of all tokens; it must read the class token alone",
  headOnPatchMean:
    "when the head reads the mean of the patches; it must read the class token alone",
  headOnSum: "when the head reads the sum of all tokens; it must read the class token alone",
  headOnMax:
    "when the head reads the largest value over all tokens; it must read the class token alone",
  noFinalNorm: "without the LayerNorm before the head",
  normBeforeBlocks: "with the last LayerNorm before the blocks; it comes after them",
  ...stackMistakes,
  softmax: "with a softmax at the end; the model gives logits, the loss takes care of the softmax",
  logSoftmax: "with a log-softmax at the end; the model gives logits, the loss takes care of it",
} as const satisfies Mistakes<string>;

export interface VisionTransformerSizes {
  patchSize: number;
  heads: number;
  depth: number;
}

/** `[B, height, width, C] → [B, classes]`, over the weights of the library's `VisionTransformer`; more
 * than one output where a mistake can be made in more than one way. */
export function visionTransformer(
  images: tf.Tensor4D,
  weights: Weights,
  { patchSize, heads, depth }: VisionTransformerSizes,
  has: ReadonlySet<string>,
): tf.Tensor[] {
  const patches = linear(patchify(images, patchSize), weights, "embedding.patches.projection");
  const tokens = embed(patches, weights, has);
  const final = (x: tf.Tensor) => layerNorm(x, weights, "norm");
  const start = has.has("normBeforeBlocks") ? final(tokens) : tokens;
  const run = (x: tf.Tensor, index: number) =>
    block(x, weights, { prefix: `blocks.${index}.`, heads }, has);
  const finished = stack(start, depth, run, has);
  const bare = has.has("noFinalNorm") || has.has("normBeforeBlocks");
  const pooled = bare
    ? [pool(finished, has)]
    // A mean of normalised tokens is not the normalised mean; of one token it is the same.
    : [final(pool(finished, has)), pool(final(finished), has)];
  return pooled.map((x) => {
    const logits = linear(x, weights, "head");
    if (has.has("softmax")) return tf.softmax(logits);
    return has.has("logSoftmax") ? tf.logSoftmax(logits) : logits;
  });
}

/** `[B, N, D] → [B, N + 1, D]` */
function embed(patches: tf.Tensor, weights: Weights, has: ReadonlySet<string>): tf.Tensor {
  const [batch, count, width] = patches.shape as [number, number, number];
  const positions = weights.get("embedding.positions.positions")!;
  const token = weights.get("embedding.classToken.token")!;
  const classTokens = tf.add(tf.zeros([batch, 1, width]), token);
  const slots = (start: number, size: number) => tf.slice(positions, [start, 0], [size, width]);
  const last = has.has("classTokenLast") || has.has("classTokenLastUnread");
  const join = (tokens: tf.Tensor) =>
    tf.concat(last ? [tokens, classTokens] : [classTokens, tokens], 1);
  if (has.has("classTokenAdded")) return tf.add(tf.add(patches, token), slots(0, count));
  if (has.has("noClassToken")) return tf.add(patches, slots(0, count));
  if (has.has("positionsBeforeClassToken")) return join(tf.add(patches, slots(0, count)));
  if (has.has("positionsOfPatchesOnly")) return join(tf.add(patches, slots(1, count)));
  const tokens = join(patches);
  if (has.has("noPositions")) return tokens;
  const start = has.has("lastPositions") ? positions.shape[0] - count - 1 : 0;
  return tf.add(tokens, slots(start, count + 1));
}

/** `[B, T, D] → [B, D]` */
function pool(tokens: tf.Tensor, has: ReadonlySet<string>): tf.Tensor {
  const [batch, count, width] = tokens.shape as [number, number, number];
  const place = (index: number) =>
    tf.reshape(tf.slice(tokens, [0, index, 0], [batch, 1, width]), [batch, width]);
  if (has.has("headOnMean") || has.has("noClassToken")) return tf.mean(tokens, 1);
  if (has.has("headOnSum")) return tf.sum(tokens, 1);
  if (has.has("headOnMax")) return tf.max(tokens, 1);
  if (has.has("headOnPatchMean")) {
    return tf.mean(tf.slice(tokens, [0, 1, 0], [batch, count - 1, width]), 1);
  }
  if (has.has("headOnFirstPatch")) return place(1);
  return place(has.has("headOnLastToken") || has.has("classTokenLast") ? count - 1 : 0);
}
