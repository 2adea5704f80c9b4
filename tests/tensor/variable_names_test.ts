import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import tfDefault from "@tensorflow/tfjs";

Deno.test("tf.variable: a name that is taken gets a number, and is free again once it is disposed", () => {
  const make = () => tf.variable(tf.ones([2]), true, "token");
  const variables = [make(), make(), tf.ones([2]).variable(true, "token")];
  variables.push(tfDefault.variable(tf.ones([2]), true, "token"));
  assertEquals(variables.map(({ name }) => name), ["token", "token_1", "token_2", "token_3"]);
  const { grads } = tf.variableGrads(
    () => tf.sum(tf.addN(variables.map((each, index) => tf.mul(each, index)))),
    variables,
  );
  assertEquals(variables.map(({ name }) => grads[name].dataSync()[0]), [0, 1, 2, 3]);
  variables[0].dispose();
  const again = make();
  assertEquals(again.name, "token");
  tf.dispose([...variables.slice(1), again, ...Object.values(grads)]);
});

Deno.test("tf.variable: without a name it has one of its own, not to be trained if told so", () => {
  const [one, other] = [
    tf.variable(tf.ones([2]), false),
    tf.tensor([1.5]).variable(false, "", "int32"),
  ];
  assertEquals([one.trainable, other.trainable, other.dtype], [false, false, "int32"]);
  assertEquals(one.name === other.name, false);
  tf.dispose([one, other]);
});
