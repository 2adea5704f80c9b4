import { assertEquals, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  checkGridBlock,
  checkGridFeedForward,
  type GridBlockOptions,
  type GridFeedForwardOptions,
} from "../../../lib/exercises/grid/grid_blocks.ts";
import {
  checkGridModel,
  checkGridModelConstructor,
  type GridModelOptions,
} from "../../../lib/exercises/grid/grid_model.ts";
import { gridModelMistakes } from "../../../lib/exercises/grid/grid_model_mistakes.ts";
import { checkGridPatches } from "../../../lib/exercises/grid/grid_patches.ts";
import { blockMistakes } from "../../../lib/exercises/transformer/block_mistakes.ts";
import { GridVisionTransformer } from "../../../lib/models/grid_vision_transformer.ts";
import { Gelu, Relu } from "../../../lib/nn/activation.ts";
import { Linear } from "../../../lib/nn/linear.ts";
import { Mlp } from "../../../lib/nn/mlp.ts";
import { Module } from "../../../lib/nn/module.ts";
import { LayerNorm } from "../../../lib/nn/normalization.ts";
import { TransformerBlock as LibraryBlock } from "../../../lib/nn/transformer_block.ts";
import { Random } from "../../../lib/random.ts";
import { fails, mistakes, passes } from "../verdict.ts";

// The solutions in the notebook's own form, each step of which a test can replace.

class SelfAttention2d extends Module {
  heads: number;
  qkv: Linear;
  output: Linear;
  constructor({ width, heads, random }: Omit<GridBlockOptions, "mlpWidth">) {
    super();
    this.heads = heads;
    this.qkv = new Linear(width, 3 * width, { random });
    this.output = new Linear(width, width, { random });
  }
  scale(headWidth: number): number {
    return 1 / Math.sqrt(headWidth);
  }
  forward(x: tf.Tensor): tf.Tensor {
    const [batch, height, width, features] = x.shape as [number, number, number, number];
    const [tokens, headWidth] = [height * width, features / this.heads];
    const joined = this.qkv.forward(tf.reshape(x, [batch, tokens, features]));
    const [query, key, value] = tf.split(joined, 3, -1).map((part) => {
      const split = tf.reshape(part, [batch, tokens, this.heads, headWidth]);
      return tf.transpose(split, [0, 2, 1, 3]);
    });
    const scores = tf.mul(tf.matMul(query, key, false, true), this.scale(headWidth));
    const results = tf.transpose(tf.matMul(tf.softmax(scores), value), [0, 2, 1, 3]);
    return this.output.forward(tf.reshape(results, x.shape));
  }
}

class FeedForward extends Module {
  hidden: Linear;
  activation: Module;
  output: Linear;
  constructor({ width, hiddenWidth, random }: GridFeedForwardOptions) {
    super();
    this.hidden = new Linear(width, hiddenWidth, { random });
    this.activation = new Gelu();
    this.output = new Linear(hiddenWidth, width, { random });
  }
  forward(x: tf.Tensor): tf.Tensor {
    return this.output.forward(this.activation.forward(this.hidden.forward(x)));
  }
}

class TransformerBlock extends Module {
  attentionNorm: LayerNorm;
  attention: Module;
  mlpNorm: LayerNorm;
  mlp: Module;
  constructor({ width, mlpWidth, heads, random }: GridBlockOptions) {
    super();
    this.attentionNorm = new LayerNorm(width);
    this.attention = this.makeAttention({ width, heads, random });
    this.mlpNorm = new LayerNorm(width);
    this.mlp = new FeedForward({ width, hiddenWidth: mlpWidth, random });
  }
  makeAttention(options: Omit<GridBlockOptions, "mlpWidth">): Module {
    return new SelfAttention2d(options);
  }
  forward(x: tf.Tensor): tf.Tensor {
    const y = tf.add(x, this.attention.forward(this.attentionNorm.forward(x)));
    return tf.add(y, this.mlp.forward(this.mlpNorm.forward(y)));
  }
}

