/** Which processor kernels are made for, told without loading LLVM. */
import { hasLongVectors, processorText } from "../../processor.ts";
import type { Target } from "./compiler.ts";
import type { Tuning } from "./tuning.ts";

/** Text that differs wherever the machine code of kernels may differ. */
export function processorIdentity(): string {
  return [Deno.build.arch, Deno.build.os, processorText(), heldTo() ?? ""].join("\n");
}

const beyondAvx2 = [/^avx512/, /^avx10/, /^amx/];

/** Instruction sets by oneDNN's names, with what LLVM calls those beyond them. */
const beyond: Record<string, readonly RegExp[]> = {
  SSE41: [/^avx/, /^amx/, /^fma/, /^f16c/, /^xop/, /^vaes/, /^vpclmul/, /^gfni/],
  AVX: [/^avx[^,]/, /^amx/, /^fma/, /^f16c/, /^xop/, /^vaes/, /^vpclmul/, /^gfni/],
  AVX2: beyondAvx2,
  AVX2_VNNI: beyondAvx2,
  AVX2_VNNI_2: beyondAvx2,
};

/** Who holds oneDNN's kernels to older instructions, by either of its variables, means ours as well. */
function heldTo(): string | undefined {
  const given = Deno.env.get("ONEDNN_MAX_CPU_ISA") || Deno.env.get("DNNL_MAX_CPU_ISA");
  const name = given?.toUpperCase();
  return name && Object.hasOwn(beyond, name) ? name : undefined;
}

/** What kernels' text should suit on this processor. */
export const tuningHere = (): Tuning => ({
  longVectors: hasLongVectors() && heldTo() === undefined,
});

/** What code is made for on this processor. */
export function targetOf(host: Target): Target {
  const limit = heldTo();
  const features = host.features.split(",").map((feature) => {
    const isBeyond = limit !== undefined &&
      beyond[limit].some((pattern) => pattern.test(feature.slice(1)));
    return isBeyond ? `-${feature.slice(1)}` : feature;
  });
  // Apple's systems use this register for themselves.
  if (host.architecture === "aarch64") features.push("+reserve-x18");
  return { ...host, features: features.join(",") };
}
