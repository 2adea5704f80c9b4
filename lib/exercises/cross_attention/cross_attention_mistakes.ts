/** CrossViT's parts as plain computations, with a switch for each typical mistake. */
import * as tf from "../../tensor/tf.ts";
import type { CrossViT } from "../../models/cross_vit.ts";
import type { CrossFusion } from "../../nn/cross_attention.ts";
import {
  headMistakes,
  joinHeads,
  scaledAttention,
  scaledAttentionMistakes,
  splitHeads,
} from "../attention/scaled_attention_mistakes.ts";
import type { Mistakes } from "../engine/mistakes.ts";
import { linear, type Weights } from "../engine/plain_layers.ts";

export const crossAttentionMistakes = {
  residual: "with the class token added to the result; that sum belongs in the fusion",
  ...scaledAttentionMistakes,
  featuresInTurns: headMistakes.featuresInTurns,
  featuresSplitInTurns: headMistakes.featuresSplitInTurns,
  softmaxOverQueries:
    "with the softmax over the queries: there is one only, so that every weight is 1. It goes over the " +
    "keys, the last axis",
  patchesOnly:
    "with keys and values of the patches only; the class token, at place 0, is among the tokens that " +
    "it looks at",
  classTokenOnly:
    "with the key and the value of the class token alone, so that it looks at nothing but itself; they are of " +
    "all tokens",
  queryFromLast: "when the last token asks; the class token is the first, at place 0",
  queryFromFirstPatch: "when the first patch asks (place 1); the class token is at place 0",
  queryFromMean: "when the mean of all tokens asks; it must be the class token alone",
  allTokensAsk:
    "when every token asks, and the mean of what they gather is taken; the class token alone asks",
  partsInterleaved:
    "with keys and values taken out of each head's slice ([H, 2, K]), where the weights hold all keys " +
    "first ([2, H, K])",
  headsMixed:
    "with heads and tokens mixed: [B, T, D] was reshaped to [B, H, T, K] at once. Reshape to " +
    "[B, T, H, K] first, then transpose",
  oneHead: "with one head of the whole width, whatever the number of heads",
  noOutputProjection: "without the output projection",
} as const satisfies Mistakes<string>;

/** The first token's attention to all, `[B, T, D] → [B, 1, D]`. */
export function crossAttention(
  x: tf.Tensor,
  weights: Weights,
  { prefix, heads: headCount }: { prefix: string; heads: number },
  has: ReadonlySet<string>,
): tf.Tensor {
  const [batch, tokens, width] = x.shape as [number, number, number];
  const heads = has.has("oneHead") ? 1 : headCount;
  const headWidth = width / heads;
  const split = (parts: tf.Tensor) => splitHeads(parts, heads, has);
  const place = has.has("queryFromLast") ? tokens - 1 : has.has("queryFromFirstPatch") ? 1 : 0;
  const asking = has.has("queryFromMean")
    ? tf.mean(x, 1, true)
    : has.has("allTokensAsk")
    ? x
    : tf.slice(x, [0, place, 0], [batch, 1, width]);
  const query = split(linear(asking, weights, `${prefix}query`));
  const seen = has.has("patchesOnly")
    ? tf.slice(x, [0, 1, 0], [batch, tokens - 1, width])
    : has.has("classTokenOnly")
    ? tf.slice(x, [0, 0, 0], [batch, 1, width])
    : x;
  const joined = linear(seen, weights, `${prefix}keyValue`);
  const keysAndValues = has.has("partsInterleaved")
    ? tf.split(
      tf.transpose(
        tf.reshape(joined, [batch, seen.shape[1]!, heads, 2 * headWidth]),
        [0, 2, 1, 3],
      ),
      2,
      -1,
    )
    : tf.split(joined, 2, -1).map(split);
  const results = scaledAttention([query, ...keysAndValues], width, has); // [B, H, 1, K]
  const joinedHeads = joinHeads(results, has);
  const merged = has.has("allTokensAsk") ? tf.mean(joinedHeads, 1, true) : joinedHeads;
  const output = has.has("noOutputProjection")
    ? merged
    : linear(merged, weights, `${prefix}output`);
  return has.has("residual") ? tf.add(output, tf.slice(x, [0, 0, 0], [batch, 1, width])) : output;
}

export const fusionMistakes = {
  unchanged: "when the branch's tokens come back as they were",
  noResidual: "without adding the class token to what the attention gathers",
  residualAfterBack:
    "when the class token is added after the way back; it is added before, at the other branch's width",
  residualTwice: "when the class token is added before the way back, and once more after it",
  noNorm: "without LayerNorm before the attention",
  normOnResidual:
    "when the class token is added as the LayerNorm left it; the one before the LayerNorm must be added",
  normOnPatchesOnly: "when LayerNorm gets the patches only; it gets the class token too",
  normOnClassTokenOnly: "when LayerNorm gets the class token only; it gets the patches too",
  otherClassTokenKept:
    "when the other branch's class token stays among the tokens; the own one takes its place",
  ownPatches:
    "with the branch's own patches, mapped to the other's width, among the tokens; there stand the other's",
  otherClassTokenAsks:
    "when the other branch's class token asks; the own one, mapped to the other's width, takes its place",
  otherClassToken:
    "with the other branch's class token in place of the own one, mapped to the other's width",
  classTokenLast: "with the class token behind the patches in the result; it is the first token",
  patchesNotSkipped:
    "when the old class token stays in the result too, behind the new one; only the patches follow",
  allTokensGather: "when what the class token gathered is added to every token of the branch",
} as const satisfies Mistakes<string>;

