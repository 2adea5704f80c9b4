import * as tf from "@tensorflow/tfjs";
import {
  checkAttentionHead,
  checkMultiHeadAttention,
} from "../../../lib/exercises/attention/attention_heads.ts";
import { checkRollout } from "../../../lib/exercises/attention/attention_reading.ts";
import { checkStridedCnn, type CnnOptions } from "../../../lib/exercises/convolution/cnn.ts";
import { checkGlobalAveragePool } from "../../../lib/exercises/convolution/global_pool.ts";
import { checkGridModel, type GridModelOptions } from "../../../lib/exercises/grid/grid_model.ts";
import { checkGridPatches } from "../../../lib/exercises/grid/grid_patches.ts";
import type { GridAttentionOptions } from "../../../lib/exercises/grid/self_attention.ts";
import { checkFusion } from "../../../lib/exercises/cross_attention/cross_attention.ts";
import { checkBasicBlock } from "../../../lib/exercises/residual/basic_block.ts";
import { checkEncoder, type EncoderOptions } from "../../../lib/exercises/transformer/encoder.ts";
import { checkFeedForward } from "../../../lib/exercises/transformer/feed_forward.ts";
import { checkTransformerBlock } from "../../../lib/exercises/transformer/transformer_block.ts";
import { checkPatches } from "../../../lib/exercises/vision_transformer/patches.ts";
import {
  checkPositionEncoding,
  checkSinusoidalPositions,
} from "../../../lib/exercises/vision_transformer/positions.ts";
import {
  checkVisionTransformer,
  type ModelOptions,
} from "../../../lib/exercises/vision_transformer/vision_transformer.ts";
import {
  attentionRollout,
  ConcatenatedHeads,
  CrossFusion,
  globalAveragePool,
  GridVisionTransformer,
  Linear,
  Mlp,
  Module,
  patchify,
  PlainCnn,
  ResidualBlock,
  SinusoidalPositions,
  sinusoidalPositions,
  TransformerBlock,
  TransformerEncoder,
  VisionTransformer,
} from "../../../lib/mod.ts";
import { AttentionHead } from "../../../lib/nn/attention_head.ts";
import { GlobalAveragePool } from "../../../lib/nn/pooling.ts";
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

class OwnStrided extends PlainCnn {
  constructor(options: CnnOptions) {
    super({ ...options, normalised: true, halving: "stride" });
  }
}
class CallsPooling extends Module {
  forward(x: tf.Tensor): tf.Tensor {
    return globalAveragePool(x);
  }
}
/** Attention of a class of its own, in the library's model. */
class OwnGridAttention extends Module {
  qkv: Linear;
  output: Linear;
  heads: number;
  constructor({ width, heads, random }: GridAttentionOptions) {
    super();
    this.heads = heads;
    this.qkv = new Linear(width, 3 * width, { random });
    this.output = new Linear(width, width, { random });
  }
  forward(x: tf.Tensor): tf.Tensor {
    const [batch, height, width, features] = x.shape as [number, number, number, number];
    const [query, key, value] = tf.split(this.qkv.forward(x), 3, -1).map((part) =>
      tf.transpose(
        tf.reshape(part, [batch, height * width, this.heads, features / this.heads]),
        [0, 2, 1, 3],
      )
    );
    const scores = tf.div(tf.matMul(query, key, false, true), Math.sqrt(features / this.heads));
    const results = tf.transpose(tf.matMul(tf.softmax(scores), value), [0, 2, 1, 3]);
    return this.output.forward(tf.reshape(results, x.shape));
  }
}
class OwnGridModel extends GridVisionTransformer {
  constructor(options: GridModelOptions) {
    super({ ...options, attention: OwnGridAttention });
  }
}
function gridPatches(
  images: tf.Tensor4D,
  size: number,
  patches: typeof patchify = (images, size) => {
    const [batch, height, width, channels] = images.shape;
    const split = tf.reshape(images, [batch, height / size, size, width / size, size, channels]);
    return tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4, 5]), [
      batch,
      (height * width) / size ** 2,
      size * size * channels,
    ]) as tf.Tensor3D;
  },
): tf.Tensor {
  const [batch, height, width] = images.shape;
  return tf.reshape(patches(images, size), [batch, height / size, width / size, -1]);
}

