/** What stands between Jupyter and this kernel (`python/tessera_kernel`), as far as the library needs it. */

/** A call that ends by itself soon after Stop. */
export interface Watcher {
  stop(): void;
  /** Takes the warning that the kernel may be ended soon. */
  warn?(): void;
  /** Takes an error of a timer, or of a promise that nothing awaits. */
  fail?(error: unknown): void;
}

/** What a check found, for those who grade. */
export interface SealedRecord {
  task: string;
  /** `unmeasured`: there was nothing to be measured, as in a quick run; no points, and no mistake. */
  outcome: "passed" | "failed" | "unmeasured";
  /** What the check was told that it gives; undefined where it was told nothing. */
  points: number | undefined;
  bonus: number;
}

/** Signs a record by this run's secret, and sends it to the door. */
export type Seal = (record: SealedRecord) => void;

export interface KernelDoor {
  /** In grading, until the first cell runs: a way to sign, for a module of checks. Nothing otherwise. */
  claimSeal(): Seal | undefined;
  /**
   * In grading: puts built-ins, tfjs and the library's classes back as they were before the first cell; returns
   * what puts in place again what cells had made of them.
   */
  restoreBuiltIns(): () => void;
  /** The same for classes and built-ins alone, and for good: after a learner's code that a check has called. */
  restoreClasses(): void;
  /** Says that such a call has begun, which the door then waits for; returns how to say that it has ended. */
  watch(watcher: Watcher): () => void;
  /** The error with which a stopped cell ends. */
  stopped(): Error;
  /** What the running `finally` blocks of a cell would do, for when Stop cuts its code off instead. */
  readonly repairs: { add(repair: () => void): void; delete(repair: () => void): void };
  /** Called when Stop is about to cut off the code that runs, and when it has; other code may run before that. */
  readonly beforeCut: Set<() => void>;
  readonly afterCut: Set<() => void>;
  /** Called when nothing has run for a while, and no training goes on: memory that is not needed may be given back. */
  readonly rests: Set<() => void>;
}

/** The door; `undefined` outside a notebook's kernel. */
export function kernelDoor(): KernelDoor | undefined {
  return (globalThis as Record<symbol, unknown>)[Symbol.for("tessera.kernel")] as
    | KernelDoor
    | undefined;
}

/**
 * Returns what a `finally` block is to call: it calls `restore`, once. Where Stop cuts the code off, which
 * runs no `finally` block, the kernel's door calls it, so that states that outlive a call are put right.
 */
export function atEnd(restore: () => void): () => void {
  const repairs = kernelDoor()?.repairs;
  let isDone = false;
  const end = () => {
    if (isDone) return;
    isDone = true;
    repairs?.delete(end);
    restore();
  };
  repairs?.add(end);
  return end;
}
