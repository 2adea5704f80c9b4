import * as tf from "@tensorflow/tfjs";
import { checkAttention } from "../../../lib/exercises/attention/attention.ts";
import { checkEncoder, type EncoderOptions } from "../../../lib/exercises/transformer/encoder.ts";
import { checkBasicBlock } from "../../../lib/exercises/residual/basic_block.ts";
import type { BasicBlockOptions } from "../../../lib/exercises/residual/basic_block.ts";
import { checkVisionTransformer } from "../../../lib/exercises/vision_transformer/vision_transformer.ts";
import { Dropout, Linear, Module } from "../../../lib/mod.ts";
import type { AttentionOptions } from "../../../lib/mod.ts";
import { BatchNorm2d, ConcatenatedHeads, Conv2d, TransformerBlock } from "../../../lib/mod.ts";
import { VisionTransformer } from "../../../lib/mod.ts";
import type { ModelOptions } from "../../../lib/exercises/vision_transformer/vision_transformer.ts";
import { fails, passes } from "../verdict.ts";

/** An attention by hand, of which tests change the weights and the result. */
class Attention extends Module {
  heads: number;
  qkv: Linear;
  output: Linear;
  drop: Dropout;

  constructor({ width, heads, random }: AttentionOptions) {
    super();
    this.heads = heads;
    this.qkv = new Linear(width, 3 * width, { random });
    this.output = new Linear(width, width, { random });
    this.drop = new Dropout(0.2, { random });
  }

  onWeights(weights: tf.Tensor): tf.Tensor {
    return weights;
  }

  forward(x: tf.Tensor): tf.Tensor {
    const [batch, tokens, width] = x.shape as [number, number, number];
    const size = width / this.heads;
    const [query, key, value] = tf.split(this.qkv.forward(x), 3, -1).map((part) =>
      tf.transpose(tf.reshape(part, [batch, tokens, this.heads, size]), [0, 2, 1, 3])
    );
    const scores = tf.div(tf.matMul(query, key, false, true), Math.sqrt(size));
    const results = tf.matMul(this.onWeights(tf.softmax(scores)), value);
    return this.output.forward(
      tf.reshape(tf.transpose(results, [0, 2, 1, 3]), [batch, tokens, width]),
    );
  }
}

const headline = "drops values in training, though nothing is dropped here";

Deno.test("a dropout in an attention that has none is named", async () => {
  await passes(() => checkAttention(Attention)); // it is there, and is not used
  class Layer extends Attention {
    override onWeights(weights: tf.Tensor) {
      return this.drop.forward(weights);
    }
  }
  await fails(() => checkAttention(Layer), headline, "Leave out `drop`");
  class Plain extends Attention {
    override onWeights(weights: tf.Tensor) {
      return this.training ? tf.dropout(weights, 0.2) : weights;
    }
  }
  await fails(() => checkAttention(Plain), headline, "Leave out `tf.dropout`");
  class Noise extends Attention {
    override onWeights(weights: tf.Tensor) {
      return this.training ? tf.mul(weights, 1.5) : weights;
    }
  }
  await fails(() => checkAttention(Noise), "gives something else in training than in evaluation");
});

Deno.test("a dropout beside batch normalisations is named", async () => {
  class Block extends Module {
    convolution1: Conv2d;
    norm1: BatchNorm2d;
    convolution2: Conv2d;
    norm2: BatchNorm2d;
    shortcut?: Conv2d;
    shortcutNorm?: BatchNorm2d;
    drop: Dropout;
    constructor({ inputs, outputs, stride, random }: BasicBlockOptions) {
      super();
      const plain = { bias: false, random };
      this.convolution1 = new Conv2d(inputs, outputs, { ...plain, padding: 1, stride });
      this.norm1 = new BatchNorm2d(outputs);
      this.convolution2 = new Conv2d(outputs, outputs, { ...plain, padding: 1 });
      this.norm2 = new BatchNorm2d(outputs);
      this.drop = new Dropout(0.1, { random });
      if (inputs === outputs && stride === 1) return;
      this.shortcut = new Conv2d(inputs, outputs, { ...plain, size: 1, stride });
      this.shortcutNorm = new BatchNorm2d(outputs);
    }
    forward(x: tf.Tensor): tf.Tensor {
      const hidden = tf.relu(this.norm1.forward(this.convolution1.forward(x)));
      const residual = this.norm2.forward(this.convolution2.forward(hidden));
      const past = this.shortcut ? this.shortcutNorm!.forward(this.shortcut.forward(x)) : x;
      return tf.relu(tf.add(residual, past));
    }
  }
  await passes(() => checkBasicBlock(Block));
  class Dropping extends Block {
    override forward(x: tf.Tensor) {
      return this.drop.forward(super.forward(x));
    }
  }
  await fails(() => checkBasicBlock(Dropping), headline, "Leave out `drop`");
});

