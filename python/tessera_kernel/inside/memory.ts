/** Memory that the process has freed goes back to the system. */

/** What a C library has for it: the GNU one's `malloc_trim`, and macOS's. */
function trimOfLibrary(): (() => void) | undefined {
  try {
    if (Deno.build.os === "darwin") {
      const { symbols } = Deno.dlopen("libSystem.dylib", {
        malloc_zone_pressure_relief: { parameters: ["pointer", "usize"], result: "usize" },
      });
      return () => void symbols.malloc_zone_pressure_relief(null, 0n);
    }
    const { symbols } = Deno.dlopen("libc.so.6", {
      malloc_trim: { parameters: ["usize"], result: "i32" },
    });
    return () => void symbols.malloc_trim(0n);
  } catch {
    return undefined; // a C library that has nothing of the kind
  }
}

/** The library's part. */
export const rests = new Set<() => void>();

let trim: (() => void) | undefined;

/** Never while a training runs: each of its steps would have the memory mapped and cleared anew. */
export function giveBack(): void {
  for (const rest of rests) rest();
  trim ??= trimOfLibrary();
  trim?.();
}
