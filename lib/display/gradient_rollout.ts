import * as tf from "../tensor/tf.ts";

/**
 * How much each output token's part in a class's logit came from each input token: as attention
 * rollout, but a weight counts by the logit's gradient. Weights and gradients `[B, H, N, N]` of each
 * block, first to last, `→ [B, N, N]`, not normalised.
 *
 * The self-attention rule of "Generic Attention-model Explainability", arXiv 2103.15679.
 * Throws a `RangeError` where shapes differ.
 */
export function gradientRollout(
  weights: readonly tf.Tensor[],
  gradients: readonly tf.Tensor[],
): tf.Tensor3D {
  checkBlocks([...weights, ...gradients]);
  if (weights.length !== gradients.length) {
    throw new RangeError(
      `gradientRollout: ${weights.length} blocks of weights but ${gradients.length} of gradients`,
    );
  }
  return tf.tidy(() => {
    const [batch, , tokens] = weights[0].shape as number[];
    const identity = tf.tile(tf.expandDims(tf.eye(tokens), 0), [batch, 1, 1]); // [B, N, N]
    return weights.reduce<tf.Tensor>((relevance, block, index) => {
      const helpful = tf.mean(tf.relu(tf.mul(block, gradients[index])), 1); // [B, N, N]
      return tf.add(relevance, tf.matMul(helpful, relevance));
    }, identity) as tf.Tensor3D;
  });
}

function checkBlocks(blocks: readonly tf.Tensor[]): void {
  if (!blocks.length) throw new RangeError("gradientRollout: there are no blocks");
  const first = `${blocks[0].shape}`;
  for (const { shape } of blocks) {
    if (shape.length !== 4 || shape[2] !== shape[3]) {
      throw new RangeError(
        `gradientRollout: each block's weights are [B, H, N, N], not [${shape}]`,
      );
    }
    if (`${shape}` !== first) {
      throw new RangeError(`gradientRollout: blocks of shapes [${first}] and [${shape}]`);
    }
  }
}
