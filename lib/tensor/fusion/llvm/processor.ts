/** Which processor kernels are made for, told without loading LLVM. */
import type { Target } from "./compiler.ts";
import type { Tuning } from "./tuning.ts";

/** Text that differs wherever the machine code of kernels may differ. */
export function processorIdentity(): string {
  return [Deno.build.arch, Deno.build.os, processorText(), heldTo() ?? ""].join("\n");
}

function processorText(): string {
  if (Deno.build.os === "darwin") return brandOfMac();
  try {
    // Of the first core; frequencies change.
    const lines = Deno.readTextFileSync("/proc/cpuinfo").split("\n\n")[0].split("\n");
    const telling = /^(vendor_id|cpu family|model|stepping|flags|Features|CPU )/;
    return lines.filter((line) => telling.test(line)).join("\n");
  } catch {
    return "";
  }
}

function brandOfMac(): string {
  const { symbols: { sysctlbyname }, close } = Deno.dlopen("libSystem.dylib", {
    sysctlbyname: { parameters: ["buffer", "buffer", "buffer", "pointer", "usize"], result: "i32" },
  });
  const text = new Uint8Array(256), length = BigUint64Array.of(256n);
  const name = new TextEncoder().encode("machdep.cpu.brand_string\0");
  const failed = sysctlbyname(name, text, length, null, 0n);
  close();
  return failed ? "" : new TextDecoder().decode(text.subarray(0, Number(length[0])));
}

/** Instruction sets by oneDNN's names, with what LLVM calls those beyond them. */
const beyond: Record<string, readonly RegExp[]> = {
  SSE41: [/^avx/, /^amx/, /^fma/, /^f16c/, /^xop/, /^vaes/, /^vpclmul/, /^gfni/],
  AVX: [/^avx[^,]/, /^amx/, /^fma/, /^f16c/, /^xop/, /^vaes/, /^vpclmul/, /^gfni/],
  AVX2: [/^avx512/, /^avx10/, /^amx/],
};

/** Who holds oneDNN's kernels to older instructions means ours as well. */
function heldTo(): string | undefined {
  const name = Deno.env.get("ONEDNN_MAX_CPU_ISA")?.toUpperCase();
  return name && Object.hasOwn(beyond, name) ? name : undefined;
}

/** What kernels' text should suit on this processor. */
export function tuningHere(): Tuning {
  const flags = new Set(processorText().match(/^flags\s*:(.*)$/m)?.[1].trim().split(" "));
  const hasMasks = ["avx512f", "avx512bw", "avx512dq", "avx512vl"].every((each) => flags.has(each));
  return { maskedVectors: hasMasks && heldTo() === undefined };
}

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
