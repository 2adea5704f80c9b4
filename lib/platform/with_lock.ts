/** Waits for locks, whatever the platform makes them of. */
import { takeLock } from "./lock.ts";

/**
 * Does something while it holds the lock that a file stands for (see {@link takeLock}), once everybody before
 * has let go of it; `onWait` is called where somebody has it.
 */
export async function withLock<T>(
  path: string,
  use: () => Promise<T>,
  onWait?: () => void,
): Promise<T> {
  let lock = await takeLock(path);
  if (!lock) onWait?.();
  // Asked again and again, since nothing could end a wait within the system.
  while (!lock) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    lock = await takeLock(path);
  }
  try {
    return await use();
  } finally {
    lock.release();
  }
}
