import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { CheckError } from "../../../lib/exercises/engine/check.ts";
import {
  checkResidualBlock,
  type ShortcutBlockOptions,
} from "../../../lib/exercises/residual/residual_block.ts";
import { checkResNet, type DeepOptions } from "../../../lib/exercises/residual/resnet.ts";
import { Conv2d, type Conv2dOptions } from "../../../lib/nn/convolution.ts";
import { Linear } from "../../../lib/nn/linear.ts";
import { Module } from "../../../lib/nn/module.ts";
import { BatchNorm2d } from "../../../lib/nn/normalization.ts";
import { printed } from "../printed.ts";
import { mistakes } from "../verdict.ts";

/** The solution, with steps that tests replace. */
class ResidualBlock extends Module {
  convolution1: Conv2d;
  norm1: BatchNorm2d;
  convolution2: Conv2d;
  norm2: BatchNorm2d;
  stride: number;
  outputs: number;

  constructor({ inputs, outputs, stride, random }: ShortcutBlockOptions) {
    super();
    const plain = { padding: 1, bias: false, random };
    this.convolution1 = new Conv2d(inputs, outputs, { ...plain, stride, ...this.settings(1) });
    this.norm1 = new BatchNorm2d(outputs);
    this.convolution2 = new Conv2d(outputs, outputs, { ...plain, ...this.settings(2) });
    this.norm2 = new BatchNorm2d(outputs);
    this.stride = stride;
    this.outputs = outputs;
  }

  settings(_index: 1 | 2): Partial<Conv2dOptions> {
    return {};
  }

  places(x: tf.Tensor): tf.Tensor {
    return tf.avgPool(x as tf.Tensor4D, 1, this.stride, "valid");
  }

  shortcut(x: tf.Tensor): tf.Tensor {
    const missing = this.outputs - x.shape[3]!;
    return tf.pad(this.places(x), [[0, 0], [0, 0], [0, 0], [0, missing]]);
  }

  residual(x: tf.Tensor): tf.Tensor {
    const hidden = tf.relu(this.norm1.forward(this.convolution1.forward(x)));
    return this.norm2.forward(this.convolution2.forward(hidden));
  }

  forward(x: tf.Tensor): tf.Tensor {
    return tf.relu(tf.add(this.residual(x), this.shortcut(x)));
  }
}

/** The solution with some methods replaced. */
function changed(
  methods: {
    [Name in "shortcut" | "residual" | "forward" | "places"]?: (
      block: ResidualBlock,
      x: tf.Tensor,
    ) => tf.Tensor;
  },
) {
  const Changed = class extends ResidualBlock {};
  for (const [name, method] of Object.entries(methods)) {
    Object.defineProperty(Changed.prototype, name, {
      value(this: ResidualBlock, x: tf.Tensor) {
        return method!(this, x);
      },
    });
  }
  return Changed;
}

/** The solution with other settings of its convolutions. */
function configured(settings: (index: 1 | 2) => Partial<Conv2dOptions>) {
  return class extends ResidualBlock {
    override settings(index: 1 | 2) {
      return settings(index);
    }
  };
}

const pad = (x: tf.Tensor, before: number, after: number) =>
  tf.pad(x, [[0, 0], [0, 0], [0, 0], [before, after]]);

