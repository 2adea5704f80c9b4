import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { compile } from "../../lib/tensor/compile.ts";
import { WeightAverage } from "../../lib/training/weight_average.ts";
import { SmallNet, valuesOf } from "./small.ts";

Deno.test("WeightAverage follows the weights by its decay, compiled and eager", async () => {
  for (const enabled of [true, false]) {
    const model = new SmallNet();
    const bias = model.last.bias!;
    const start = bias.dataSync().slice();
    const average = new WeightAverage(model, 0.75);
    const step = compile((value: tf.Scalar) => {
      bias.assign(tf.add(tf.zerosLike(bias), value));
      average.update();
      return value;
    }, { enabled });
    let expected = [...start];
    for (const value of [1, 2, 4]) {
      const input = tf.scalar(value);
      tf.dispose([await step(input), input]);
      expected = expected.map((mean) => 0.75 * mean + 0.25 * value);
    }
    const averaged = average.namedVariables().get("last.bias")!;
    expected.forEach((value, index) =>
      assertAlmostEquals(averaged.dataSync()[index], value, 1e-6, `compiled: ${enabled}`)
    );
    average.swap();
    assertAlmostEquals(bias.dataSync()[0], expected[0], 1e-6);
    average.swap();
    assertEquals([...bias.dataSync()], [4, 4, 4]);
    average.dispose();
  }
});

Deno.test("WeightAverage starts at the weights and refuses a wrong decay", () => {
  const model = new SmallNet();
  const before = valuesOf(model);
  const average = new WeightAverage(model, 0.9);
  average.swap();
  assertEquals(valuesOf(model), before);
  average.dispose();
  assertThrows(() => new WeightAverage(model, 1), RangeError, "decay is 1");
});
