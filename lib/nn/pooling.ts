import type * as tf from "../tensor/tf.ts";
import { globalAveragePool, maxPool2d } from "./functional.ts";
import { Module } from "./module.ts";
import { expectCount, expectShape } from "./shapes.ts";

/** The largest value of each window and channel: `[B, height, width, C] → [B, height′, width′, C]`. */
export class MaxPool2d extends Module {
  readonly size: number;
  readonly stride: number;
  readonly padding: number;

  constructor(size: number, { stride = size, padding = 0 } = {}) {
    super();
    expectCount("MaxPool2d", "size", size);
    expectCount("MaxPool2d", "stride", stride);
    expectCount("MaxPool2d", "padding", padding, 0);
    this.size = size;
    this.stride = stride;
    this.padding = padding;
  }

  forward(x: tf.Tensor): tf.Tensor {
    expectShape("MaxPool2d", "input", x, ["B", "height", "width", "C"]);
    return maxPool2d(x, this.size, { stride: this.stride, padding: this.padding });
  }
}

/** The mean over all places of each channel: `[B, height, width, C] → [B, C]`. */
export class GlobalAveragePool extends Module {
  forward(x: tf.Tensor): tf.Tensor {
    expectShape("GlobalAveragePool", "input", x, ["B", "height", "width", "C"]);
    return globalAveragePool(x);
  }
}