const wrong: Record<string, [learner: unknown, words: string[]]> = {
  "ReLU before the addition": [
    changed({ forward: (block, x) => tf.add(tf.relu(block.residual(x)), block.shortcut(x)) }),
    ["with ReLU before the addition"],
  ],
  "no ReLU after the addition": [
    changed({ forward: (block, x) => tf.add(block.residual(x), block.shortcut(x)) }),
    ["without ReLU after the addition"],
  ],
  "no shortcut": [
    changed({ forward: (block, x) => tf.relu(block.residual(x)) }),
    ["without the shortcut"],
  ],
  "no first ReLU": [
    changed({
      residual: (block, x) =>
        block.norm2.forward(
          block.convolution2.forward(block.norm1.forward(block.convolution1.forward(x))),
        ),
    }),
    ["without ReLU between the two halves"],
  ],
  "zeros in front": [
    changed({ shortcut: (block, x) => pad(block.places(x), block.outputs - x.shape[3]!, 0) }),
    ["puts the channels of zeros in front", "With inputs 3, outputs 7, stride 2"],
  ],
  "zeros on both sides": [
    changed({
      shortcut: (block, x) => {
        const half = (block.outputs - x.shape[3]!) / 2;
        return pad(block.places(x), half, half);
      },
    }),
    ["channels of zeros on both sides"],
  ],
  "no zeros": [
    changed({ shortcut: (block, x) => block.places(x) }),
    ["`tf.pad` to shape [2, 3, 5, 7] is missing on its second input", "stride 2"],
  ],
  "a shortcut without stride": [
    changed({ places: (_block, x) => x }),
    ["Skip places, and pad with channels of zeros"],
  ],
  "an averaging shortcut": [
    changed({
      places: (block, x) => tf.avgPool(x as tf.Tensor4D, block.stride, block.stride, "valid"),
    }),
    ["takes the mean of each window"],
  ],
  "a shortcut from the first half": [
    changed({
      forward: (block, x) => {
        const hidden = tf.relu(block.norm1.forward(block.convolution1.forward(x)));
        const second = block.norm2.forward(block.convolution2.forward(hidden));
        return tf.relu(tf.add(second, hidden));
      },
    }),
    ["the first half's result is added"],
  ],
  "the norm after the addition": [
    changed({
      forward: (block, x) => {
        const hidden = tf.relu(block.norm1.forward(block.convolution1.forward(x)));
        const second = block.convolution2.forward(hidden);
        return tf.relu(block.norm2.forward(tf.add(second, block.shortcut(x))));
      },
    }),
    ["the second normalisation comes after the addition"],
  ],
  "a bias": [
    configured((index) => index === 2 ? { bias: true } : {}),
    ["the convolution `convolution2` keeps its bias", "`bias: false`"],
  ],
  "no padding": [configured(() => ({ padding: 0 })), ["`convolution1` has padding 0"]],
  "a forgotten stride": [
    configured((index) => index === 1 ? { stride: 1 } : {}),
    ["`convolution1` has stride 1, but should have 2", "stride belongs to its first convolution"],
  ],
  "the stride in the second convolution too": [
    class extends ResidualBlock {
      constructor(options: ShortcutBlockOptions) {
        super(options);
        const { outputs, stride, random } = options;
        this.convolution2 = new Conv2d(outputs, outputs, {
          padding: 1,
          bias: false,
          stride,
          random,
        });
      }
    },
    ["`convolution2` has stride 2, but should have 1", "alone"],
  ],
  "a projection": [
    class extends ResidualBlock {
      projection: Conv2d;
      constructor(options: ShortcutBlockOptions) {
        super(options);
        const { inputs, outputs, stride, random } = options;
        this.projection = new Conv2d(inputs, outputs, { size: 1, bias: false, stride, random });
      }
    },
    ["parameters that it should not have: projection.weight"],
  ],
};

