/** How a process ends that has loaded TensorFlow. */

let arranged = false;

/**
 * Lets the process end without the tear-down of loaded libraries, with the exit code that it has:
 * what TensorFlow frees then may still be in use by an op on another thread. Needs glibc; does
 * nothing on macOS.
 */
export function leaveWithoutTearDown(): void {
  if (arranged || Deno.build.os !== "linux") return;
  arranged = true;
  const { on_exit, dlsym, __cxa_thread_atexit_impl } = Deno.dlopen("libc.so.6", {
    on_exit: { parameters: ["pointer", "pointer"], result: "i32" },
    dlsym: { parameters: ["pointer", "buffer"], result: "pointer" },
    __cxa_thread_atexit_impl: { parameters: ["pointer", "pointer", "pointer"], result: "i32" },
  }).symbols;
  const address = (name: string) => dlsym(null, new TextEncoder().encode(name + "\0"));
  // `exit` runs its handlers in the reverse order: ours, before those of the libraries loaded so
  // far, ends the process by `_exit`, which takes the exit code that `on_exit` passes to it.
  const exitAtOnce = address("_exit");
  on_exit(exitAtOnce, null);
  // But oneDNN adds handlers as ops run for the first time; they give back the machine code that its
  // threads may be running. `exit` calls the thread's own clean-up before any handler, and ours is
  // `on_exit(_exit)` again: the handler that it adds then is the last one, and runs first.
  __cxa_thread_atexit_impl(address("on_exit"), exitAtOnce, null);
}
