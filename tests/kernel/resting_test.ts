/** An idle kernel gives memory back, and none while a training runs. */
import { assert, assertLess } from "@std/assert";
import { kernelProgram } from "./driver.ts";

Deno.test({
  name: "An idle kernel gives back what was freed, and not before a training has ended",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const { success, stdout, stderr } = await kernelProgram("resting.py").output();
    assert(success, new TextDecoder().decode(stderr));
    const { training, idle, large } = JSON.parse(new TextDecoder().decode(stdout));
    assertLess(300, training, "what is freed while a training runs stays");
    assertLess(idle, training - 270);
    assertLess(large, 40, "what Deno sets aside for benchmarks is not there");
  },
});
