/**
 * Where cells begin and end in the text that JupyterLab sends of a notebook: two empty lines lie between
 * cells, but may lie within one, too.
 */
import { readCode, type Reading } from "./code.ts";
import { remembered } from "./remembered.ts";

/** A cell: its first line, and the line after its last one, from 0. */
export interface CellLines {
  first: number;
  end: number;
}

/** The cells of a text, in order; empty ones do not count. */
export function cellsIn(lines: readonly string[]): CellLines[] {
  const parts = partsIn(lines);
  const cells: CellLines[] = [];
  for (let index = 0; index < parts.length;) {
    const { first } = parts[index];
    const last = lastPart(lines, parts, index);
    cells.push({ first, end: parts[last].end });
    index = last + 1;
  }
  return cells;
}

/** What lies between two empty lines or more. */
function partsIn(lines: readonly string[]): CellLines[] {
  const parts: CellLines[] = [];
  let first = lines.findIndex((line) => line !== "");
  if (first < 0) return parts;
  for (let line = first; line < lines.length; line++) {
    if (lines[line] !== "" || (lines[line + 1] ?? "") !== "") continue;
    parts.push({ first, end: line });
    while (line + 1 < lines.length && lines[line + 1] === "") line++;
    first = line + 1;
  }
  if (first < lines.length) parts.push({ first, end: lines.length });
  return parts;
}

/**
 * The last part of the cell that begins with one. A part belongs to the next ones where a bracket that it
 * opens is closed in them: two empty lines in a function or a template. Where none closes it, somebody is
 * typing.
 */
function lastPart(lines: readonly string[], parts: readonly CellLines[], from: number): number {
  const { first, end } = parts[from];
  const text = (to: number) => lines.slice(first, parts[to].end).join("\n");
  const begun = readPart(text(from));
  if (isWhole(begun)) return from;
  if (begun.open[0]?.opener === "/*") {
    // The next cell's own comments end with the same sign.
    const next = /\/\*|\*\//.exec(lines.slice(end).join("\n"))?.[0];
    if (next !== "*/") return from;
  }
  for (let to = from + 1; to < Math.min(parts.length, from + 20); to++) {
    if (isWhole(readPart(text(to)))) return to;
  }
  return from;
}

const readPart = remembered(readCode);
const isWhole = ({ open, stray }: Reading) => open.length === 0 && stray.length === 0;
