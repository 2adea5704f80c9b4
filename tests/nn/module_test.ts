import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { Dropout } from "../../lib/nn/dropout.ts";
import { Linear } from "../../lib/nn/linear.ts";
import { everyPathOf, Module } from "../../lib/nn/module.ts";
import { BatchNorm2d } from "../../lib/nn/normalization.ts";
import { countParameters } from "../../lib/nn/summary.ts";
import { SGD } from "../../lib/training/optimizers.ts";

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

Deno.test("Module finds variables and randoms in arrays", () => {
  class Mixture extends Module {
    readonly ws = [tf.variable(tf.ones([2])), tf.variable(tf.zeros([3]), false)];
    readonly parts = [new Linear(2, 3, { bias: false, random }), tf.variable(tf.scalar(1)), 7];
    readonly randoms = [new Random(3), new Random(4)];
    forward(x: tf.Tensor): tf.Tensor {
      return x;
    }
  }
  const mixture = new Mixture();
  assertEquals([...mixture.namedVariables().keys()], ["ws.0", "ws.1", "parts.1", "parts.0.weight"]);
  assertEquals([...mixture.namedParameters().keys()], ["ws.0", "parts.1", "parts.0.weight"]);
  assertEquals([...mixture.namedRandoms().values()], mixture.randoms);
  assertEquals([...mixture.namedRandoms().keys()], ["randoms.0", "randoms.1"]);
  mixture.dispose();
  assertEquals(mixture.ws.map((variable) => variable.isDisposed), [true, true]);
});

/** One layer in two places, and its weight in a third; likewise a source of randomness. */
class Tied extends Module {
  readonly first = new Linear(3, 3, { bias: false, random });
  readonly again = [this.first];
  readonly decoder = this.first.weight;
  readonly randoms = Array<Random>(2).fill(new Random(3));

  forward(x: tf.Tensor): tf.Tensor {
    return tf.matMul(this.again[0].forward(this.first.forward(x)), this.decoder);
  }
}

Deno.test("Module names what stands in several places once, by its first path", () => {
  const tied = new Tied();
  assertEquals([...tied.namedParameters().keys()], ["decoder"]);
  assertEquals([...tied.namedModules().keys()], ["", "first"]);
  assertEquals([...tied.namedRandoms().keys()], ["randoms.0"]);
  assertEquals([...everyPathOf(tied, tf.Variable)], [
    ["decoder", tied.decoder],
    ["first.weight", tied.decoder],
    ["again.0.weight", tied.decoder],
  ]);
  assertEquals(countParameters(tied), 9);
});

Deno.test("a tied weight makes one step of the optimizer", () => {
  const tied = new Tied();
  const optimizer = new SGD(tied, { momentum: 0.9, weightDecay: 0.5 });
  assertEquals([...optimizer.namedVariables().keys()], ["velocity.decoder"]);
  tied.decoder.assign(tf.ones([3, 3]));
  optimizer.apply([tf.ones([3, 3])], tf.scalar(0.25));
  assertEquals([...tied.decoder.dataSync()], Array(9).fill(1 - 0.25 * (1 + 0.5)));
});

Deno.test("a module that is inside of itself is named", () => {
  class Child extends Module {
    parent?: Module;
    forward(x: tf.Tensor): tf.Tensor {
      return x;
    }
  }
  class Parent extends Child {
    readonly child = new Child();
  }
  const parent = new Parent();
  parent.child.parent = parent;
  assertThrows(
    () => parent.namedParameters(),
    TypeError,
    "Parent: its field child.parent leads back to a module that it is in",
  );
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
