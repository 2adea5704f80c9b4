import type * as tf from "../../tensor/tf.ts";
import type { Random } from "../../random.ts";
import { VisionTransformer } from "../../models/vision_transformer.ts";
import { ConcatenatedHeads } from "../../nn/attention_head.ts";
import type { Part } from "../../nn/part.ts";
import { SinusoidalPositions } from "../../nn/position_encoding.ts";
import { joinedHeads } from "../attention/joined_heads.ts";
import { type CheckOptions, checkRunner } from "../engine/check.ts";
import { withHints } from "../engine/hints.ts";
import { checkedRate, checkModule, isWholly } from "../engine/module_check.ts";
import { countedText } from "../engine/parameter_count.ts";
import { checkOtherSizes } from "../engine/other_sizes.ts";
import { sample } from "../engine/samples.ts";
import { block } from "../transformer/block_mistakes.ts";
import { blockOptions } from "../transformer/transformer_block.ts";
import { checkBlocksDrop } from "../transformer/encoder.ts";
import { assertTableRows } from "./table_rows.ts";
import { visionTransformer, visionTransformerMistakes } from "./vision_transformer_mistakes.ts";

const { runCheck } = checkRunner();

/** What a learner's Vision Transformer for square images is made from. */
export interface VitOptions {
  /** Height and width of the images in pixels. */
  imageSize: number;
  /** Channels of the images, C. */
  channels: number;
  /** Height and width of a patch in pixels. */
  patchSize: number;
  /** Features of a token, D. */
  width: number;
  /** Features of the hidden layer of each block's feed-forward part. */
  mlpWidth: number;
  heads: number;
  /** Blocks. */
  depth: number;
  classes: number;
  dropout: number;
  random: Random;
}

export interface VitCheckOptions extends CheckOptions {
  /** The sizes of the model that is going to be trained; its parameters are counted. */
  sizes?: Omit<VitOptions, "random">;
}

/** The library's model of the same parts: sinusoidal positions, attention of concatenated heads. */
class Reference extends VisionTransformer {
  constructor(options: VitOptions) {
    super({ ...options, positionEncoding: SinusoidalPositions, attention: ConcatenatedHeads });
  }
}

const name = "VisionTransformer";
const slotsText =
  "There are (imageSize / patchSize)² patches: so many along the height times so many along the width.";
const [batch, tokens] = [2, 10];
const small = {
  imageSize: 12,
  channels: 3,
  patchSize: 4,
  width: 20,
  heads: 5,
  mlpWidth: 11,
  depth: 3,
  classes: 8,
  dropout: checkedRate,
};

/**
 * Checks a learner's Vision Transformer of embedding, encoder, LayerNorm and Linear against the library's.
 * Throws a `CheckError` that names the first thing wrong and its likely cause.
 */
export function checkVit(
  Model: Part<VitOptions>,
  { sizes, ...options }: VitCheckOptions = {},
): Promise<void> {
  return runCheck("Vision Transformer", options, () => {
    const shape = [batch, small.imageSize, small.imageSize, small.channels];
    const images = sample(shape, { seed: 18, low: -2, high: 2 }) as tf.Tensor4D;
    let found = "";
    const check = () => {
      found = checkModule<VitOptions>({
        name,
        learner: Model,
        library: Reference,
        options: small,
        input: images,
        axes: ["B", "classes"],
        shapeMistakes: [
          {
            shape: [batch, tokens, small.classes],
            explanation:
              "the last Linear layer was applied to all tokens; take the class token, at place 0, first.",
          },
          {
            shape: [batch, 1, small.classes],
            explanation:
              "the axis of tokens is still there; remove it with `tf.squeeze(x, [1])` or `tf.reshape`.",
          },
          { shape: [batch, small.width], explanation: "the last Linear layer is missing." },
          {
            shape: [batch, tokens, small.width],
            explanation: "these are the tokens; the last Linear layer is missing.",
          },
        ],
        readyMade: [VisionTransformer],
        mistakes: visionTransformerMistakes,
        compute: (x, weights, has) =>
          visionTransformer(x as tf.Tensor4D, joinedHeads(weights), small, has),
        then: (checked) => {
          checkBlocksDrop(name, checked, small);
          assertTableRows(name, checked, `Likely cause: the number of slots. ${slotsText}`);
        },
        parts: Array.from({ length: small.depth }, (_, index) => ({
          path: `blocks.${index}`,
          name: "AttentionBlock",
          input: sample([batch, tokens, small.width], { seed: 8 }),
          options: blockOptions(small),
          forward: (x, weights) => {
            const place = { prefix: `blocks.${index}.`, heads: small.heads };
            return block(x, joinedHeads(weights), place, new Set());
          },
        })),
      });
    };
    withHints([[
      /do not fit \d+ position slots|tf\.add got shapes|tf\.slice of a tensor of shape \[\d+, 20\]/,
      `Likely cause: the number of slots. ${slotsText}`,
    ]], check);
    const counted = sizes
      ? `; ${countedText({ name, learner: Model, library: Reference, sizes })}`
      : "";
    if (isWholly(found)) {
      checkOtherSizes<VitOptions>({
        ...{ name, learner: Model, library: Reference, options: small },
        others: {
          ...{ imageSize: 10, channels: 2, patchSize: 5, width: 14, heads: 7, mlpWidth: 9 },
          ...{ depth: 2, classes: 6, dropout: 0.25 },
        },
        shape: [1, 10, 10, 2],
      });
    }
    return found + counted;
  });
}
