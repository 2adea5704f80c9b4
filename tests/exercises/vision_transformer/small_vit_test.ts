import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { checkEncoder, type EncoderOptions } from "../../../lib/exercises/transformer/encoder.ts";
import { checkVit, type VitOptions } from "../../../lib/exercises/vision_transformer/small_vit.ts";
import {
  type BlockOptions,
  checkTransformerBlock,
} from "../../../lib/exercises/transformer/transformer_block.ts";
import { transferWeights } from "../../../lib/exercises/engine/weights.ts";
import { PlainCnn } from "../../../lib/models/plain_cnn.ts";
import { VisionTransformer } from "../../../lib/models/vision_transformer.ts";
import type { AttentionOptions } from "../../../lib/nn/attention.ts";
import { ConcatenatedHeads } from "../../../lib/nn/attention_head.ts";
import { sinusoidalPositions } from "../../../lib/nn/functional.ts";
import { buffer } from "../../../lib/nn/initialization.ts";
import { Linear } from "../../../lib/nn/linear.ts";
import { Mlp } from "../../../lib/nn/mlp.ts";
import { Module } from "../../../lib/nn/module.ts";
import { LayerNorm } from "../../../lib/nn/normalization.ts";
import type { Part } from "../../../lib/nn/part.ts";
import { PatchEmbedding } from "../../../lib/nn/patch_embedding.ts";
import { SinusoidalPositions } from "../../../lib/nn/position_encoding.ts";
import { Random } from "../../../lib/random.ts";
import { fails, passes } from "../verdict.ts";

/** A block with attention of concatenated heads. */
function block(
  forward?: (block: Module & Parts, x: tf.Tensor) => tf.Tensor,
  Attention: Part<AttentionOptions> = ConcatenatedHeads,
) {
  return class AttentionBlock extends Module implements Parts {
    attentionNorm: LayerNorm;
    attention: Module;
    mlpNorm: LayerNorm;
    mlp: Mlp;
    constructor({ width, mlpWidth, heads, dropout, random }: BlockOptions) {
      super();
      this.attentionNorm = new LayerNorm(width);
      this.attention = new (Attention as typeof ConcatenatedHeads)({ width, heads, random });
      this.mlpNorm = new LayerNorm(width);
      this.mlp = new Mlp({ width, hiddenWidth: mlpWidth, dropout, random });
    }
    forward(x: tf.Tensor) {
      if (forward) return forward(this, x);
      x = tf.add(x, this.attention.forward(this.attentionNorm.forward(x)));
      return tf.add(x, this.mlp.forward(this.mlpNorm.forward(x)));
    }
  };
}

interface Parts {
  attentionNorm: Module;
  attention: Module;
  mlpNorm: Module;
  mlp: Module;
}

const attention = ConcatenatedHeads;
const postNorm = block((parts, x) => {
  x = parts.attentionNorm.forward(tf.add(x, parts.attention.forward(x)));
  return parts.mlpNorm.forward(tf.add(x, parts.mlp.forward(x)));
});

Deno.test("checkTransformerBlock: takes attention of concatenated heads, and explains mistakes in it", async () => {
  await passes(() => checkTransformerBlock(block(), { attention, points: 1 }));
  await fails(() => checkTransformerBlock(postNorm, { attention }), "(post-LN)");
  const Reversed = class extends ConcatenatedHeads {
    override forward(x: tf.Tensor) {
      return this.output.forward(
        tf.concat(this.heads.map((head) => head.forward(x)).reverse(), -1),
      );
    }
  };
  const line = await passes(() => checkTransformerBlock(block(undefined, Reversed), { attention }));
  assertStringIncludes(line, "in place of your MultiHeadAttention, which is wrong");
});

