/** Memory for machine code: written first, then run and written no more. */
import { cLibrary } from "../../../platform/c_library.ts";
import type { Image } from "./object_file.ts";

const isMac = Deno.build.os === "darwin";
const READ = 1, WRITE = 2, EXECUTE = 4;
const PRIVATE_ANONYMOUS = isMac ? 0x1002 : 0x22;

const declarations = {
  mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  mprotect: { parameters: ["pointer", "usize", "i32"], result: "i32" },
  // On macOS alone; Linux makes the processor forget old instructions when memory becomes code.
  sys_icache_invalidate: { parameters: ["pointer", "usize"], result: "void", optional: true },
} as const;

let system: Deno.DynamicLibrary<typeof declarations>["symbols"] | undefined;

/** A function or variable of the loaded image. */
export type AddressOf = (symbol: string) => bigint;

/**
 * Puts an image into memory, for as long as the process lives. `imports` gives the addresses that its variables
 * of that name hold. Throws an Error where the system allows no memory for code.
 */
export function loadImage(image: Image, imports: Readonly<Record<string, bigint>> = {}): AddressOf {
  system ??= Deno.dlopen(cLibrary, declarations).symbols;
  const { bytes, writableFrom, symbols } = image;
  const length = Math.max(bytes.length, writableFrom);
  const memory = system.mmap(null, BigInt(length), READ | WRITE, PRIVATE_ANONYMOUS, -1, 0n);
  const start = Deno.UnsafePointer.value(memory);
  if (memory === null || start === 0xffff_ffff_ffff_ffffn) {
    throw new Error("the system gives no memory for kernels");
  }
  const place = new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(memory, length));
  place.set(bytes);
  const view = new DataView(place.buffer);
  for (const [name, address] of Object.entries(imports)) {
    view.setBigUint64(symbols[name], address, true);
  }
  if (system.mprotect(memory, BigInt(writableFrom), READ | EXECUTE) !== 0) {
    throw new Error("the system lets no memory become code");
  }
  system.sys_icache_invalidate?.(memory, BigInt(writableFrom));
  return (symbol) => {
    if (!Object.hasOwn(symbols, symbol)) throw new Error(`compiled code has no ${symbol}`);
    return start + BigInt(symbols[symbol]);
  };
}