function imageToPatches(images: tf.Tensor4D, patchSize: number): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  const [rows, columns] = [height / patchSize, width / patchSize];
  const split = tf.reshape(images, [batch, rows, patchSize, columns, patchSize, channels]);
  const ordered = tf.transpose(split, [0, 1, 3, 2, 4, 5]);
  return tf.reshape(ordered, [batch, rows, columns, patchSize * patchSize * channels]);
}

class VisionTransformer extends Module {
  patchSize: number;
  projection: Linear;
  positions: tf.Variable;
  blocks: Module[];
  norm: LayerNorm;
  head: Linear;
  constructor(options: GridModelOptions) {
    super();
    const { imageSize, channels, patchSize, width, depth, classes, random } = options;
    const side = imageSize / patchSize;
    this.patchSize = patchSize;
    this.projection = new Linear(patchSize * patchSize * channels, width, { random });
    this.positions = tf.variable(random.normal([side, side, width], 0, 0.02));
    this.blocks = Array.from({ length: depth }, () => this.makeBlock(options));
    this.norm = new LayerNorm(width);
    this.head = new Linear(width, classes, { random });
  }
  makeBlock(options: GridModelOptions): Module {
    return new TransformerBlock(options);
  }
  cut(images: tf.Tensor): tf.Tensor {
    return imageToPatches(images as tf.Tensor4D, this.patchSize);
  }
  embed(images: tf.Tensor): tf.Tensor {
    return tf.add(this.projection.forward(this.cut(images)), this.positions);
  }
  run(x: tf.Tensor): tf.Tensor {
    for (const block of this.blocks) x = block.forward(x);
    return x;
  }
  pool(x: tf.Tensor): tf.Tensor {
    return tf.mean(this.norm.forward(x), [1, 2]);
  }
  forward(images: tf.Tensor): tf.Tensor {
    return this.head.forward(this.pool(this.run(this.embed(images))));
  }
}

Deno.test("the checks of unit 3's parts accept the solutions", async () => {
  const right = "values and gradients are right";
  assertEquals(
    await passes(() => checkGridFeedForward(FeedForward, { points: 1 })),
    `✔ Feed-forward part: ${right} (1 point)`,
  );
  assertEquals(
    await passes(() => checkGridBlock(TransformerBlock, { points: 2 })),
    `✔ Transformer block: ${right} (2 points)`,
  );
  assertEquals(
    await passes(() => checkGridPatches(imageToPatches, { points: 2 })),
    "✔ Patches: shape, values and gradient are right, for square and other images (2 points)",
  );
  const sizes = {
    ...{ imageSize: 32, channels: 3, patchSize: 4, classes: 10 },
    ...{ width: 128, mlpWidth: 256, heads: 4, depth: 6 },
  };
  assertEquals(
    await passes(() => checkGridModelConstructor(VisionTransformer, { sizes, points: 2 })),
    "✔ Constructor of VisionTransformer: all layers have the right sizes; 810,890 parameters (2 points)",
  );
  const patches = imageToPatches;
  assertEquals(
    await passes(() => checkGridModel(VisionTransformer, { patches, points: 1 })),
    `✔ Forward of VisionTransformer: ${right} (1 point)`,
  );
});

Deno.test("the solution's parameters have the names of the library's, whose weights come with the course", () => {
  const [ours, theirs] = [VisionTransformer, GridVisionTransformer].map((Model) =>
    new Model({ ...sizes, random: new Random(1) })
  );
  const names = (module: Module) => [...module.namedParameters().keys()];
  assertEquals(names(ours), names(theirs));
});

/** A module with some methods or fields replaced. */
function changed<Options, M extends Module>(
  Base: new (options: Options) => M,
  changes: (module: M, options: Options) => Partial<M>,
) {
  return (options: Options) => {
    const module = new Base(options);
    for (const [name, value] of Object.entries(changes(module, options))) {
      const enumerable = typeof value !== "function";
      Object.defineProperty(module, name, { value, enumerable, configurable: true });
    }
    return module;
  };
}

