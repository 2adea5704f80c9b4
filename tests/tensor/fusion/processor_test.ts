/** Which processor kernels are made for. */
import { assertEquals } from "@std/assert";
import {
  processorIdentity,
  targetOf,
  tuningHere,
} from "../../../lib/tensor/fusion/llvm/processor.ts";

const names = ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"];

/** What a task gives with nothing but these variables of oneDNN's. */
function held<T>(variables: Record<string, string>, task: () => T): T {
  const before = names.map((name) => Deno.env.get(name));
  const set = (name: string, value?: string) =>
    value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  try {
    names.forEach((name) => set(name, variables[name]));
    return task();
  } finally {
    names.forEach((name, at) => set(name, before[at]));
  }
}

Deno.test("what holds oneDNN to instructions, by whichever of its names, holds fused kernels to them", () => {
  const host = {
    architecture: "x86_64",
    processor: "some",
    features: "+avx2,+fma,+avx512f",
  } as const;
  const features = (variables: Record<string, string>) =>
    held(variables, () => targetOf(host).features);
  assertEquals(features({}), "+avx2,+fma,+avx512f");
  assertEquals(features({ ONEDNN_MAX_CPU_ISA: "AVX512_CORE" }), "+avx2,+fma,+avx512f");
  for (const name of names) {
    for (const set of ["AVX2", "avx2_vnni", "AVX2_VNNI_2"]) {
      assertEquals(features({ [name]: set }), "+avx2,+fma,-avx512f", `${name}=${set}`);
    }
    assertEquals(features({ [name]: "AVX" }), "-avx2,-fma,-avx512f");
  }
  const both = { ONEDNN_MAX_CPU_ISA: "AVX2", DNNL_MAX_CPU_ISA: "SSE41" };
  assertEquals(features(both), "+avx2,+fma,-avx512f");
  assertEquals(held(both, tuningHere), { longVectors: false });
  const own = new Set(
    [{}, ...names.map((name) => ({ [name]: "AVX2_VNNI" }))].map((each) =>
      held(each, processorIdentity)
    ),
  );
  assertEquals(own.size, 2, "kernels of one are taken for those of another");
});
