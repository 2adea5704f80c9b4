/** What puts states right after Stop has cut code off, whose `finally` blocks did not run. */
import { type Cell, currentCell, latestCell } from "./cell.ts";

const pending = new Map<() => void, Cell>();

/** Called after every cut. */
export const afterCut = new Set<() => void>();

/** What the running `finally` blocks would do; those of other cells' calls still run by themselves. */
export const repairs = {
  add: (repair: () => void): void => void pending.set(repair, currentCell()),
  delete: (repair: () => void): void => void pending.delete(repair),
};

/** Repairs what the latest cell has left, from the innermost call outwards. */
export function repair(): void {
  const left = [...pending].filter(([, cell]) => cell === latestCell()).map(([each]) => each);
  for (const each of [...left.reverse(), ...afterCut]) {
    pending.delete(each);
    try {
      each();
    } catch (error) {
      console.error("After Stop something could not be put right:", error);
    }
  }
}