const wrongFeedForwards: Record<string, [(options: GridFeedForwardOptions) => Module, string]> = {
  "ReLU": [changed(FeedForward, () => ({ activation: new Relu() })), "with ReLU in place of GELU"],
  "no activation": [
    changed(FeedForward, ({ hidden, output }) => ({
      forward: (x: tf.Tensor) => output.forward(hidden.forward(x)),
    })),
    "without GELU",
  ],
  "a residual": [
    changed(FeedForward, (module) => ({
      forward: (x: tf.Tensor) => tf.add(x, FeedForward.prototype.forward.call(module, x)),
    })),
    "it belongs in the block",
  ],
  "one layer": [
    changed(FeedForward, ({ hidden, activation }) => ({
      forward: (x: tf.Tensor) => activation.forward(hidden.forward(x)),
    })),
    "the second Linear layer is missing",
  ],
  "the library's": [
    (options) => new (class extends Mlp {})(options),
    "FeedForward is the library's Mlp",
  ],
};

mistakes("checkGridFeedForward names", wrongFeedForwards, checkGridFeedForward);

const blockForward = (compute: (block: TransformerBlock, x: tf.Tensor) => tf.Tensor) =>
  changed(TransformerBlock, (block) => ({ forward: (x: tf.Tensor) => compute(block, x) }));

const wrongBlocks: Record<string, [(options: GridBlockOptions) => Module, string]> = {
  "post-LN": [
    blockForward(({ attentionNorm, attention, mlpNorm, mlp }, x) => {
      const y = attentionNorm.forward(tf.add(x, attention.forward(x)));
      return mlpNorm.forward(tf.add(y, mlp.forward(y)));
    }),
    blockMistakes.postNorm,
  ],
  "a missing residual": [
    blockForward(({ attentionNorm, attention, mlpNorm, mlp }, x) => {
      const y = attention.forward(attentionNorm.forward(x));
      return tf.add(y, mlp.forward(mlpNorm.forward(y)));
    }),
    blockMistakes.noAttentionResidual,
  ],
  "a residual of the normalised input": [
    blockForward(({ attentionNorm, attention, mlpNorm, mlp }, x) => {
      x = attentionNorm.forward(x);
      x = tf.add(x, attention.forward(x));
      x = mlpNorm.forward(x);
      return tf.add(x, mlp.forward(x));
    }),
    blockMistakes.normOnResiduals,
  ],
  "one norm for both": [
    changed(TransformerBlock, ({ attentionNorm }) => ({ mlpNorm: attentionNorm })),
    "one and the same parameter",
  ],
  "the library's": [
    (options) => new (class extends LibraryBlock {})({ ...options, attention: SelfAttention2d }),
    "TransformerBlock is the library's TransformerBlock",
  ],
};

mistakes("checkGridBlock names", wrongBlocks, checkGridBlock);

Deno.test("checkGridBlock counts a wrong part inside once", async () => {
  class Unscaled extends SelfAttention2d {
    override scale(): number {
      return 1;
    }
  }
  class WithAttention extends TransformerBlock {
    override makeAttention(options: Omit<GridBlockOptions, "mlpWidth">): Module {
      return new Unscaled(options);
    }
  }
  assertStringIncludes(
    await passes(() => checkGridBlock(WithAttention)),
    "in place of your SelfAttention2d, which is wrong",
  );
});

Deno.test("checkGridBlock and checkGridModel name a right part that is made with other options", async () => {
  class OneHead extends TransformerBlock {
    override makeAttention(options: Omit<GridBlockOptions, "mlpWidth">): Module {
      return new SelfAttention2d({ ...options, heads: 1 });
    }
  }
  await fails(
    () => checkGridBlock(OneHead),
    "SelfAttention2d is right by itself, but is made with `heads` 1 in place of 4",
  );
});

Deno.test("checkGridBlock names a size that is fixed in the code", async () => {
  class FixedHeads extends TransformerBlock {
    override makeAttention(options: Omit<GridBlockOptions, "mlpWidth">): Module {
      return new SelfAttention2d({ ...options, heads: options.width === 14 ? 2 : options.heads });
    }
  }
  await fails(() => checkGridBlock(FixedHeads), "but not with width 14, mlpWidth 9, heads 7");
});

const wrongPatches: Record<
  string,
  [(images: tf.Tensor4D, patchSize: number) => tf.Tensor, string]