function encoder(
  run: (blocks: Module[], x: tf.Tensor) => tf.Tensor = (blocks, x) =>
    blocks.reduce((tokens, each) => each.forward(tokens), x),
  Block: Part<BlockOptions> = block(),
  change: Partial<EncoderOptions> = {},
) {
  return class Encoder extends Module {
    blocks: Module[];
    constructor({ depth, ...options }: EncoderOptions) {
      super();
      this.blocks = Array.from(
        { length: depth },
        () => new (Block as ReturnType<typeof block>)({ ...options, ...change }),
      );
    }
    forward(x: tf.Tensor) {
      return run(this.blocks, x);
    }
  };
}

Deno.test("checkEncoder: accepts the solution, and counts a wrong block once", async () => {
  await passes(() => checkEncoder(encoder(), { points: 1 }));
  const line = await passes(() => checkEncoder(encoder(undefined, postNorm)));
  assertStringIncludes(line, "in place of your AttentionBlock, which is wrong");
});

Deno.test("checkEncoder: accepts blocks with one dropout in both places, or with one of their own", async () => {
  class OneDropout extends block() {
    constructor(options: BlockOptions) {
      super(options);
      this.mlp.outputDropout.dispose();
      Object.assign(this.mlp, { outputDropout: this.mlp.hiddenDropout });
    }
  }
  await passes(() => checkEncoder(encoder(undefined, OneDropout)));
  class OwnDropout extends Module {
    readonly rate: number;
    constructor(options: BlockOptions, readonly random = options.random) {
      super();
      this.rate = options.dropout;
    }
    override forward(x: tf.Tensor) {
      if (!this.training) return x;
      return tf.mul(x, tf.greaterEqual(this.random.uniform(x.shape), this.rate));
    }
  }
  class WithOwn extends block() {
    constructor(options: BlockOptions) {
      super(options);
      this.mlp.hiddenDropout.dispose();
      this.mlp.outputDropout.dispose();
      const own = new OwnDropout(options);
      Object.assign(this.mlp, { hiddenDropout: own, outputDropout: own });
    }
  }
  await passes(() => checkEncoder(encoder(undefined, WithOwn)));
});

Deno.test("checkEncoder: names what is wrong", async () => {
  const check = (...parts: Parameters<typeof encoder>) => () => checkEncoder(encoder(...parts));
  await fails(check((blocks, x) => blocks[0].forward(x)), "with the first block only");
  await fails(
    check((blocks, x) => blocks.slice(0, -1).reduce((tokens, each) => each.forward(tokens), x)),
    "without the last block",
  );
  await fails(
    check((blocks, x) => blocks.reduceRight((tokens, each) => each.forward(tokens), x)),
    "in reverse order",
  );
  await fails(
    check((blocks, x) => blocks.reduce((_tokens, each) => each.forward(x), x)),
    "each block gets the encoder's input",
  );
  await fails(check(undefined, undefined, { dropout: 0 }), "Pass `dropout` on to the blocks");
  await fails(
    check(undefined, undefined, { dropout: 0.1 }),
    "`blocks.0.mlp.hiddenDropout` drops 10 %",
  );
  await fails(check(undefined, undefined, { mlpWidth: 9 }), "has the wrong shape");
});

interface Steps {
  slots?: (patches: number) => number;
  pool?: (x: tf.Tensor) => tf.Tensor;
  finish?: (head: Linear, norm: LayerNorm, x: tf.Tensor) => tf.Tensor;
  width?: number;
}

const classTokenOf = (x: tf.Tensor) => tf.squeeze(tf.slice(x, [0, 0, 0], [-1, 1, -1]), [1]);

