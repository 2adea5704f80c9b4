/** How a process ends that has loaded TensorFlow. */

let arranged = false;

/**
 * Lets the process end without the tear-down of loaded libraries, with the exit code that it has:
 * TensorFlow's would crash where an op still runs on another thread. Needs glibc; does nothing on
 * macOS.
 */
export function leaveWithoutTearDown(): void {
  if (arranged || Deno.build.os !== "linux") return;
  arranged = true;
  const { on_exit, dlsym } = Deno.dlopen("libc.so.6", {
    on_exit: { parameters: ["pointer", "pointer"], result: "i32" },
    dlsym: { parameters: ["pointer", "buffer"], result: "pointer" },
  }).symbols;
  // Handlers run in the reverse order: this one comes before those of the libraries, and `_exit`
  // takes the exit code that `on_exit` passes to it.
  on_exit(dlsym(null, new TextEncoder().encode("_exit\0")), null);
}
