/** No system asks a browser's worker to end; Stop comes by the kernel's door. */
export const endSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type Signal = typeof endSignals[number] | "SIGUSR1";
export const warning = "SIGUSR1" satisfies Signal;

export function exitCodeOf(_signal: Signal): number {
  return 1;
}

export function endProgram(_exitCode: number): never {
  throw new Error("A notebook in the browser ends by Shut Down Kernel, in the menu Kernel");
}

export function listenersOf(_signal: Signal): number {
  return 0;
}

export function onSignals(
  _signals: readonly Signal[],
  _take: (signal: Signal) => void,
): () => void {
  return () => {};
}