function vit(
  { slots = (patches) => patches + 1, pool = classTokenOf, finish, width: fixed }: Steps = {},
) {
  return class Vit extends Module {
    patches: PatchEmbedding;
    classToken: tf.Variable;
    positions: tf.Variable;
    encoder: Module;
    norm: LayerNorm;
    head: Linear;
    constructor(options: VitOptions) {
      super();
      const { imageSize, channels, patchSize, classes, random } = options;
      const width = fixed ?? options.width;
      this.patches = new PatchEmbedding({ patchSize, channels, width, random });
      this.classToken = tf.variable(random.normal([1, 1, width]));
      const count = slots((imageSize / patchSize) ** 2);
      this.positions = buffer(() => sinusoidalPositions(count, width));
      this.encoder = new (encoder())({ ...options, width });
      this.norm = new LayerNorm(width);
      this.head = new Linear(width, classes, { random });
    }
    forward(images: tf.Tensor) {
      const patches = this.patches.forward(images);
      const token = tf.mul(tf.ones([images.shape[0], 1, 1]), this.classToken);
      const x = this.encoder.forward(tf.add(tf.concat([token, patches], 1), this.positions));
      return finish?.(this.head, this.norm, x) ?? this.head.forward(this.norm.forward(pool(x)));
    }
  };
}

Deno.test("checkVit: accepts the solution and counts its parameters", async () => {
  const sizes = {
    ...{ imageSize: 32, channels: 3, patchSize: 4, classes: 10, dropout: 0.1 },
    ...{ width: 128, mlpWidth: 256, heads: 4, depth: 6 },
  };
  const line = await passes(() => checkVit(vit(), { points: 3, sizes }));
  assertStringIncludes(line, "802,826 parameters (3 points)");
  await fails(
    () => checkVit(vit({ width: 20 }), { sizes }),
    "has 74,906 parameters",
    "fixed in the code",
  );
});

Deno.test("checkVit: names what is wrong", async () => {
  const check = (steps: Steps) => () => checkVit(vit(steps));
  await fails(check({ slots: (patches) => patches }), "Likely cause: the number of slots");
  await fails(check({ pool: (x) => tf.mean(x, 1) }), "reads the mean of all tokens");
  await fails(check({ pool: (x) => x }), "applied to all tokens");
  await fails(
    check({ finish: (head, _norm, x) => head.forward(classTokenOf(x)) }),
    "without the LayerNorm before the head",
  );
});

Deno.test("transferWeights: fits other names and batch normalisations, and refuses another function", () => {
  const random = new Random(7);
  const options = { imageSize: 8, classes: 4, width: 6, normalised: true, random } as const;
  const [source, target] = [new PlainCnn(options), new PlainCnn(options)];
  const images = random.normal([5, 8, 8, 3]);
  source.setTraining(true);
  tf.tidy(() => void source.forward(images)); // moves the running statistics
  source.setTraining(false);
  const values = (module: Module) =>
    tf.tidy(() => Array.from(module.forward(images).dataSync(), (value) => value.toFixed(4)));
  assert(values(source).join() !== values(target).join());
  const before = tf.memory().numTensors;
  assert(transferWeights(source, target, images));
  assertEquals(tf.memory().numTensors, before);
  assertEquals(values(target), values(source));

  // The same parameters, but another function of them.
  const other = class extends PlainCnn {
    override forward(x: tf.Tensor) {
      return tf.neg(super.forward(x));
    }
  };
  const different = new other(options);
  const own = values(different);
  assertEquals(transferWeights(source, different, images), false);
  assertEquals(values(different), own);
  for (const module of [source, target, different]) module.dispose();
  random.dispose();
});

Deno.test("transferWeights: gives a learner's ViT the weights of the library's", () => {
  const random = new Random(8);
  const options = {
    ...{ imageSize: 8, channels: 3, patchSize: 4, classes: 5, dropout: 0.1, random },
    ...{ width: 12, mlpWidth: 7, heads: 3, depth: 2 },
  };
  const source = new VisionTransformer({
    ...options,
    positionEncoding: SinusoidalPositions,
    attention: ConcatenatedHeads,
  });
  const target = new (vit())(options);
  const images = random.normal([2, 8, 8, 3]);
  assert(transferWeights(source, target, images));
  for (const module of [source, target]) module.dispose();
  random.dispose();
});