class OwnPositions extends SinusoidalPositions {}

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
  "the library's network": [
    () => checkStridedCnn(OwnStrided),
    "OwnStrided is the library's PlainCnn",
  ],
  "the library's pooling": [
    () => checkGlobalAveragePool(GlobalAveragePool),
    "GlobalAveragePooling calls the library's `globalAveragePool`",
  ],
  "the library's pooling function": [
    () => checkGlobalAveragePool(CallsPooling),
    "GlobalAveragePooling calls the library's `globalAveragePool`",
  ],
  "the library's model of a grid, its attention apart": [
    () => checkGridModel(OwnGridModel, { patches: gridPatches }),
    "VisionTransformer is the library's GridVisionTransformer",
  ],
  "the library's patches of a grid": [
    () => checkGridPatches((images, size) => gridPatches(images, size, patchify)),
    "imageToPatches calls the library's `patchify`",
  ],
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
  "the library's table of positions": [
    () => checkSinusoidalPositions((positions, width) => sinusoidalPositions(positions, width)),
    "positionTable calls the library's `sinusoidalPositions`",
  ],
  "the library's positions": [
    () => checkPositionEncoding(OwnPositions),
    "PositionEncoding is the library's SinusoidalPositions",
  ],
  "the library's model": [
    () => checkVisionTransformer(OwnModel),
    "ViT is the library's VisionTransformer",
  ],
};

for (const [title, [check, part]] of Object.entries(readyMade)) {
  Deno.test(`a task is not solved by ${title}`, async () => {
    await fails(check, part, "may not come from the library");
  });
}

const librarysForward = Mlp.prototype.forward;
const instances = new WeakMap<Module, Mlp>();

/** The layers of the library's MLP, which some other code computes with. */
abstract class Disguised extends Module {
  hidden: Module;
  output: Module;
  hiddenDropout: Module;
  outputDropout: Module;
  activation: Module;
  constructor(options: ConstructorParameters<typeof Mlp>[0], inner = new Mlp(options)) {
    super();
    ({
      hidden: this.hidden,
      output: this.output,
      hiddenDropout: this.hiddenDropout,
      outputDropout: this.outputDropout,
      activation: this.activation,
    } = inner as unknown as Record<keyof Disguised, Module>);
    instances.set(this, inner);
  }
}

const disguises: Record<string, new (options: ConstructorParameters<typeof Mlp>[0]) => Module> = {
  "kept where no walk finds it": class extends Disguised {
    forward(x: tf.Tensor): tf.Tensor {
      return instances.get(this)!.forward(x);
    }
  },
  "borrowed from its prototype": class extends Disguised {
    forward(x: tf.Tensor): tf.Tensor {
      return Mlp.prototype.forward.call(this as unknown as Mlp, x);
    }
  },
  "taken into a variable before": class extends Disguised {
    forward(x: tf.Tensor): tf.Tensor {
      return Reflect.apply(librarysForward, this, [x]);
    }
  },
  "constructed for another class": class extends Disguised {
    constructor(options: ConstructorParameters<typeof Mlp>[0]) {
      super(options, Reflect.construct(Mlp, [options], Disguised));
    }
    forward(x: tf.Tensor): tf.Tensor {
      return librarysForward.call(instances.get(this)!, ...[x]);
    }
  },
};

for (const [title, part] of Object.entries(disguises)) {
  Deno.test(`a task is not solved by the library's forward pass, ${title}`, async () => {
    await fails(
      () => checkFeedForward(part),
      "FeedForward calls the library's `Mlp`",
      "may not come from the library",
    );
  });
}

Deno.test("A ready-made part is found by whatever name it is called", async () => {
  const library = await import("../../../lib/mod.ts"), own = { cut: patchify };
  const words = "imageToPatches calls the library's `patchify`";
  await fails(() => checkPatches((images, size) => library.patchify(images, size)), words);
  await fails(() => checkPatches((images, size) => own.cut(images, size)), words);
  const unlessAlone: typeof patchify = (images, size) => {
    const [batch, height, width, channels] = images.shape;
    if (batch > 1) return patchify(images, size);
    const apart = tf.reshape(images, [height / size, size, width / size, size, channels]);
    return tf.reshape(tf.transpose(apart, [0, 2, 1, 3, 4]), [1, -1, size * size * channels]);
  };
  await fails(() => checkPatches(unlessAlone), words);
});

Deno.test("A ready-made part is found whatever the code that calls it does to stacks", async () => {
  const { stackTraceLimit, prepareStackTrace } = Error;
  for (
    const hide of [
      () => Error.stackTraceLimit = 0,
      () => Error.prepareStackTrace = () => "",
    ]
  ) {
    try {
      await fails(
        () =>
          checkPatches((images, size) => {
            hide();
            return patchify(images, size);
          }),
        "imageToPatches calls the library's `patchify`",
      );
    } finally {
      Object.assign(Error, { stackTraceLimit, prepareStackTrace });
    }
  }
});
