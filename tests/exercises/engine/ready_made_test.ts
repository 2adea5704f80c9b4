import type * as tf from "@tensorflow/tfjs";
import {
  checkAttentionHead,
  checkMultiHeadAttention,
} from "../../../lib/exercises/attention/attention_heads.ts";
import { checkRollout } from "../../../lib/exercises/attention/attention_reading.ts";
import { checkFusion } from "../../../lib/exercises/cross_attention/cross_attention.ts";
import { checkBasicBlock } from "../../../lib/exercises/residual/basic_block.ts";
import { checkEncoder, type EncoderOptions } from "../../../lib/exercises/transformer/encoder.ts";
import { checkFeedForward } from "../../../lib/exercises/transformer/feed_forward.ts";
import { checkTransformerBlock } from "../../../lib/exercises/transformer/transformer_block.ts";
import { checkPatches } from "../../../lib/exercises/vision_transformer/patches.ts";
import {
  checkVisionTransformer,
  type ModelOptions,
} from "../../../lib/exercises/vision_transformer/vision_transformer.ts";
import {
  attentionRollout,
  ConcatenatedHeads,
  CrossFusion,
  Mlp,
  Module,
  patchify,
  ResidualBlock,
  TransformerBlock,
  TransformerEncoder,
  VisionTransformer,
} from "../../../lib/mod.ts";
import { AttentionHead } from "../../../lib/nn/attention_head.ts";
import { fails } from "../verdict.ts";

class OwnMlp extends Mlp {}
class OwnHead extends AttentionHead {}
class OwnHeads extends ConcatenatedHeads {}
class OwnFusion extends CrossFusion {}
class OwnModel extends VisionTransformer {
  constructor(options: ModelOptions) {
    super({ ...options, imageSize: [8, 12] });
  }
}
class OwnEncoder extends TransformerEncoder {
  constructor(options: EncoderOptions) {
    super({ ...options, attention: ConcatenatedHeads });
  }
}
/** Holds the library's part in place of extending it. */
class Wrapped extends Module {
  inner: Mlp;
  constructor(options: ConstructorParameters<typeof Mlp>[0]) {
    super();
    this.inner = new Mlp(options);
  }
  forward(x: tf.Tensor): tf.Tensor {
    return this.inner.forward(x);
  }
}

/** Checks that the library's own part would pass but for the rule, with its name. */
const readyMade: Record<string, [check: () => Promise<void>, part: string]> = {
  "the library's MLP": [() => checkFeedForward(Mlp), "FeedForward is the library's Mlp"],
  "a class that extends the library's MLP": [() => checkFeedForward(OwnMlp), "library's Mlp"],
  "a class that holds the library's MLP": [
    () => checkFeedForward(Wrapped),
    "FeedForward: `inner` is the library's Mlp",
  ],
  "the library's block": [
    () => checkTransformerBlock(TransformerBlock),
    "AttentionBlock is the library's TransformerBlock",
  ],
  "the library's encoder": [() => checkEncoder(OwnEncoder), "library's TransformerEncoder"],
  "the library's head": [() => checkAttentionHead(OwnHead), "library's AttentionHead"],
  "the library's heads": [() => checkMultiHeadAttention(OwnHeads), "library's ConcatenatedHeads"],
  "the library's residual block": [
    () => checkBasicBlock(ResidualBlock),
    "library's ResidualBlock",
  ],
  "the library's fusion": [() => checkFusion(OwnFusion), "library's CrossFusion"],
  "the library's patches": [
    () => checkPatches((images, size) => patchify(images, size)),
    "imageToPatches calls the library's `patchify`",
  ],
  "the library's rollout": [
    () => checkRollout((weights) => attentionRollout(weights)),
    "rollout calls the library's `attentionRollout`",
  ],
  "the library's model": [
    () => checkVisionTransformer(OwnModel),
    "the model is the library's VisionTransformer",
  ],
};

for (const [title, [check, part]] of Object.entries(readyMade)) {
  Deno.test(`a task is not solved by ${title}`, async () => {
    await fails(check, part, "may not come from the library");
  });
}
