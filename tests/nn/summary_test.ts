import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { Relu } from "../../lib/nn/activation.ts";
import { Conv2d } from "../../lib/nn/convolution.ts";
import { Linear } from "../../lib/nn/linear.ts";
import { Module } from "../../lib/nn/module.ts";
import { BatchNorm2d } from "../../lib/nn/normalization.ts";
import { Sequential } from "../../lib/nn/sequential.ts";
import { summary } from "../../lib/nn/summary.ts";

await tf.ready();
const random = new Random(2);

function net() {
  return new Sequential(
    new Conv2d(3, 4, { stride: 2, padding: 1, bias: false, random }),
    new BatchNorm2d(4),
    new Relu(),
  );
}

Deno.test("summary lists modules with parameters and shapes", () => {
  const { rows, ...totals } = summary(net(), [2, 8, 6, 3]);
  assertEquals(totals, { parameters: 116, buffers: 8, bytes: 496 });
  const images = [2, 8, 6, 3];
  const features = [2, 4, 3, 4];
  const table = rows.map((row) => [row.path, row.type, row.depth, row.parameters]);
  assertEquals(table, [
    ["", "Sequential", 0, 116],
    ["layers.0", "Conv2d", 1, 108],
    ["layers.1", "BatchNorm2d", 1, 8],
    ["layers.2", "Relu", 1, 0],
  ]);
  assertEquals(rows.map((row) => row.inputShape), [images, images, features, features]);
  assertEquals(rows.map((row) => row.outputShape), [features, features, features, features]);
});

Deno.test("summary leaves the model as it was: modes, statistics, forward, tensors", () => {
  const model = net();
  model.setTraining(true);
  model.layers[2].setTraining(false);
  const before = tf.memory().numTensors;
  const forward = model.layers[0].forward;
  summary(model, [2, 8, 6, 3]);
  assertEquals(model.layers.map((layer) => layer.training), [true, true, false]);
  assertEquals(model.layers[0].forward, forward);
  assertEquals([...(model.layers[1] as BatchNorm2d).runningVariance.dataSync()], [1, 1, 1, 1]);
  assertEquals(tf.memory().numTensors, before);
  assertThrows(() => summary(model, [2, 8, 6, 5]), RangeError, "Conv2d: images of shape");
  assertEquals(model.layers.map((layer) => layer.training), [true, true, false]);
});

Deno.test("summary lists the parameters that lie beside modules, so that the parts add up", () => {
  class Shift extends Module {
    readonly shift = tf.variable(tf.zeros([1, 4]));
    readonly steps = tf.variable(tf.scalar(0), false);
    readonly body = new Linear(4, 3, { random });
    forward(x: tf.Tensor): tf.Tensor {
      return this.body.forward(tf.add(x, this.shift));
    }
  }
  const { rows, parameters, buffers } = summary(new Sequential(new Shift(), new Relu()), [2, 4]);
  assertEquals([parameters, buffers], [19, 1]);
  assertEquals(rows.map(({ path, type, depth }) => [path, type, depth]), [
    ["", "Sequential", 0],
    ["layers.0", "Shift", 1],
    ["layers.0.shift", "parameter", 2],
    ["layers.0.body", "Linear", 2],
    ["layers.1", "Relu", 1],
  ]);
  assertEquals(rows.map((row) => row.parameters), [19, 19, 4, 15, 0]);
  assertEquals([rows[2].inputShape, rows[2].outputShape], [null, [1, 4]]);
});

Deno.test("summary lists variables in arrays, and a module in two places once", () => {
  class Shared extends Module {
    readonly shifts = [tf.variable(tf.zeros([1, 4])), tf.variable(tf.zeros([4]))];
    readonly bodies = Array<Linear>(2).fill(new Linear(4, 4, { random }));
    forward(x: tf.Tensor): tf.Tensor {
      const shifted = this.shifts.reduce<tf.Tensor>((y, shift) => tf.add(y, shift), x);
      return this.bodies.reduce((y, body) => body.forward(y), shifted);
    }
  }
  const { rows, parameters } = summary(new Shared(), [2, 4]);
  assertEquals(parameters, 28);
  assertEquals(rows.map(({ path, type, parameters }) => [path, type, parameters]), [
    ["", "Shared", 28],
    ["shifts.0", "parameter", 4],
    ["shifts.1", "parameter", 4],
    ["bodies.0", "Linear", 20],
  ]);
});

Deno.test("summary says null where forward is not called", () => {
  class Spare extends Module {
    readonly used = new Relu();
    readonly unused = new Relu();
    forward(x: tf.Tensor): tf.Tensor {
      return this.used.forward(x);
    }
  }
  const { rows } = summary(new Spare(), [1, 5]);
  assertEquals(rows.map((row) => row.outputShape), [[1, 5], [1, 5], null]);
});
