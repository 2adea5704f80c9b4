/** Unit 4's blocks with their operations in another order: constructors and weights are those of the first. */
import * as tf from "@tensorflow/tfjs";
import { ResidualBlock, TransformerBlock } from "../lib/mod.ts";

/**
 * ReLU before each batch normalisation in place of after it, and nothing after the sum, so that the
 * shortcuts pass from block to block with no ReLU on their way.
 */
export class ResidualBlockV2 extends ResidualBlock {
  override forward(x: tf.Tensor): tf.Tensor {
    const hidden = this.norm1.forward(tf.relu(this.convolution1.forward(x)));
    const residual = this.norm2.forward(tf.relu(this.convolution2.forward(hidden)));
    return tf.add(residual, this.shortcut ? this.shortcut.forward(x) : x);
  }
}

/**
 * The second batch normalisation after the sum ("Identity Mappings in Deep Residual Networks",
 * arXiv 1603.05027, figure 4 b).
 */
export class ResidualBlockV3 extends ResidualBlock {
  override forward(x: tf.Tensor): tf.Tensor {
    const hidden = tf.relu(this.norm1.forward(this.convolution1.forward(x)));
    const residual = this.convolution2.forward(hidden);
    const past = this.shortcut ? this.shortcut.forward(x) : x;
    return tf.relu(this.norm2.forward(tf.add(residual, past)));
  }
}

/** LayerNorm after each sum, as in the first transformer (arXiv 1706.03762). */
export class TransformerBlockV2 extends TransformerBlock {
  override forward(x: tf.Tensor): tf.Tensor {
    const first = this.attentionNorm.forward(tf.add(x, this.attention.forward(x)));
    return this.mlpNorm.forward(tf.add(first, this.mlp.forward(first)));
  }
}

/** LayerNorm after attention and MLP, before each sum (Swin Transformer V2, arXiv 2111.09883). */
export class TransformerBlockV3 extends TransformerBlock {
  override forward(x: tf.Tensor): tf.Tensor {
    const first = tf.add(x, this.attentionNorm.forward(this.attention.forward(x)));
    return tf.add(first, this.mlpNorm.forward(this.mlp.forward(first)));
  }
}