> = {
  "the unsolved stub": [
    () => {
      throw new Error("Not solved yet: write your code");
    },
    "imageToPatches is not written yet",
  ],
  "a reshape alone": [
    (images, p) => {
      const [batch, height, width, channels] = images.shape;
      return tf.reshape(images, [batch, height / p, width / p, p * p * channels]);
    },
    "a reshape alone, without a transpose",
  ],
  "patches in a row": [
    (images, p) => {
      const grid = imageToPatches(images, p);
      return tf.reshape(grid, [grid.shape[0], -1, grid.shape[3]]);
    },
    "the patches stand in one row",
  ],
  "rows and columns exchanged": [
    (images, p) => tf.transpose(imageToPatches(images, p), [0, 2, 1, 3]),
    "rows and columns of the grid are exchanged",
  ],
  "no last reshape": [
    (images, p) => {
      const [batch, height, width, channels] = images.shape;
      return tf.transpose(
        tf.reshape(images, [batch, height / p, p, width / p, p, channels]),
        [0, 1, 3, 2, 4, 5],
      );
    },
    "the last reshape is missing",
  ],
  "transposed patches": [
    (images, p) => {
      const [batch, height, width, channels] = images.shape;
      const split = tf.reshape(images, [batch, height / p, p, width / p, p, channels]);
      const ordered = tf.transpose(split, [0, 1, 3, 4, 2, 5]);
      return tf.reshape(ordered, [batch, height / p, width / p, p * p * channels]);
    },
    "every patch is transposed",
  ],
  "images that are freed": [
    (images, p) => {
      const patches = imageToPatches(images, p);
      images.dispose();
      return patches;
    },
    "imageToPatches frees its input",
  ],
  "fixed sizes": [
    (images) => tf.reshape(images, [-1, 8, 8, 48]),
    "a size that is fixed, such as 32, 8 or 3",
  ],
};

mistakes("checkGridPatches names", wrongPatches, checkGridPatches);

/** Of a model that is quickly made. */
const small = { imageSize: 8, channels: 3, patchSize: 4, classes: 2 };
const sizes = { ...small, width: 8, mlpWidth: 8, heads: 2, depth: 1 };

const wrongConstructors: Record<string, [(options: GridModelOptions) => Module, string]> = {
  "positions in a row": [
    changed(VisionTransformer, (_, { imageSize, patchSize, width, random }) => ({
      positions: tf.variable(random.normal([(imageSize / patchSize) ** 2, width], 0, 0.02)),
    })),
    "the positions stand in one row",
  ],
  "positions of zero": [
    changed(VisionTransformer, ({ positions }) => ({
      positions: tf.variable(tf.zeros(positions.shape)),
    })),
    "the first values of `positions` are all 0",
  ],
  "large positions": [
    changed(VisionTransformer, ({ positions }, { random }) => ({
      positions: tf.variable(random.normal(positions.shape)),
    })),
    "but should have 0 and 0.02",
  ],
  "positions that no seed decides": [
    changed(VisionTransformer, ({ positions }) => ({
      positions: tf.variable(tf.randomNormal(positions.shape, 0, 0.02)),
    })),
    "differ between two modules made from the same seed",
  ],
  "positions that are no parameter": [
    changed(VisionTransformer, ({ positions }) => ({
      positions: positions.clone() as tf.Variable,
    })),
    "these are missing: positions",
  ],
  "one block in every place": [
    changed(VisionTransformer, ({ blocks }) => ({ blocks: blocks.map(() => blocks[0]) })),
    "one module stands in two places",
  ],
  "positions of one row": [
    // As many columns as `width / heads` are missing by accident.
    changed(VisionTransformer, ({ positions }) => ({
      positions: tf.variable(tf.slice(positions, [0, 0, 0], [-1, 1, -1])),
    })),
    "the size of axis 1 is 1, but should be",
  ],
  "too few blocks": [
    changed(VisionTransformer, ({ blocks }) => ({ blocks: blocks.slice(1) })),
    "`blocks` has 2 items, but should have 3",
  ],
  "a forgotten patch size": [
    changed(VisionTransformer, () => ({ patchSize: undefined })),
    "the field `patchSize` is undefined, but should be 3",
  ],
  "the library's model": [
    (options) => new GridVisionTransformer(options),
    "the library's SelfAttention2d",
  ],
};

mistakes(
  "checkGridModelConstructor names",
  wrongConstructors,
  (model) => checkGridModelConstructor(model, { sizes }),
);

