import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { Dropout } from "../../lib/nn/dropout.ts";
import { Linear } from "../../lib/nn/linear.ts";
import { Module } from "../../lib/nn/module.ts";
import { BatchNorm2d } from "../../lib/nn/normalization.ts";

await tf.ready();
const random = new Random(2);

class Tower extends Module {
  readonly floors = [new Linear(3, 4, { random }), new Linear(4, 3, { bias: false, random })];
  readonly norm = new BatchNorm2d(3);
  readonly dropout = new Dropout(0.5, { random });
  readonly scale = tf.variable(tf.scalar(2));
  readonly #hidden = new Linear(3, 3, { random });

  forward(x: tf.Tensor): tf.Tensor {
    const unused = this.#hidden.forward(x);
    return tf.mul(this.floors.reduce((y, floor) => floor.forward(y), unused), this.scale);
  }
}

Deno.test("Module names parameters, variables, modules and randoms by path", () => {
  const tower = new Tower();
  assertEquals([...tower.namedParameters().keys()], [
    "scale",
    "floors.0.weight",
    "floors.0.bias",
    "floors.1.weight",
    "norm.scale",
    "norm.shift",
  ]);
  assertEquals(
    [...tower.namedVariables().keys()].filter((path) => !tower.namedParameters().has(path)),
    ["norm.runningMean", "norm.runningVariance"],
  );
  assertEquals([...tower.namedModules().keys()], ["", "floors.0", "floors.1", "norm", "dropout"]);
  assertEquals([...tower.namedRandoms().keys()], ["dropout.random"]);
});

Deno.test("Module.setTraining reaches every module inside", () => {
  const tower = new Tower();
  const states = () => [...tower.namedModules().values()].map((module) => module.training);
  assertEquals(states(), [false, false, false, false, false]);
  tower.setTraining(true);
  assertEquals(states(), [true, true, true, true, true]);
  tower.norm.setTraining(false);
  assertEquals(states(), [true, true, true, false, true]);
});

Deno.test("Module.forward frees what it makes on its way", () => {
  const tower = new Tower();
  const x = tf.ones([2, 3]);
  const before = tf.memory().numTensors;
  const y = tower.forward(x);
  assertEquals(tf.memory().numTensors, before + 1);
  y.dispose();
});

Deno.test("Module.dispose frees every variable and source of randomness", () => {
  const before = tf.memory().numTensors;
  class Pair extends Module {
    readonly linear = new Linear(3, 4, { random });
    readonly dropout = new Dropout(0.5, { random });
    forward(x: tf.Tensor): tf.Tensor {
      return this.dropout.forward(this.linear.forward(x));
    }
  }
  const pair = new Pair();
  pair.dispose();
  assertEquals(tf.memory().numTensors, before);
  assertThrows(() => pair.forward(tf.zeros([2, 3])), Error);
});
