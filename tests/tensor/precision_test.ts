import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { CheckError, checkRunner } from "../../lib/exercises/engine/check.ts";
import { nativeBackend } from "../../lib/tensor/native.ts";
import { compile } from "../../lib/tensor/compile.ts";
import {
  inFullPrecision,
  inPrecision,
  precision,
  switchPrecision,
} from "../../lib/tensor/precision.ts";
import { startPrecision } from "../../lib/tensor/precision_switch.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { run } from "./subprocess.ts";

const isOn = () => nativeBackend()?.binding.api.isTensorFloat32Enabled?.() ?? false;

Deno.test("TensorFlow does not round factors to TF32, unless it is asked to", async () => {
  const show = `
    import "@tensorflow/tfjs";
    import { precision } from "./lib/tensor/precision.ts";
    console.log(precision());
  `;
  assertEquals((await run(show)).output, "float32");
  assertEquals((await run(show, { TESSERA_PRECISION: "TF32" })).output, "tf32");
  const { code, errors } = await run(show, { TESSERA_PRECISION: "half" });
  assertEquals(code, 1);
  assertStringIncludes(errors, 'TESSERA_PRECISION is "half", must be "float32" or "tf32"');
});

const { runCheck } = checkRunner();

Deno.test("inFullPrecision switches TF32 off for a call, and on again also after an error", () => {
  const end = switchPrecision("tf32");
  try {
    assertEquals([isOn(), precision()], [true, "tf32"]);
    assertEquals(inFullPrecision(() => isOn()), false);
    assertEquals(isOn(), true);
    assertThrows(() =>
      inFullPrecision(() => {
        throw new RangeError("wrong");
      }), RangeError);
    assertEquals(isOn(), true);
  } finally {
    end();
  }
  assertEquals([isOn(), precision()], [false, "float32"]);
});

Deno.test("compile: a step has a precision of its own, and one form for each", async () => {
  const seen: boolean[] = [];
  const step = (x: tf.Tensor) => {
    seen.push(isOn());
    return tf.matMul(x, x);
  };
  const x = tf.tensor2d([[1, 2], [3, 4]]);
  const rounded = compile(step, { precision: "tf32" }), plain = compile(step);
  const values = async (compiled: typeof plain) => [...await (await compiled(x)).data()];
  for (let call = 0; call < 2; call++) {
    assertEquals(await values(rounded), [7, 10, 15, 22]);
    assertEquals(isOn(), false);
  }
  await values(plain);
  const end = switchPrecision("tf32");
  await values(plain).finally(end);
  await values(plain);
  assertEquals(seen, [true, false, true], "recorded once for each precision");
  rounded.dispose();
  plain.dispose();
});

Deno.test("a step that is not compiled has its precision, too", async () => {
  const step = compile(() => tf.scalar(isOn() ? 1 : 0), { precision: "tf32", enabled: false });
  assertEquals((await step()).dataSync()[0], 1);
  assertEquals(isOn(), false);
});

Deno.test("where TensorFlow has no switch, it keeps to its setting, and a line says so once", () => {
  const { binding } = nativeBackend()!;
  const api = binding.api as Record<string, unknown>;
  const { enableTensorFloat32 } = api, { isUsingGpuDevice } = binding, { warn } = console;
  const override = Deno.env.get("NVIDIA_TF32_OVERRIDE");
  const lines: string[] = [];
  console.warn = (line: string) => lines.push(line);
  api.enableTensorFloat32 = null;
  try {
    Deno.env.delete("NVIDIA_TF32_OVERRIDE");
    startPrecision(binding.api, "tf32");
    assertEquals(Deno.env.get("NVIDIA_TF32_OVERRIDE"), undefined);
    startPrecision(binding.api, "float32");
    assertEquals(Deno.env.get("NVIDIA_TF32_OVERRIDE"), "0");
    assertEquals(inPrecision("tf32", precision), "float32");
    assertEquals(lines, [], "on the processor both are the same");
    binding.isUsingGpuDevice = () => true;
    for (let time = 0; time < 2; time++) assertEquals(inPrecision("tf32", precision), "float32");
    assertEquals(lines.length, 1);
    assertStringIncludes(lines[0], "the card computes in float32, also where tf32 is wanted");
  } finally {
    api.enableTensorFloat32 = enableTensorFloat32;
    binding.isUsingGpuDevice = isUsingGpuDevice;
    console.warn = warn;
    if (override === undefined) Deno.env.delete("NVIDIA_TF32_OVERRIDE");
    else Deno.env.set("NVIDIA_TF32_OVERRIDE", override);
  }
});

Deno.test("checks compute in full float32", async () => {
  const end = switchPrecision("tf32");
  let seen: boolean | undefined;
  await assertRejects(() =>
    runCheck("Task", {}, () => {
      seen = isOn();
      throw new CheckError("wrong");
    }), CheckError).finally(end);
  assertEquals(seen, false);
});
