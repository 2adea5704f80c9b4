import type { Cell } from "./cell.ts";
import { Set } from "./language.ts";

/** Modules that are being loaded. One that Stop broke off would stay broken, so what they begin runs through. */
export const loads = new Set<{ readonly cell: Cell }>();

/** How many a cell has asked for; what an earlier one still loads is no reason to wait for. */
export function loadsOf(cell: Cell): number {
  return [...loads].filter((each) => each.cell === cell).length;
}
