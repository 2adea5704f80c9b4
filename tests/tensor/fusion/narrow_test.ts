/** Kernels of rows and heads that fill no vector, in processes of their own: on some threads, with some vectors. */
import { assertEquals } from "@std/assert";
import { run } from "../subprocess.ts";
import { llvm } from "./kernels.ts";

const source = `
  import { differencesOfNarrowShapes } from "./tests/tensor/fusion/narrow.ts";
  import "./lib/mod.ts";
  console.log(JSON.stringify(await differencesOfNarrowShapes()));`;

for (
  const [how, environment] of [
    ["on one thread, with the processor's longest vectors", { TESSERA_THREADS: "1" }],
    ["on two threads, with the processor's longest vectors", { TESSERA_THREADS: "2" }],
    ["on one thread, held to AVX2", { TESSERA_THREADS: "1", ONEDNN_MAX_CPU_ISA: "AVX2" }],
    ["on two threads, held to AVX2", { TESSERA_THREADS: "2", ONEDNN_MAX_CPU_ISA: "AVX2" }],
  ] as const
) {
  Deno.test({
    name: `narrow attention, LayerNorm and softmax are the same fused and eagerly, ${how}`,
    ignore: llvm === undefined,
    async fn() {
      const { output, errors } = await run(source, { ONEDNN_MAX_CPU_ISA: "", ...environment });
      assertEquals(JSON.parse(output || "null"), [], errors);
    },
  });
}