Deno.test("checkGridModelConstructor needs no forward", async () => {
  const half = changed(VisionTransformer, () => ({
    forward: () => {
      throw new Error("Not solved yet");
    },
  }));
  await passes(() => checkGridModelConstructor(half, { sizes }));
  await fails(() => checkGridModel(half, { patches: imageToPatches }), "is not written yet");
});

const wrongModels: Record<string, [(options: GridModelOptions) => Module, string]> = {
  "no positions": [
    changed(VisionTransformer, (model) => ({
      embed: (images: tf.Tensor) => model.projection.forward(model.cut(images)),
    })),
    gridModelMistakes.noPositions,
  ],
  "no LayerNorm": [
    changed(VisionTransformer, () => ({ pool: (x: tf.Tensor) => tf.mean(x, [1, 2]) })),
    gridModelMistakes.noFinalNorm,
  ],
  "LayerNorm of the mean": [
    changed(VisionTransformer, ({ norm }) => ({
      pool: (x: tf.Tensor) => norm.forward(tf.mean(x, [1, 2])),
    })),
    gridModelMistakes.normAfterMean,
  ],
  "the mean of one axis": [
    changed(VisionTransformer, ({ norm }) => ({
      pool: (x: tf.Tensor) => tf.mean(norm.forward(x), 1),
    })),
    "the mean goes over one axis of the grid only",
  ],
  "no mean": [
    changed(VisionTransformer, ({ norm }) => ({ pool: (x: tf.Tensor) => norm.forward(x) })),
    "the head was applied to all tokens",
  ],
  "a sum": [
    changed(VisionTransformer, ({ norm }) => ({
      pool: (x: tf.Tensor) => tf.sum(norm.forward(x), [1, 2]),
    })),
    gridModelMistakes.sum,
  ],
  "the first token": [
    changed(VisionTransformer, ({ norm }) => ({
      pool: (x: tf.Tensor) =>
        tf.squeeze(tf.slice(norm.forward(x), [0, 0, 0, 0], [-1, 1, 1, -1]), [1, 2]),
    })),
    gridModelMistakes.firstToken,
  ],
  "a softmax": [
    changed(VisionTransformer, (model) => ({
      forward: (images: tf.Tensor) =>
        tf.softmax(VisionTransformer.prototype.forward.call(model, images)),
    })),
    gridModelMistakes.softmax,
  ],
  "blocks that all get the input": [
    changed(VisionTransformer, ({ blocks }) => ({
      run: (x: tf.Tensor) => blocks.map((block) => block.forward(x)).at(-1)!,
    })),
    gridModelMistakes.blocksParallel,
  ],
  "the blocks forgotten": [
    changed(VisionTransformer, () => ({ run: (x: tf.Tensor) => x })),
    gridModelMistakes.noBlocks,
  ],
};

mistakes(
  "checkGridModel names",
  wrongModels,
  (model) => checkGridModel(model, { patches: imageToPatches }),
);

Deno.test("checkGridModel counts wrong patches and wrong blocks once", async () => {
  const patches = (images: tf.Tensor4D, p: number) => {
    const [batch, height, width, channels] = images.shape;
    return tf.reshape(images, [batch, height / p, width / p, p * p * channels]);
  };
  const withPatches = changed(VisionTransformer, ({ patchSize }) => ({
    cut: (images: tf.Tensor) => patches(images as tf.Tensor4D, patchSize),
  }));
  assertEquals(
    await passes(() => checkGridModel(withPatches, { patches })),
    "✔ Forward of VisionTransformer: values and gradients are right; your imageToPatches inside is wrong (its own check says why)",
  );
  class Half extends TransformerBlock {
    override forward(x: tf.Tensor): tf.Tensor {
      return tf.add(x, this.attention.forward(this.attentionNorm.forward(x)));
    }
  }
  class WithBlocks extends VisionTransformer {
    override makeBlock(options: GridModelOptions): Module {
      return new Half(options);
    }
  }
  assertStringIncludes(
    await passes(() => checkGridModel(WithBlocks, { patches: imageToPatches })),
    "in place of your TransformerBlock, which is wrong",
  );
});
