/** What changed from one version of a notebook to another, cell by cell, for people to read. */
import { type Cell, type Notebook, textOf } from "../notebooks.ts";
import { matchCells } from "./match_cells.ts";
import { titleOf } from "./merge_notebook.ts";
import { type ComparedLine, compareText, inOrder } from "./merge_text.ts";

/** One cell that differs. */
export interface CellChange {
  what: "changed" | "added" | "removed" | "moved";
  /** The cell's number, from 1, in the later version; in the earlier one where it was removed. */
  cell: number;
  title: string;
  lines: ComparedLine[];
}

/** The cells that differ, in the later version's order; a removed one stands where it was. */
export function compareNotebooks(before: Notebook, after: Notebook): CellChange[] {
  const earlier = matchCells(after.cells, before.cells);
  const kept = new Set(earlier.values());
  const places = new Map(before.cells.map((cell, place) => [cell, place]));
  const unmoved = inOrder(
    after.cells.flatMap((cell) => earlier.has(cell) ? [places.get(earlier.get(cell)!)!] : []),
  );
  const changes: { place: number; change: CellChange }[] = [];
  let reached = -1; // how far in the earlier version the kept cells have led so far
  after.cells.forEach((cell, index) => {
    const old = earlier.get(cell);
    const place = old && places.get(old)!;
    const stays = place !== undefined && unmoved.has(place);
    if (stays) reached = place;
    const what = !old ? "added" : !same(old, cell) ? "changed" : stays ? undefined : "moved";
    if (!what) return;
    const lines = what === "moved" ? [] : compareText(old ? textOf(old) : "", textOf(cell))
      .filter(({ mark }) => old || mark === "+");
    changes.push({
      place: reached,
      change: { what, cell: index + 1, title: titleOf(cell), lines },
    });
  });
  before.cells.forEach((cell, place) => {
    if (kept.has(cell)) return;
    const lines = textOf(cell).split("\n").map((text): ComparedLine => ({ mark: "-", text }));
    const change: CellChange = { what: "removed", cell: place + 1, title: titleOf(cell), lines };
    changes.push({ place, change });
  });
  return changes.sort((a, b) => a.place - b.place).map(({ change }) => change);
}

function same(a: Cell, b: Cell): boolean {
  return a.cell_type === b.cell_type && textOf(a) === textOf(b);
}

/** The changes as text: a line for each cell, then its lines with `-`, `+` and two more around them. */
export function changesAsText(changes: readonly CellChange[]): string {
  return changes.map(({ what, cell, title, lines }) => {
    const head = `cell ${cell} ${what}: ${title}`;
    return [head, ...nearChanges(lines)].join("\n");
  }).join("\n\n");
}

/** The lines that differ with `around` equal ones before and after; a gap is one line with an ellipsis. */
function nearChanges(lines: readonly ComparedLine[], around = 2): string[] {
  const isNear = (index: number) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some(({ mark }) => mark !== " ");
  return lines.flatMap(({ mark, text }, index) => {
    if (isNear(index)) return [`  ${mark} ${text}`.trimEnd()];
    return isNear(index - 1) && index < lines.length - 1 ? ["    …"] : [];
  });
}

/** For example "3 cells changed, 1 added"; "no cell changed" where nothing did. */
export function changesInShort(changes: readonly CellChange[]): string {
  const count = (what: CellChange["what"]) =>
    changes.filter((change) => change.what === what).length;
  const changed = count("changed");
  const others = (["added", "removed", "moved"] as const)
    .filter((what) => count(what) > 0).map((what) => `${count(what)} ${what}`);
  const cells = changed === 1 ? "1 cell changed" : changed > 0 ? `${changed} cells changed` : "";
  if (cells) return [cells, ...others].join(", ");
  if (others.length === 0) return "no cell changed";
  const [first, ...rest] = others;
  const [number, what] = first.split(" ");
  return [`${number} ${number === "1" ? "cell" : "cells"} ${what}`, ...rest].join(", ");
}
