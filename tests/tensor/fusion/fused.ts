/** Runs steps with fused kernels, for tests. */
import { assert, assertEquals } from "@std/assert";
import { compile, type CompileReport } from "../../../lib/tensor/compile.ts";
import type { FusionChoice } from "../../../lib/tensor/requests.ts";
import type * as tf from "../../../lib/tensor/tf.ts";

/** Empty: nothing is said. */
type Choice = FusionChoice | "";

/** What a task gives under a choice of `TESSERA_FUSION`, which is put back afterwards. */
export async function withFusion<T>(
  choice: Choice,
  task: () => Promise<T>,
): Promise<T> {
  const before = Deno.env.get("TESSERA_FUSION");
  Deno.env.set("TESSERA_FUSION", choice);
  try {
    return await task();
  } finally {
    if (before === undefined) Deno.env.delete("TESSERA_FUSION");
    else Deno.env.set("TESSERA_FUSION", before);
  }
}

export interface Ran {
  /** The values of each call's outputs. */
  calls: Float32Array[][];
  report: CompileReport;
}

/** Calls a compiled step so often. */
export function ran(
  choice: Choice,
  step: (...inputs: tf.Tensor[]) => tf.Tensor[],
  inputs: tf.Tensor[],
  calls = 2,
): Promise<Ran> {
  return withFusion(choice, async () => {
    const compiled = compile(step, { name: "step" });
    const values: Float32Array[][] = [];
    for (let call = 0; call < calls; call++) {
      const outputs = await compiled(...inputs);
      values.push(outputs.map((output) => Float32Array.from(output.dataSync())));
      outputs.forEach((output) => output.dispose());
    }
    const [report] = compiled.reports();
    compiled.dispose();
    return { calls: values, report };
  });
}

/** Holds numbers against others, by a share of the largest. */
export function assertNear(actual: Float32Array, expected: Float32Array, tolerance: number): void {
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  assertEquals(actual.length, expected.length);
  actual.forEach((value, at) =>
    assert(Math.abs(value - expected[at]) <= tolerance * scale, `${value}, not ${expected[at]}`)
  );
}