Deno.test("a dropout too many round blocks that have some is named", async () => {
  class Encoder extends Module {
    blocks: TransformerBlock[];
    last: Dropout;
    constructor({ depth, dropout, random, ...options }: EncoderOptions) {
      super();
      this.blocks = Array.from(
        { length: depth },
        () => new TransformerBlock({ ...options, dropout, random, attention: ConcatenatedHeads }),
      );
      this.last = new Dropout(dropout, { random });
    }
    forward(x: tf.Tensor) {
      return this.blocks.reduce((y, block) => block.forward(y), x);
    }
  }
  await passes(() => checkEncoder(Encoder));
  class Dropping extends Encoder {
    override forward(x: tf.Tensor) {
      return this.last.forward(super.forward(x));
    }
  }
  await fails(() => checkEncoder(Dropping), "drops values 7 times in training, but should 6 times");
  class DroppingVit extends VisionTransformer {
    last: Dropout;
    constructor(options: ModelOptions) {
      super({ ...options, imageSize: [8, 12] });
      this.last = new Dropout(options.dropout, { random: options.random });
    }
    override forward(images: tf.Tensor) {
      return this.last.forward(super.forward(images));
    }
  }
  await fails(
    () => checkVisionTransformer(DroppingVit),
    "drops values 8 times",
    "but should 7 times",
  );
});

Deno.test("what is done otherwise in training, dropouts apart, is named", async () => {
  class Vit extends VisionTransformer {
    constructor(options: ModelOptions) {
      super({ ...options, imageSize: [8, 12] });
    }
    override forward(images: tf.Tensor) {
      const logits = super.forward(images);
      return this.training ? tf.softmax(logits) : logits;
    }
  }
  await fails(
    () => checkVisionTransformer(Vit),
    "gives something else in training than in evaluation, also without its dropouts",
    "`this.training`",
  );
});

Deno.test("running statistics that do not follow the training are named", async () => {
  const block = (momentum: number) =>
    class Block extends Module {
      layers: (Conv2d | BatchNorm2d)[];
      shortcut: (Conv2d | BatchNorm2d)[] = [];
      constructor({ inputs, outputs, stride, random }: BasicBlockOptions) {
        super();
        const plain = { bias: false, random };
        this.layers = [
          new Conv2d(inputs, outputs, { ...plain, padding: 1, stride }),
          new BatchNorm2d(outputs),
          new Conv2d(outputs, outputs, { ...plain, padding: 1 }),
          new BatchNorm2d(outputs, { momentum }),
        ];
        if (inputs === outputs && stride === 1) return;
        this.shortcut = [
          new Conv2d(inputs, outputs, { ...plain, size: 1, stride }),
          new BatchNorm2d(outputs),
        ];
      }
      forward(x: tf.Tensor): tf.Tensor {
        const [convolution1, norm1, convolution2, norm2] = this.layers;
        const hidden = tf.relu(norm1.forward(convolution1.forward(x)));
        const past = this.shortcut.reduce((y, layer) => layer.forward(y), x);
        return tf.relu(tf.add(norm2.forward(convolution2.forward(hidden)), past));
      }
    };
  await passes(() => checkBasicBlock(block(0.1)));
  await fails(
    () => checkBasicBlock(block(0)),
    "the running statistics of `layers.3` are wrong after a step of training",
    "`momentum` is 0; the default of 0.1 is meant",
  );
});
