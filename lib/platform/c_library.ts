/** The file of the system's C library, as `Deno.dlopen` takes it. */
export const cLibrary: string = Deno.build.os === "darwin" ? "libSystem.dylib" : "libc.so.6";
