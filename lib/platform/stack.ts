/** An error's stack. Places in the library are those of its files: `at Linear.forward (file:///…/lib/nn/linear.ts:31:12)`. */
export function stackOf(error: unknown): string {
  return (error as Error | undefined)?.stack ?? "";
}
