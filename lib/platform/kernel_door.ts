/** What stands between Jupyter and this kernel (`python/tessera_kernel`), as far as the library needs it. */

/** A call that ends by itself soon after Stop. */
export interface Watcher {
  stop(): void;
  /** Takes an error of a timer, or of a promise that nothing awaits. */
  fail(error: unknown): void;
}

export interface KernelDoor {
  /** Says that such a call has begun, which the door then waits for; returns how to say that it has ended. */
  watch(watcher: Watcher): () => void;
  /** Called when Stop has cut a loop off, whose `finally` blocks did not run: each puts a state right. */
  readonly repairs: Set<() => void>;
}

/** The door; `undefined` outside a notebook's kernel. */
export function kernelDoor(): KernelDoor | undefined {
  return (globalThis as Record<symbol, unknown>)[Symbol.for("tessera.kernel")] as
    | KernelDoor
    | undefined;
}
