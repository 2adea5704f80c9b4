/** How a process ends that has loaded TensorFlow. */

let arranged = false;

/**
 * Lets the process end without the tear-down of loaded libraries, with the exit code that it has:
 * what TensorFlow frees then may still be in use by an op on another thread. Needs glibc; does
 * nothing elsewhere.
 */
export function leaveWithoutTearDown(): void {
  if (arranged || Deno.build.os !== "linux") return;
  arranged = true;
  const libc = openGlibc();
  if (!libc) return;
  const { on_exit, __cxa_thread_atexit_impl, exitAtOnce, onExit } = libc.symbols;
  // `exit` runs its handlers in the reverse order: ours, before those of the libraries loaded so
  // far, ends the process by `_exit`, which takes the exit code that `on_exit` passes to it.
  on_exit(exitAtOnce, null);
  // But oneDNN adds handlers as ops run for the first time; they give back the machine code that its
  // threads may be running. `exit` calls the thread's own clean-up before any handler, and ours is
  // `on_exit(_exit)` again: the handler that it adds then is the last one, and runs first.
  __cxa_thread_atexit_impl(onExit, exitAtOnce, null);
}

/** A static of type "pointer" is its symbol's address: `dlsym` is not in every glibc's libc. */
function openGlibc() {
  try {
    return Deno.dlopen("libc.so.6", {
      on_exit: { parameters: ["pointer", "pointer"], result: "i32" },
      __cxa_thread_atexit_impl: { parameters: ["pointer", "pointer", "pointer"], result: "i32" },
      exitAtOnce: { name: "_exit", type: "pointer" },
      onExit: { name: "on_exit", type: "pointer" },
    });
  } catch {
    return null;
  }
}