Deno.test("checkResidualBlock: accepts the solution", async () => {
  const before = tf.memory().numTensors;
  const [line] = await printed(() => checkResidualBlock(ResidualBlock, { points: 3 }));
  assertStringIncludes(line, "✔ Residual block: values and gradients are right");
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("checkResidualBlock: accepts places that a strided slice skips", async () => {
  const learner = changed({
    places: (block, x) => {
      const [batch, height, width, channels] = x.shape as [number, number, number, number];
      const { stride } = block;
      return tf.stridedSlice(x, [0, 0, 0, 0], [batch, height, width, channels], [
        1,
        stride,
        stride,
        1,
      ]);
    },
  });
  const [line] = await printed(() => checkResidualBlock(learner as never, { points: 3 }));
  assertStringIncludes(line, "✔ Residual block");
});

mistakes(
  "checkResidualBlock: names what is wrong with",
  wrong,
  (learner) => checkResidualBlock(learner as never),
);

interface Plan {
  widths?: number[];
  blocks?: (depth: number) => number;
  strides?: number[];
  bias?: boolean;
  /** Whether each block of a stage takes what the stage before gives. */
  areInputsLate?: boolean;
  Block?: typeof ResidualBlock;
  forward?: (net: ResNet, images: tf.Tensor) => tf.Tensor;
}

/** The solution for whole networks, with a plan that tests change. */
class ResNet extends Module {
  stem: Conv2d;
  stemNorm: BatchNorm2d;
  blocks: ResidualBlock[];
  head: Linear;

  constructor({ depth, classes, random }: DeepOptions, plan: Plan = {}) {
    super();
    const { widths = [16, 32, 64], strides = [1, 2, 2], bias = false, Block = ResidualBlock } =
      plan;
    const perStage = plan.blocks?.(depth) ?? (depth - 2) / 6;
    this.stem = new Conv2d(3, widths[0], { padding: 1, bias, random });
    this.stemNorm = new BatchNorm2d(widths[0]);
    this.blocks = widths.flatMap((outputs, stage) =>
      Array.from({ length: perStage }, (_, index) =>
        new Block({
          inputs: index === 0 || plan.areInputsLate ? widths[Math.max(0, stage - 1)] : outputs,
          outputs,
          stride: index === 0 ? strides[stage] : 1,
          random,
        }))
    );
    this.head = new Linear(widths[2], classes, { random });
  }

  features(images: tf.Tensor, relu = true): tf.Tensor {
    const stem = this.stemNorm.forward(this.stem.forward(images));
    return this.blocks.reduce<tf.Tensor>(
      (x, block) => block.forward(x),
      relu ? tf.relu(stem) : stem,
    );
  }

  forward(images: tf.Tensor): tf.Tensor {
    return this.head.forward(tf.mean(this.features(images), [1, 2]));
  }
}

function planned(plan: Plan) {
  return class extends ResNet {
    constructor(options: DeepOptions) {
      super(options, plan);
    }
    override forward(images: tf.Tensor) {
      return plan.forward?.(this, images) ?? super.forward(images);
    }
  };
}

Deno.test("checkResNet: accepts the solution", async () => {
  const before = tf.memory().numTensors;
  const [line] = await printed(() => checkResNet(planned({})));
  assertStringIncludes(line, "75,290 parameters at depth 8, 269,722 at depth 20");
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("checkResNet: counts a wrong block once, but not a wrong stride", async () => {
  const Block = changed({ forward: (block, x) => tf.add(block.residual(x), block.shortcut(x)) });
  const [line] = await printed(() => checkResNet(planned({ Block })));
  assertStringIncludes(line, "in place of your ResidualBlock, which is wrong");
  const learner = planned({ Block, strides: [1, 2, 1] });
  const error = await assertRejects(() => checkResNet(learner), CheckError);
  assertStringIncludes(error.message, "`blocks.4.convolution1` has stride 1, but should have 2");
});

Deno.test("checkResNet: takes layers for the right ones where a name belongs to others", async () => {
  class ShortNames extends ResidualBlock {
    readonly c1 = this.convolution1;
    readonly n1 = this.norm1;
    readonly c2 = this.convolution2;
    readonly n2 = this.norm2;
    constructor(options: ShortcutBlockOptions) {
      super(options);
      for (const name of ["convolution1", "norm1", "convolution2", "norm2"]) {
        Reflect.deleteProperty(this, name);
      }
    }
    override residual(x: tf.Tensor): tf.Tensor {
      return this.n2.forward(this.c2.forward(tf.relu(this.n1.forward(this.c1.forward(x)))));
    }
  }
  class Net extends Module {
    stem: Conv2d;
    norm1: BatchNorm2d;
    blocks: ResidualBlock[];
    head: Linear;
    constructor(options: DeepOptions) {
      super();
      const { stem, stemNorm, blocks, head } = new ResNet(options, { Block: ShortNames });
      [this.stem, this.norm1, this.blocks, this.head] = [stem, stemNorm, blocks, head];
    }
    forward(images: tf.Tensor): tf.Tensor {
      const x = tf.relu(this.norm1.forward(this.stem.forward(images)));
      const maps = this.blocks.reduce((y, block) => block.forward(y), x);
      return this.head.forward(tf.mean(maps, [1, 2]));
    }
  }
  const [line] = await printed(() => checkResNet(Net));
  assertStringIncludes(line, "✔ Residual network: values and gradients are right;");
});

const wrongPlans: Record<string, [Plan, string]> = {
  "too many blocks": [
    { blocks: (depth) => (depth - 2) / 3 },
    "It has 13 convolutions in place of 7",
  ],
  "channels of the stage before": [
    { areInputsLate: true },
    "takes 16 channels. A block takes as many as the one before it gives",
  ],
  "other widths": [{ widths: [16, 32, 48] }, "the three stages have 16, 32 and 64 filters"],
  "a bias in the stem": [{ bias: true }, "convolutions with a bias (`stem.bias`)"],
  "no strides": [{ strides: [1, 1, 1] }, "`blocks.2.convolution1` has stride 1, but should have 2"],
  "a stride in the first stage": [{ strides: [2, 2, 2] }, "`blocks.0.convolution1` has stride 2"],
  "no pooling": [
    { forward: (net, images) => net.head.forward(net.features(images)) },
    "the pooling before the last Linear layer is missing",
  ],
  "no ReLU in the stem": [
    { forward: (net, images) => net.head.forward(tf.mean(net.features(images, false), [1, 2])) },
    "without ReLU after the first convolution",
  ],
  "a softmax": [
    {
      forward: (net, images) => tf.softmax(net.head.forward(tf.mean(net.features(images), [1, 2]))),
    },
    "with a softmax at the end",
  ],
};

for (const [title, [plan, words]] of Object.entries(wrongPlans)) {
  Deno.test(`checkResNet: names what is wrong with ${title}`, async () => {
    const error = await assertRejects(() => checkResNet(planned(plan)), CheckError);
    assertStringIncludes(error.message, words);
  });
}
