/** Which cells of two versions of a notebook are the same cell, and what nbgrader says of a cell. */
import { createHash } from "node:crypto";
import { type Cell, textOf } from "../notebooks.ts";

/** What nbgrader keeps about a cell. */
interface Grading {
  grade_id?: string;
  grade?: boolean;
  solution?: boolean;
  locked?: boolean;
  points?: number;
  checksum?: string;
}

/** nbgrader's notes on a cell; empty where it has none. */
export function gradingOf(cell: Cell): Grading {
  const grading = cell.metadata?.nbgrader;
  return grading !== null && typeof grading === "object" ? grading as Grading : {};
}

/** Whether a cell is the course's alone, such as a check: learners are not to edit it. */
export function isLocked(cell: Cell): boolean {
  return gradingOf(cell).locked === true || cell.metadata?.editable === false;
}

/** Whether a cell is a place for a learner's answer, in code or in Markdown. */
export function isAnswer(cell: Cell): boolean {
  return gradingOf(cell).solution === true && !isLocked(cell);
}

/**
 * Whether a cell was edited since it was handed out, by the checksum that nbgrader put into it;
 * undefined where there is none.
 */
export function wasEdited(cell: Cell): boolean | undefined {
  const { checksum, grade_id } = gradingOf(cell);
  if (checksum === undefined || grade_id === undefined) return undefined;
  return checksum !== nbgraderChecksum(cell);
}

/** nbgrader's checksum of a cell (`compute_checksum` in its `utils.py`): text, kind and points. */
export function nbgraderChecksum(cell: Cell): string {
  const { grade_id, grade, solution, locked, points = 0 } = gradingOf(cell);
  const flags = [grade, solution, locked].map((flag) => flag ? "True" : "False");
  const value = Number.isInteger(points) ? `${points}.0` : String(points); // as Python writes a float
  const parts = [textOf(cell), cell.cell_type, ...flags, grade_id ?? "", ...(grade ? [value] : [])];
  return createHash("md5").update(parts.join("")).digest("hex");
}

/**
 * For cells of one version the same cells of another: by id, else by nbgrader's name, else by equal
 * text (a given cell that was cut and pasted gets a new id, and old programs drop ids altogether).
 * No cell is matched twice.
 */
export function matchCells(cells: readonly Cell[], others: readonly Cell[]): Map<Cell, Cell> {
  const matches = new Map<Cell, Cell>();
  const free = new Set(others);
  // Equal text says nothing about two places for answers: "Your answer here." stands in all of them.
  const textKey = (cell: Cell) =>
    gradingOf(cell).grade_id !== undefined || textOf(cell).trim() === ""
      ? undefined
      : `${cell.cell_type} ${textOf(cell)}`;
  for (const key of [(cell: Cell) => cell.id, (cell: Cell) => gradingOf(cell).grade_id, textKey]) {
    const byKey = new Map<string, Cell>();
    for (const other of free) {
      const name = key(other);
      if (name !== undefined && !byKey.has(name)) byKey.set(name, other);
    }
    for (const cell of cells) {
      const name = matches.has(cell) ? undefined : key(cell);
      const other = name === undefined ? undefined : byKey.get(name);
      if (other === undefined || !free.delete(other)) continue;
      matches.set(cell, other);
    }
  }
  return matches;
}
