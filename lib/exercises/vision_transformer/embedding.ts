import * as tf from "../../tensor/tf.ts";
import type { Random } from "../../random.ts";
import { patchify, sinusoidalPositions } from "../../nn/functional.ts";
import type { Part } from "../../nn/part.ts";
import { SinusoidalPositions } from "../../nn/position_encoding.ts";
import { TokenEmbedding } from "../../nn/token_embedding.ts";
import { type CheckOptions, checkRunner } from "../engine/check.ts";
import { withHints } from "../engine/hints.ts";
import { assertKeepsVariables } from "../engine/kept_tensors.ts";
import { checkModule } from "../engine/module_check.ts";
import { checkOtherSizes } from "../engine/other_sizes.ts";
import { linear, type Weights } from "../engine/plain_layers.ts";
import { sample } from "../engine/samples.ts";
import { assertTableRows } from "./table_rows.ts";

const { runCheck } = checkRunner();

/** What a learner's embedding is made from. */
export interface EmbeddingOptions {
  /** Height and width of a patch in pixels, p. */
  patchSize: number;
  /** Channels of the images, C. */
  channels: number;
  /** Features of a token, D. */
  width: number;
  /** How many patches there can be at most; the class token comes in addition. */
  slots: number;
  random: Random;
}

class Reference extends TokenEmbedding {
  constructor(options: EmbeddingOptions) {
    super({ ...options, positionEncoding: SinusoidalPositions });
  }
}

// Two rows of three patches.
const sizes = { patchSize: 3, channels: 4, width: 10, slots: 8 };
const [batch, height, width, count] = [2, 6, 9, 6];

const mistakes = {
  noPositions: "without the positions",
  positionsFirst:
    "when the positions are added before the class token is put in front: they belong to all N + 1 tokens, " +
    "the class token's is the first",
  positionsOfPatchesOnly: "when the class token gets no position",
  classTokenAddedToo:
    "when the class token is put in front of the patches and added to all tokens; it only goes in front",
  classTokenLast: "with the class token after the patches; it goes in front of them",
  wholeImage: "with the patches in another order than the reading order",
} as const;

function embed(images: tf.Tensor, weights: Weights, has: ReadonlySet<string>): tf.Tensor {
  const source = has.has("wholeImage") ? tf.transpose(images, [0, 2, 1, 3]) : images;
  const patches = linear(patchify(source, sizes.patchSize), weights, "patches.projection");
  const token = tf.add(tf.zeros([batch, 1, sizes.width]), weights.get("classToken.token")!);
  const rows = (start: number, length: number) =>
    tf.slice(sinusoidalPositions(sizes.slots + 1, sizes.width), [start, 0], [length, sizes.width]);
  const join = (x: tf.Tensor) => tf.concat(has.has("classTokenLast") ? [x, token] : [token, x], 1);
  if (has.has("classTokenAddedToo")) {
    return tf.add(tf.add(join(patches), weights.get("classToken.token")!), rows(0, count + 1));
  }
  if (has.has("positionsFirst")) return join(tf.add(patches, rows(0, count)));
  if (has.has("positionsOfPatchesOnly")) return join(tf.add(patches, rows(1, count)));
  return has.has("noPositions") ? join(patches) : tf.add(join(patches), rows(0, count + 1));
}

/**
 * Checks a learner's embedding: patches, linear map, class token, sinusoidal positions,
 * `[B, height, width, C] → [B, N + 1, D]`. Throws a `CheckError` that names the first thing wrong and
 * its likely cause.
 */
export function checkEmbedding(
  Embedding: Part<EmbeddingOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Embedding", options, () => {
    const input = sample([batch, height, width, sizes.channels], {
      ...{ seed: 14, low: -2, high: 2 },
    });
    const check = (slots: number) =>
      checkModule<EmbeddingOptions>({
        name: "Embedding",
        learner: Embedding,
        library: Reference,
        readyMade: [TokenEmbedding],
        options: { ...sizes, slots },
        input,
        axes: ["B", "T", "D"],
        shapeMistakes: [
          {
            shape: [batch, count, sizes.width],
            explanation:
              "the class token is missing. It is a token of its own, joined with the patches along axis 1; what is " +
              "added to them makes none.",
          },
          {
            shape: [batch + 1, count, sizes.width],
            explanation: "the class token was added as an image; join along axis 1.",
          },
        ],
        mistakes,
        compute: (x, weights, has) => embed(x, weights, has),
        then: (checked) => {
          assertKeepsVariables("Embedding", checked.ours, input);
          assertTableRows(
            "Embedding",
            checked,
            "Likely cause: the class token needs a position too, so there are `slots + 1` of them.",
          );
        },
      });
    // Six patches and the class token are 7 tokens; the table has 9 rows, of 10 features.
    withHints([
      [
        /these are missing: classToken/,
        "The class token is learned: `this.classToken = tf.variable(random.normal([1, 1, width]))`.",
      ],
      [
        /tf\.add got shapes .*\[(1, )?[89], 10\]/,
        "Likely cause: the whole table is added. There are fewer tokens than positions: take one row for each " +
        "token, `tf.slice(table, [0, 0], [tokens, width])`.",
      ],
      [
        /do not fit \d+ position slots|tf\.add got shapes .*\[(1, )?[1-6], 10\]|tf\.slice of a tensor of shape \[\d+, 10\]/,
        "Likely cause: the class token needs a position too, so there are `slots + 1` of them.",
      ],
    ], () => {
      // With more slots than patches, and with as many, where every row is needed.
      for (const slots of [sizes.slots, count]) check(slots);
    });
    checkOtherSizes<EmbeddingOptions>({
      ...{ name: "Embedding", learner: Embedding, library: Reference, options: sizes },
      others: { patchSize: 2, channels: 3, width: 8, slots: 13 },
      shape: [1, 4, 8, 3],
    });
    return "values and gradients are right";
  });
}
