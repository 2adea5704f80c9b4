import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CheckError, checkRunner } from "../../lib/exercises/engine/check.ts";
import { nativeBackend } from "../../lib/tensor/native.ts";
import { inFullPrecision } from "../../lib/tensor/precision.ts";
import "../../lib/tensor/tf.ts";

const { runCheck } = checkRunner();

Deno.test("inFullPrecision switches TF32 off for a call, and on again also after an error", () => {
  const api = nativeBackend()?.binding.api;
  const isOn = () => api?.isTensorFloat32Enabled?.() ?? false;
  const before = isOn();
  assertEquals(inFullPrecision(() => isOn()), false);
  assertEquals(isOn(), before);
  assertThrows(() =>
    inFullPrecision(() => {
      throw new RangeError("wrong");
    }), RangeError);
  assertEquals(isOn(), before);
  assertEquals(api === undefined || before, true, "TensorFlow allows TF32 by itself");
});

Deno.test("checks compute in full float32", async () => {
  const api = nativeBackend()?.binding.api;
  let isOn: boolean | undefined;
  await assertRejects(() =>
    runCheck("Task", {}, () => {
      isOn = api?.isTensorFloat32Enabled?.() ?? false;
      throw new CheckError("wrong");
    }), CheckError);
  assertEquals(isOn, false);
});
