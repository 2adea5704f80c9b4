import { assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { BasicBlockOptions } from "../../../lib/exercises/residual/basic_block.ts";
import type { BlockOptions } from "../../../lib/exercises/transformer/transformer_block.ts";
import {
  checkBasicBlockVariants,
  checkBlockVariants,
} from "../../../lib/exercises/variants/variants.ts";
import { ResidualBlock } from "../../../lib/nn/residual_block.ts";
import { TransformerBlock } from "../../../lib/nn/transformer_block.ts";
import { LayerNorm } from "../../../lib/nn/normalization.ts";
import {
  ResidualBlockV2,
  ResidualBlockV3,
  TransformerBlockV2,
  TransformerBlockV3,
} from "../../../recipes/folder_blocks.ts";
import { fails, passes } from "../verdict.ts";

type Basic = new (options: BasicBlockOptions) => ResidualBlock;
type Block = new (options: BlockOptions) => TransformerBlock;

const basic = (second: Basic, third: Basic = ResidualBlockV3) => () =>
  checkBasicBlockVariants({ first: ResidualBlock, second, third });
const block = (second: Block, third: Block = TransformerBlockV3) => () =>
  checkBlockVariants({ first: TransformerBlock, second, third });

Deno.test("checkBasicBlockVariants accepts two other orders", async () => {
  const variants = { first: ResidualBlock, second: ResidualBlockV2, third: ResidualBlockV3 };
  const line = await passes(() => checkBasicBlockVariants(variants, { points: 1 }));
  assertStringIncludes(
    line,
    "ResidualBlockV2 and ResidualBlockV3 have ResidualBlock's constructor",
  );
  assertStringIncludes(line, "(1 point)");
});

Deno.test("checkBlockVariants accepts two other orders, and parallel halves", async () => {
  await passes(block(TransformerBlockV2));
  class Parallel extends TransformerBlock {
    override forward(x: tf.Tensor) {
      const attended = this.attention.forward(this.attentionNorm.forward(x));
      return tf.addN([x, attended, this.mlp.forward(this.mlpNorm.forward(x))]);
    }
  }
  await passes(block(Parallel));
});

class Rewritten extends ResidualBlock {
  override forward(x: tf.Tensor) {
    const past = this.shortcut ? this.shortcut.forward(x) : x;
    const inner = this.norm1.forward(this.convolution1.forward(x));
    const residual = this.norm2.forward(this.convolution2.forward(tf.relu(inner)));
    return tf.relu(tf.add(past, residual));
  }
}

const wrongBasic: Record<string, [learner: Basic, ...words: string[]]> = {
  "the same order, written otherwise": [Rewritten, "the same order, written otherwise"],
  "the norms exchanged": [
    class Exchanged extends ResidualBlock {
      override forward(x: tf.Tensor) {
        const hidden = tf.relu(this.norm2.forward(this.convolution1.forward(x)));
        const past = this.shortcut ? this.shortcut.forward(x) : x;
        return tf.relu(tf.add(this.norm1.forward(this.convolution2.forward(hidden)), past));
      }
    },
    "Exchanged does the same as ResidualBlock",
    "the same order, only with layers of one kind exchanged",
  ],
  "the output times two": [
    class extends ResidualBlock {
      override forward(x: tf.Tensor) {
        return tf.mul(super.forward(x), 2);
      }
    },
    "times 2, which is no other order",
  ],
  "one class twice": [ResidualBlockV3, "Block 3 is the same class as block 2"],
  "a norm left out": [
    class Without extends ResidualBlock {
      override forward(x: tf.Tensor) {
        const hidden = tf.relu(this.norm1.forward(this.convolution1.forward(x)));
        const past = this.shortcut ? this.shortcut.forward(x) : x;
        return tf.relu(tf.add(this.convolution2.forward(hidden), past));
      }
    },
    "Without.forward does not use `norm2`",
  ],
  "a norm twice": [
    class Twice extends ResidualBlock {
      override forward(x: tf.Tensor) {
        const hidden = tf.relu(this.norm1.forward(this.convolution1.forward(x)));
        const past = this.shortcut ? this.shortcut.forward(x) : x;
        const residual = this.convolution2.forward(this.norm1.forward(hidden));
        return tf.relu(tf.add(this.norm2.forward(residual), past));
      }
    },
    "uses `norm1` 2 times",
  ],
  "no shortcut": [
    class extends ResidualBlock {
      override forward(x: tf.Tensor) {
        this.shortcut?.forward(x);
        const hidden = this.norm1.forward(tf.relu(this.convolution1.forward(x)));
        return this.norm2.forward(tf.relu(this.convolution2.forward(hidden)));
      }
    },
    "the input does not pass by",
  ],
  "the shortcut alone": [
    class extends ResidualBlock {
      override forward(x: tf.Tensor) {
        this.norm2.forward(
          this.convolution2.forward(this.norm1.forward(this.convolution1.forward(x))),
        );
        return this.shortcut ? this.shortcut.forward(x) : tf.mul(x, 1);
      }
    },
    "`convolution1.weight` has no effect on the output",
  ],
  "no activation": [
    class extends ResidualBlock {
      override forward(x: tf.Tensor) {
        const hidden = this.norm1.forward(this.convolution1.forward(x));
        const past = this.shortcut ? this.shortcut.forward(x) : x;
        return tf.add(this.norm2.forward(this.convolution2.forward(hidden)), past);
      }
    },
    "no activation any more",
    "at least one ReLU",
  ],
  "another constructor": [
    class More extends ResidualBlock {
      norm3 = new LayerNorm(7);
    },
    "More has `norm3.scale`, which ResidualBlock has not",
    "extends ResidualBlock",
  ],
  "normalisation before the first convolution": [
    class Pre extends ResidualBlock {
      override forward(x: tf.Tensor) {
        const hidden = this.convolution1.forward(tf.relu(this.norm1.forward(x)));
        const residual = this.convolution2.forward(tf.relu(this.norm2.forward(hidden)));
        return tf.add(residual, this.shortcut ? this.shortcut.forward(x) : x);
      }
    },
    "that is another constructor",
    "With inputs 3, outputs 7, stride 2",
  ],
};

const withForward = (forward: (block: ResidualBlock, x: tf.Tensor, past: tf.Tensor) => tf.Tensor) =>
  class V2 extends ResidualBlock {
    override forward(x: tf.Tensor) {
      return forward(this, x, this.shortcut ? this.shortcut.forward(x) : x);
    }
  };

/** The convolutions, each followed by an activation before its normalisation. */
const innerOf = (block: ResidualBlock, x: tf.Tensor, bend: (x: tf.Tensor) => tf.Tensor) => {
  const hidden = block.norm1.forward(bend(block.convolution1.forward(x)));
  return block.norm2.forward(bend(block.convolution2.forward(hidden)));
};

const componentsChanged: Record<string, [learner: Basic, ...words: string[]]> = {
  "a third ReLU": [
    withForward((block, x, past) => tf.relu(tf.add(innerOf(block, x, tf.relu), past))),
    "V2.forward does ReLU once more than ResidualBlock.forward",
  ],
  "a product with a number": [
    withForward((block, x, past) => tf.add(tf.mul(innerOf(block, x, tf.relu), 0.5), past)),
    "V2.forward does `tf.mul` once more than ResidualBlock.forward",
  ],
  "a difference in place of the sum": [
    withForward((block, x, past) => tf.sub(innerOf(block, x, tf.relu), past)),
    "V2.forward does `tf.sub`", // which a normalisation made of smaller operations does, too
    "it stands where a sum belongs",
  ],
  "a second sum": [
    withForward((block, x, past) => tf.add(tf.add(innerOf(block, x, tf.relu), past), past)),
    "V2.forward does a sum once more than ResidualBlock.forward",
  ],
  "a sum of three": [
    withForward((block, x, past) => tf.addN([innerOf(block, x, tf.relu), past, past])),
    "V2.forward does a sum once more than ResidualBlock.forward",
  ],
  "a ReLU left out": [
    withForward((block, x, past) => {
      const hidden = tf.relu(block.norm1.forward(block.convolution1.forward(x)));
      return tf.add(block.norm2.forward(block.convolution2.forward(hidden)), past);
    }),
    "V2.forward does ReLU once less than ResidualBlock.forward",
    "an operation is left out",
  ],
  "another activation": [
    withForward((block, x, past) => tf.add(innerOf(block, x, tf.elu), past)),
    "V2.forward does `tf.elu`, which ResidualBlock.forward does not",
  ],
};

for (const [title, [learner, ...words]] of Object.entries(componentsChanged)) {
  Deno.test(`checkBasicBlockVariants names ${title}`, async () => {
    const message = await fails(basic(learner), ...words);
    assertStringIncludes(message, "none more, and none in another's place");
  });
}

Deno.test("checkBasicBlockVariants accepts orders written in other styles", async () => {
  const styles = [
    withForward((block, x, past) => tf.addN([past, innerOf(block, x, (y) => tf.maximum(y, 0))])),
    withForward((block, x, past) => innerOf(block, x, (y) => y.relu()).add(past)),
    withForward((block, x, past) => {
      const hidden = tf.relu(block.norm1.forward(block.convolution1.forward(x)));
      const residual = tf.relu(block.norm2.forward(block.convolution2.forward(hidden)));
      return tf.add(residual, past);
    }),
  ];
  for (const each of styles) await passes(basic(each));
});

Deno.test("checkBlockVariants names other numbers of heads and rates, and more dropout", async () => {
  class OneHead extends TransformerBlockV2 {
    constructor(options: BlockOptions) {
      super({ ...options, heads: 1 });
    }
  }
  await fails(block(OneHead), "OneHead: `attention.heads` is 1, but TransformerBlock's is 3");
  class NoDropout extends TransformerBlockV2 {
    constructor(options: BlockOptions) {
      super({ ...options, dropout: 0 });
    }
  }
  await fails(block(NoDropout), "rate` is 0, but TransformerBlock's is 0.3");
  class Drops extends TransformerBlockV2 {
    override forward(x: tf.Tensor) {
      return super.forward(this.training ? tf.dropout(x, 0.1) : x);
    }
  }
  await fails(block(Drops), "Drops.forward does", "TransformerBlock.forward does not");
  class Scaled extends TransformerBlock {
    override forward(x: tf.Tensor) {
      const y = tf.add(x, this.attentionNorm.forward(this.attention.forward(x)));
      return tf.add(y, tf.mul(0.5, this.mlpNorm.forward(this.mlp.forward(y))));
    }
  }
  await fails(
    block(Scaled),
    "Scaled.forward does `tf.mul` once more than TransformerBlock.forward",
  );
});

Deno.test("checkBlockVariants accepts all orders of the two halves", async () => {
  class MlpFirst extends TransformerBlock {
    override forward(x: tf.Tensor) {
      const y = tf.add(x, this.mlp.forward(this.mlpNorm.forward(x)));
      return y.add(this.attention.forward(this.attentionNorm.forward(y)));
    }
  }
  class ParallelPost extends TransformerBlock {
    override forward(x: tf.Tensor) {
      const [a, b] = [this.attention.forward(x), this.mlp.forward(x)];
      return this.mlpNorm.forward(x.add(this.attentionNorm.forward(a)).add(b));
    }
  }
  await passes(block(MlpFirst, ParallelPost));
});

for (const [title, [learner, ...words]] of Object.entries(wrongBasic)) {
  Deno.test(`checkBasicBlockVariants names what is wrong with ${title}`, async () => {
    await fails(basic(learner), ...words);
  });
}

Deno.test("checkBlockVariants names a missing residual, exchanged norms, and a result that is not used", async () => {
  class NoResidual extends TransformerBlock {
    override forward(x: tf.Tensor) {
      const first = this.attentionNorm.forward(this.attention.forward(x));
      return tf.add(first, this.mlpNorm.forward(this.mlp.forward(first)));
    }
  }
  await fails(block(NoResidual), "NoResidual.forward: the input does not pass by the layers");
  class Exchanged extends TransformerBlock {
    override forward(x: tf.Tensor) {
      const first = tf.add(x, this.attention.forward(this.mlpNorm.forward(x)));
      return tf.add(first, this.mlp.forward(this.attentionNorm.forward(first)));
    }
  }
  await fails(block(Exchanged), "only with layers of one kind exchanged");
  class Unused extends TransformerBlock {
    override forward(x: tf.Tensor) {
      this.mlpNorm.forward(this.mlp.forward(x));
      return tf.add(x, this.attentionNorm.forward(this.attention.forward(x)));
    }
  }
  await fails(block(Unused), "Unused.forward: `mlpNorm.scale` has no effect on the output");
  class Stub extends TransformerBlock {
    override forward(_x: tf.Tensor): tf.Tensor {
      throw new Error("Not solved yet: write your code here");
    }
  }
  await fails(block(Stub), "is not written yet");
});
