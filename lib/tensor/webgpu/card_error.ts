/** What keeps a graphics card from computing. */

/** The card failed, or gave what it should not; WASM can go on. */
export class CardError extends Error {
  override readonly name = "CardError";
}

export const messageOf = (error: unknown) => error instanceof Error ? error.message : `${error}`;

/** A promise's value; throws a {@link CardError} where it takes longer. */
export async function within<T>(seconds: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const tell = () => reject(new CardError(`${what} took more than ${seconds} s`));
    timer = setTimeout(tell, 1000 * seconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
