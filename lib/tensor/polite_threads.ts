/** Threads that compute leave those their turn that answer: cells of this notebook and of others on the machine. */
import { kernelDoor } from "../platform/kernel_door.ts";

/** How much further back they stand than the thread that runs cells, in the steps of `nice`: a ninth of its weight. */
const steps = 10;

/** The names of threads that Deno may start meanwhile. */
const denosOwn = /^(V8|tokio)/;

/**
 * Calls `make`, in which TensorFlow starts its threads, and puts those back. In a notebook's kernel on Linux, where
 * each thread has a priority of its own; elsewhere it only calls. Other programs are not held up by a notebook, and
 * a training that has the machine to itself takes no longer.
 */
export function withPoliteThreads<T>(make: () => T): T {
  if (Deno.build.os !== "linux" || kernelDoor() === undefined) return make();
  const before = new Set(threads());
  const made = make();
  try {
    putBack(threads().filter((id) => !before.has(id) && !denosOwn.test(nameOf(id))));
  } catch {
    // Another C library, or nothing at /proc: then all have the same priority.
  }
  return made;
}

function threads(): string[] {
  try {
    return [...Deno.readDirSync("/proc/self/task")].map(({ name }) => name);
  } catch {
    return [];
  }
}

const nameOf = (id: string) => Deno.readTextFileSync(`/proc/self/task/${id}/comm`);

function putBack(ids: readonly string[]): void {
  const PRIO_PROCESS = 0; // for Linux, a thread
  const libc = Deno.dlopen("libc.so.6", {
    getpriority: { parameters: ["i32", "u32"], result: "i32" },
    setpriority: { parameters: ["i32", "u32", "i32"], result: "i32" },
  });
  const now = libc.symbols.getpriority(PRIO_PROCESS, 0);
  for (const id of ids) libc.symbols.setpriority(PRIO_PROCESS, Number(id), now + steps);
  libc.close();
}
