import { assert, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  type BasicBlockOptions,
  checkBasicBlock,
} from "../../../lib/exercises/residual/basic_block.ts";
import { Conv2d } from "../../../lib/nn/convolution.ts";
import { Module } from "../../../lib/nn/module.ts";
import { BatchNorm2d } from "../../../lib/nn/normalization.ts";
import { mistakes, passes } from "../verdict.ts";

/** The solution, with steps that tests replace. */
class BasicBlock extends Module {
  convolution1: Conv2d;
  norm1: BatchNorm2d;
  convolution2: Conv2d;
  norm2: BatchNorm2d;
  projection?: Conv2d;
  projectionNorm?: BatchNorm2d;

  constructor({ inputs, outputs, stride, random }: BasicBlockOptions) {
    super();
    const plain = { bias: false, random };
    this.convolution1 = new Conv2d(inputs, outputs, { ...plain, padding: 1, stride });
    this.norm1 = new BatchNorm2d(outputs);
    this.convolution2 = new Conv2d(outputs, outputs, { ...plain, padding: 1 });
    this.norm2 = new BatchNorm2d(outputs);
    if (this.changes(inputs, outputs, stride)) {
      const settings = { ...plain, size: 1, stride: this.projectionStride(stride) };
      this.projection = new Conv2d(inputs, outputs, settings);
      this.projectionNorm = new BatchNorm2d(outputs);
    }
  }

  changes(inputs: number, outputs: number, stride: number): boolean {
    return inputs !== outputs || stride !== 1;
  }

  projectionStride(stride: number): number {
    return stride;
  }

  past(x: tf.Tensor): tf.Tensor {
    return this.projection ? this.projectionNorm!.forward(this.projection.forward(x)) : x;
  }

  residual(x: tf.Tensor): tf.Tensor {
    const hidden = tf.relu(this.norm1.forward(this.convolution1.forward(x)));
    return this.norm2.forward(this.convolution2.forward(hidden));
  }

  forward(x: tf.Tensor): tf.Tensor {
    return tf.relu(tf.add(this.residual(x), this.past(x)));
  }
}

Deno.test("checkBasicBlock: accepts layers that lie in an array as well", async () => {
  class Listed extends BasicBlock {
    readonly main = [this.convolution1, this.norm1, this.convolution2, this.norm2];
  }
  await passes(() => checkBasicBlock(Listed));
});

const wrong: Record<string, [learner: typeof BasicBlock, ...words: string[]]> = {
  "no ReLU after the sum": [
    class extends BasicBlock {
      override forward(x: tf.Tensor) {
        return tf.add(this.residual(x), this.past(x));
      }
    },
    "without ReLU after the addition",
    "With inputs 3, outputs 3, stride 1",
  ],
  "ReLU before the sum": [
    class extends BasicBlock {
      override forward(x: tf.Tensor) {
        return tf.add(tf.relu(this.residual(x)), this.past(x));
      }
    },
    "with ReLU before the addition",
  ],
  "no shortcut": [
    class extends BasicBlock {
      override forward(x: tf.Tensor) {
        return tf.relu(this.residual(x));
      }
    },
    "without the shortcut",
  ],
  "no norm in the shortcut": [
    class extends BasicBlock {
      override past(x: tf.Tensor) {
        return this.projection ? this.projection.forward(x) : x;
      }
    },
    "without the batch normalisation after the shortcut's convolution",
    "With inputs 3, outputs 7, stride 2",
  ],
  "a ReLU in the shortcut": [
    class extends BasicBlock {
      override past(x: tf.Tensor) {
        return this.projection ? tf.relu(super.past(x)) : x;
      }
    },
    "with a ReLU after the shortcut's convolution",
  ],
  "norms exchanged between the paths": [
    class extends BasicBlock {
      override residual(x: tf.Tensor) {
        const hidden = tf.relu(this.norm1.forward(this.convolution1.forward(x)));
        return (this.projectionNorm ?? this.norm2).forward(this.convolution2.forward(hidden));
      }
      override past(x: tf.Tensor) {
        return this.projection ? this.norm2.forward(this.projection.forward(x)) : x;
      }
    },
    "the shortcut's normalisation and the second one of the main path exchanged",
  ],
  "a shortcut for other channels only": [
    class extends BasicBlock {
      override changes(inputs: number, outputs: number) {
        return inputs !== outputs;
      }
    },
    "nothing that makes its input fit",
    "only the channels are compared",
  ],
  "a shortcut for strides only": [
    class extends BasicBlock {
      override changes(_inputs: number, _outputs: number, stride: number) {
        return stride !== 1;
      }
    },
    "only the stride is looked at",
  ],
  "a projection in every block": [
    class extends BasicBlock {
      override changes() {
        return true;
      }
    },
    "has 3 convolutions, though its input fits",
  ],
  "a shortcut without stride": [
    class extends BasicBlock {
      override projectionStride() {
        return 1;
      }
    },
    "`projection` has stride 1, but should have 2",
    "skip as many places as the main path",
  ],
};

Deno.test("checkBasicBlock accepts the solution", async () => {
  const line = await passes(() => checkBasicBlock(BasicBlock, { points: 2 }));
  assertStringIncludes(line, "✔ Basic block: values and gradients are right");
  assert(line.endsWith("(2 points)"));
});

mistakes("checkBasicBlock names what is wrong with", wrong, checkBasicBlock);

Deno.test("checkBasicBlock says only so where nothing is written yet", async () => {
  class Stub extends Module {
    constructor(_options: BasicBlockOptions) {
      super();
      throw new Error("Not solved yet: write your code here");
    }
    forward(x: tf.Tensor) {
      return x;
    }
  }
  const error = await assertRejects(() => checkBasicBlock(Stub));
  assertStringIncludes((error as Error).message, "is not written yet");
  assert(!(error as Error).message.includes("With inputs"));
});
