/** The system's own `dlopen`, for what `Deno.dlopen` does not offer: libraries that stay loaded. */

const isMac = () => Deno.build.os === "darwin";
const RTLD_NOW = 2;
const nodelete = () => isMac() ? 0x80 : 0x1000;

/** Where `dlopen` lives: in libc, in libdl before version 2.34 of glibc. */
const homesOfLoader = () => isMac() ? ["libSystem.dylib"] : ["libc.so.6", "libdl.so.2"];

const declaration = {
  dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
} as const;

let loader: Deno.DynamicLibrary<typeof declaration> | undefined;

function findLoader(): Deno.DynamicLibrary<typeof declaration> {
  const homes = homesOfLoader();
  for (const home of homes) {
    try {
      return Deno.dlopen(home, declaration);
    } catch {
      // The next one has it.
    }
  }
  throw new Error(`no dlopen in ${homes.join(" or ")}`);
}

/**
 * Loads a library until the process is gone, and says whether that went well. Deno unloads its
 * libraries when a process ends; TensorFlow's threads are still running then, and would crash.
 */
export function loadForGood(path: string): boolean {
  loader ??= findLoader();
  const name = new TextEncoder().encode(path + "\0");
  return loader.symbols.dlopen(name, RTLD_NOW | nodelete()) !== null;
}
