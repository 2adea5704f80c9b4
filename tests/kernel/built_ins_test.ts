/** What cells have put in a built-in's place is put back while a check runs, and comes back after it. */
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as library from "../../lib/mod.ts";
import { keepBuiltIns } from "../../python/tessera_kernel/inside/built_ins.ts";

// deno-lint-ignore no-explicit-any
type Changeable = Record<PropertyKey, any>;

Deno.test("Built-ins, tfjs's functions and kernels, and the library's classes are put back", () => {
  const engine = tf.engine() as unknown as Changeable;
  const kernel = tf.getKernel("Sub", tf.getBackend()) as unknown as Changeable;
  const places: [string, Changeable, PropertyKey][] = [
    ["Math.abs", Math as unknown as Changeable, "abs"],
    ["Promise.prototype.then", Promise.prototype as unknown as Changeable, "then"],
    ["Map.prototype.get", Map.prototype as unknown as Changeable, "get"],
    ["Array.prototype.every", Array.prototype as unknown as Changeable, "every"],
    ["Reflect.defineProperty", Reflect as unknown as Changeable, "defineProperty"],
    ["JSON.stringify", JSON as unknown as Changeable, "stringify"],
    ["globalThis.Math", globalThis as unknown as Changeable, "Math"],
    ["Tensor.prototype.dataSync", tf.Tensor.prototype as unknown as Changeable, "dataSync"],
    ["losses", tf.losses as unknown as Changeable, "softmaxCrossEntropy"],
    ["Linear.prototype.forward", library.Linear.prototype as unknown as Changeable, "forward"],
    ["engine.runKernel", engine, "runKernel"],
    ["a kernel", kernel, "kernelFunc"],
  ];
  const names = places.map(([name]) => name);
  const values = places.map(([, target, key]) => target[key]);
  const builtIns = keepBuiltIns(tf as Changeable, library as Changeable);
  const { hasOwn } = Object;
  const found: boolean[] = [], again: boolean[] = [];
  let hadAddition = true, hasAddition = false;
  // Nothing of what is changed may be used in here.
  for (let i = places.length - 1; i >= 0; i--) places[i][1][places[i][2]] = { fake: places[i][0] };
  (Object.prototype as Changeable).hint = true;
  const putBack = builtIns.restore();
  for (let i = 0; i < places.length; i++) found[i] = places[i][1][places[i][2]] === values[i];
  hadAddition = hasOwn(Object.prototype, "hint");
  putBack();
  for (let i = 0; i < places.length; i++) again[i] = places[i][1][places[i][2]] !== values[i];
  hasAddition = hasOwn(Object.prototype, "hint");
  builtIns.restore();
  assertEquals(names.filter((_, i) => !found[i]), []);
  // Kernels are nobody's by accident, and stay as they were.
  assertEquals(names.filter((_, i) => !again[i]), ["a kernel"]);
  assertEquals([hadAddition, hasAddition], [false, true]);
});
