/** What a notebook file holds, for whatever reads one: it asks nothing of the platform. */

/** A cell of a notebook file (nbformat 4). */
export interface Cell {
  cell_type: "code" | "markdown" | "raw";
  id?: string;
  source: string | string[];
  metadata: Record<string, unknown>;
  outputs?: unknown[];
  execution_count?: number | null;
  /** Pictures pasted into Markdown. */
  attachments?: Record<string, unknown>;
}

/** A notebook file (nbformat 4). */
export interface Notebook {
  cells: Cell[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
}

/** A cell's text. */
export function textOf(cell: Cell): string {
  return typeof cell.source === "string" ? cell.source : cell.source.join("");
}
