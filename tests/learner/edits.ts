/** Random edits of a notebook, as learners and as authors make them. */
import { type Cell, type Notebook, textOf } from "../../tools/notebooks.ts";
import { gradingOf, isLocked } from "../../tools/learner/match_cells.ts";

/** Whole numbers below a bound, the same for the same seed (mulberry32). */
export function numbersFrom(seed: number): (bound: number) => number {
  return (bound) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** A notebook that is being edited, and who writes. Each line that is written carries a name of its own. */
export class Editor {
  readonly cells: Cell[];
  /** The ids of given cells whose text or place in the notebook was touched. */
  readonly touched = new Set<string | undefined>();
  readonly deleted = new Set<string | undefined>();
  #lines = 0;

  constructor(
    readonly notebook: Notebook,
    readonly writer: string,
    readonly below: (bound: number) => number,
  ) {
    this.cells = structuredClone(notebook.cells);
  }

  result(): Notebook {
    return { ...structuredClone(this.notebook), cells: this.cells };
  }

  /** A learner's hour: answers, changes, cells of their own, and what goes wrong on the way. */
  learn(): Notebook {
    for (const cell of this.cells) {
      if (gradingOf(cell).solution && this.below(3) > 0) this.#answer(cell);
    }
    const acts = [
      ...[this.#editLine, this.#addCell, this.#addCell, this.#split, this.#delete, this.#move],
      ...[this.#cutAndPaste, this.#copyWithMetadata, this.#editLocked],
    ];
    for (let count = this.below(8); count > 0; count--) acts[this.below(acts.length)].call(this);
    if (this.below(8) === 0) { for (const cell of this.cells) delete cell.id; } // an old program saved it
    return this.result();
  }

  /** An author's: mended texts and checks, tasks added, dropped and moved. */
  mend(): Notebook {
    const acts = [this.#editLine, this.#editLocked, this.#editLine, this.#addCell, this.#addTask];
    const rare = [this.#delete, this.#move, this.#renew];
    for (let count = 1 + this.below(6); count > 0; count--) {
      acts[this.below(acts.length)].call(this);
      if (this.below(3) === 0) rare[this.below(rare.length)].call(this);
    }
    return this.result();
  }

  #line(): string {
    return `${this.writer}${this.#lines++}: ${this.below(1e6)}`;
  }

  #some(choose: (cell: Cell) => boolean): Cell | undefined {
    const cells = this.cells.filter(choose);
    return cells[this.below(Math.max(1, cells.length))];
  }

  #answer(cell: Cell): void {
    const stub = /throw new Error\("Not solved yet|Your code here|Your answer here/;
    const lines = textOf(cell).split("\n")
      .flatMap((line) => stub.test(line) ? this.below(2) ? [this.#line()] : [] : [line]);
    lines.splice(this.below(lines.length + 1), 0, this.#line(), this.#line());
    this.#write(cell, lines);
  }

  #editLine(cell = this.#some((each) => !isLocked(each))): void {
    if (!cell) return;
    const lines = textOf(cell).split("\n");
    lines.splice(this.below(lines.length + 1), this.below(3), this.#line());
    this.#write(cell, lines);
  }

  #editLocked(): void {
    this.#editLine(this.#some(isLocked));
  }

  #write(cell: Cell, lines: string[]): void {
    this.touched.add(cell.id);
    cell.source = this.below(2)
      ? lines.join("\n")
      : lines.map((l, at) => at < lines.length - 1 ? `${l}\n` : l);
  }

  #addCell(metadata: Record<string, unknown> = {}): void {
    const cell_type = this.below(2) ? "code" : "markdown";
    const cell: Cell = { cell_type, id: this.#id(), source: this.#line(), metadata };
    if (cell_type === "code") Object.assign(cell, { outputs: [], execution_count: null });
    this.cells.splice(this.below(this.cells.length + 1), 0, cell);
  }

  #addTask(): void {
    const grade_id = this.#id();
    this.#addCell({ nbgrader: { grade_id, solution: true, grade: false, locked: false } });
  }

  #id(): string {
    return `${this.writer}-${this.below(1e9)}`;
  }

  /** JupyterLab's split: one of the two parts keeps the id, both keep the metadata. */
  #split(): void {
    const cell = this.#some((each) => !isLocked(each) && textOf(each).includes("\n"));
    if (!cell) return;
    const lines = textOf(cell).split("\n");
    const at = 1 + this.below(lines.length - 1);
    const [before, after] = [lines.slice(0, at).join("\n"), lines.slice(at).join("\n")];
    const keepsFirst = this.below(2) === 1;
    const part = { ...structuredClone(cell), id: this.#id(), source: keepsFirst ? after : before };
    this.touched.add(cell.id);
    cell.source = keepsFirst ? before : after;
    this.cells.splice(this.cells.indexOf(cell) + (keepsFirst ? 1 : 0), 0, part);
  }

  #delete(): void {
    const cell = this.#some((each) => !textOf(each).includes(`${this.writer}0`));
    if (!cell) return;
    this.deleted.add(cell.id);
    this.cells.splice(this.cells.indexOf(cell), 1);
  }

  #move(): void {
    const [cell] = this.cells.splice(this.below(this.cells.length), 1);
    this.cells.splice(this.below(this.cells.length + 1), 0, cell);
  }

  #cutAndPaste(): void {
    const index = this.below(this.cells.length);
    const [cell] = this.cells.splice(index, 1);
    this.touched.add(cell.id);
    this.cells.splice(this.below(this.cells.length + 1), 0, { ...cell, id: this.#id() });
  }

  #copyWithMetadata(): void {
    const cell = this.cells[this.below(this.cells.length)];
    const copy = { ...structuredClone(cell), id: this.#id() };
    this.cells.splice(this.below(this.cells.length + 1), 0, copy);
  }

  /** The author gives a cell another id. */
  #renew(): void {
    const cell = this.#some((each) => gradingOf(each).grade_id === undefined);
    if (!cell) return;
    cell.id = this.#id();
    this.touched.add(cell.id);
  }
}
