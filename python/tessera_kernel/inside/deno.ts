/** What Deno's kernel keeps for itself and the door needs. */

interface Internals {
  core: { getPromiseDetails(promise: Promise<unknown>): [state: number, result: unknown] };
  Console: new (print: (text: string, level: number) => void) => Console;
  jupyter: {
    formatInner(value: unknown, isRaw: boolean): Promise<Record<string, unknown>>;
    broadcastResult(count: number, result: unknown): Promise<void>;
  };
}

// deno-lint-ignore no-explicit-any
export const internals = (Deno as any)[(Deno as any).internal] as Internals;
export const core = internals.core;