/** A fusion's computation, over the parts of the library's. */
export function fuse(
  own: tf.Tensor,
  other: tf.Tensor,
  { there, norm, attention, back }: CrossFusion,
  has: ReadonlySet<string>,
): tf.Tensor {
  const first = (tokens: tf.Tensor) => tf.slice(tokens, [0, 0, 0], [-1, 1, -1]);
  const rest = (tokens: tf.Tensor) => tf.slice(tokens, [0, 1, 0], [-1, -1, -1]);
  if (has.has("unchanged")) return own;
  const classToken = has.has("otherClassToken") ? first(other) : there.forward(first(own));
  const seen = has.has("otherClassTokenKept")
    ? other
    : has.has("ownPatches")
    ? there.forward(rest(own))
    : rest(other);
  const tokens = has.has("otherClassTokenAsks") ? other : tf.concat([classToken, seen], 1);
  const normal = has.has("noNorm")
    ? tokens
    : has.has("normOnPatchesOnly")
    ? tf.concat([first(tokens), norm.forward(rest(tokens))], 1)
    : has.has("normOnClassTokenOnly")
    ? tf.concat([norm.forward(first(tokens)), rest(tokens)], 1)
    : norm.forward(tokens);
  const gathered = attention.forward(normal);
  const late = has.has("residualAfterBack");
  const sum = has.has("noResidual") || late
    ? gathered
    : tf.add(has.has("normOnResidual") ? norm.forward(classToken) : classToken, gathered);
  const returned = back.forward(sum);
  if (has.has("allTokensGather")) return tf.add(own, returned);
  const result = late || has.has("residualTwice") ? tf.add(first(own), returned) : returned;
  if (has.has("patchesNotSkipped")) return tf.concat([result, own], 1);
  return tf.concat(has.has("classTokenLast") ? [rest(own), result] : [result, rest(own)], 1);
}

export const roundsMistakes = {
  mean:
    "when the two branches' logits are averaged, as in the published model; here they are added",
  smallOnly: "with the logits of the branch with small patches only",
  largeOnly: "with the logits of the branch with large patches only",
  probabilities: "when a softmax makes probabilities of each branch's logits before they are added",
  largeNotEncoded:
    "when the branch with small patches looks at the other's tokens from before that round's encoder",
  smallNotEncoded:
    "when the branch with large patches looks at the other's tokens from before that round's encoder",
  otherNotEncoded: "when each branch looks at the other's tokens from before that round's encoder",
  oneRound: "with the first round only",
  firstRoundRepeated: "with the first round's encoders and fusions in every round",
  firstEncoderRepeated: "with the first round's encoders in every round; each round has its own",
  firstFusionRepeated: "with the first round's fusions in every round; each round has its own",
  notCarriedOn:
    "with the last round only, as when the loop begins at 1 or each round begins with the embedded images",
  fusionFirst: "with the fusions before the encoders in every round",
  allEncodersFirst: "when all encoders come first, and all fusions after them",
  fusedOnce: "with one fusion after the last round; each round ends with a fusion of its own",
  noFusions: "without the fusions",
  noEncoders: "without the encoders",
  smallNotFused: "without the fusions of the branch with small patches",
  largeNotFused: "without the fusions of the branch with large patches",
  fusionsNotLast: "without the fusions of the last round",
} as const satisfies Mistakes<string>;

/** CrossViT's forward computation, over the parts of the library's model. */
export function rounds(
  images: tf.Tensor,
  { small, large }: CrossViT,
  has: ReadonlySet<string>,
): tf.Tensor {
  const count = small.encoders.length;
  const start: Pair = [small.embed(images), large.embed(images)];
  const encode = (round: number, [a, b]: Pair): Pair => {
    if (has.has("noEncoders")) return [a, b];
    const which = has.has("firstEncoderRepeated") ? 0 : round;
    return [small.encoders[which].forward(a), large.encoders[which].forward(b)];
  };
  const fuse = (round: number, [a, b]: Pair, [beforeA, beforeB]: Pair): Pair => {
    if (has.has("noFusions") || has.has("fusionsNotLast") && round === count - 1) return [a, b];
    if (has.has("fusedOnce") && round < count - 1) return [a, b];
    const unencoded = has.has("otherNotEncoded");
    const which = has.has("firstFusionRepeated") ? 0 : round;
    const fuseSmall = (other: tf.Tensor) =>
      has.has("smallNotFused") ? a : small.fusions[which].forward(a, other);
    const fuseLarge = (other: tf.Tensor) =>
      has.has("largeNotFused") ? b : large.fusions[which].forward(b, other);
    return [
      fuseSmall(unencoded || has.has("largeNotEncoded") ? beforeB : b),
      fuseLarge(unencoded || has.has("smallNotEncoded") ? beforeA : a),
    ];
  };
  const order = Array.from(
    { length: has.has("oneRound") ? 1 : count },
    (_, round) => has.has("firstRoundRepeated") ? 0 : round,
  );
  let tokens = start;
  if (has.has("allEncodersFirst")) {
    for (const round of order) tokens = encode(round, tokens);
    for (const round of order) tokens = fuse(round, tokens, tokens);
  } else {
    for (const round of order) {
      const before = has.has("notCarriedOn") ? start : tokens;
      tokens = has.has("fusionFirst")
        ? encode(round, fuse(round, before, before))
        : fuse(round, encode(round, before), before);
    }
  }
  const logits = [small.forward(tokens[0]), large.forward(tokens[1])];
  if (has.has("smallOnly")) return logits[0];
  if (has.has("largeOnly")) return logits[1];
  const [a, b] = has.has("probabilities") ? logits.map((each) => tf.softmax(each)) : logits;
  return has.has("mean") ? tf.mul(tf.add(a, b), 0.5) : tf.add(a, b);
}

type Pair = [small: tf.Tensor, large: tf.Tensor];
