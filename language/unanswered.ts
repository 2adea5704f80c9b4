/**
 * What the language server fails to answer. It says "Internal error" where a place lies behind the text that it
 * has read, and now and then where it is just reading one. That is nobody's mistake who types: it is asked once
 * more, then there is no answer, and one line in the log of Jupyter's server.
 */

/** Asks, and once more where that fails and the question is still meant; null where that fails, too. */
export async function askTwice(
  method: string,
  ask: () => Promise<unknown>,
  isMeant: () => boolean = () => true,
): Promise<unknown> {
  try {
    return await ask();
  } catch (error) {
    sayOnce(method, error);
  }
  return isMeant() ? await ask().catch(() => null) : null;
}

const said = new Set<string>();

/** Says what went wrong in a request; of each kind the first time alone. */
export function sayOnce(method: string, error: unknown): void {
  if (said.has(method)) return;
  said.add(method);
  const reason = error instanceof Error ? error.message : String(error);
  console.error(`tessera: ${method} failed, which the editor is not told: ${reason}`);
}
