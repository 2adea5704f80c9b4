/** What the processor is, as the system tells. */

/** Text that names it and what it can; empty where the system tells nothing. */
export function processorText(): string {
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

let longVectors: boolean | undefined;

/** Whether it has vectors of 512 bits with masks (AVX-512 as servers have it). */
export function hasLongVectors(): boolean {
  return longVectors ??= ["avx512f", "avx512bw", "avx512dq", "avx512vl"].every((flag) =>
    processorText().match(new RegExp(`^flags\\s*:.*\\b${flag}\\b`, "m")) !== null
  );
}
