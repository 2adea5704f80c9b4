/**
 * A learner's notebook brought up to a mended course, cell by cell.
 *
 * Three versions meet: the notebook as it was handed out (`base`), as the learner has it (`mine`) and
 * as the course hands it out now (`course`). What only the course changed follows the course, what
 * only the learner changed stays, and where both changed a cell its lines are merged; on the same
 * lines the learner's stay. Locked cells are the course's. Cells of the learner's own stay behind the
 * cell that they stood behind.
 */
import { type Cell, type Notebook, textOf } from "../notebooks.ts";
import { gradingOf, isLocked, matchCells, wasEdited } from "./match_cells.ts";
import { inOrder, mergeText } from "./merge_text.ts";

/** What a learner should know about one cell. */
export interface Notice {
  /**
   * - `conflict`: both changed the same lines, the learner's stay; `text` is the course's;
   * - `replaced`: the learner's change of a cell that is the course's stands in the old version only;
   * - `unclear`: the cell follows the course, and the learner may have changed it (there is no base);
   * - `removed`: the course has dropped the cell; the learner's text stays as a cell of their own;
   * - `returned`: the learner had deleted the cell, and the course has changed or grades it;
   * - `order`: the learner had moved the cell, and it stands in the course's order again.
   */
  what: "conflict" | "replaced" | "unclear" | "removed" | "returned" | "order";
  /** The cell's number in the learner's notebook, from 1; undefined where it has none. */
  cell?: number;
  /** The cell's first line. */
  title: string;
  text?: string;
}

/** How many cells came to the new notebook in which way. */
export interface Counts {
  /** Given cells in which the learner wrote, their text kept. */
  answers: number;
  /** Cells of the learner's own. */
  own: number;
  /** Cells that changed as the course did. */
  changed: number;
  /** Cells that the course has added. */
  added: number;
  /** Cells that the course has dropped and the learner had not touched. */
  dropped: number;
}

export interface MergedNotebook {
  notebook: Notebook;
  notices: Notice[];
  counts: Counts;
}

export interface NotebookVersions {
  /** As it was handed out, where that is known. */
  base?: Notebook;
  /** As the learner has it. */
  mine: Notebook;
  /** As it is handed out now. */
  course: Notebook;
}

/** Brings a learner's notebook up to the course's; the arguments stay as they are. */
export function mergeNotebook({ base, mine, course }: NotebookVersions): MergedNotebook {
  return new Merge(base, mine, course).result();
}

class Merge {
  readonly #base?: Notebook;
  readonly #mine: Notebook;
  readonly #course: Notebook;
  readonly #notices: Notice[] = [];
  readonly #counts: Counts = { answers: 0, own: 0, changed: 0, added: 0, dropped: 0 };
  /** For a cell of the course the same cell as it was handed out, and as the learner has it. */
  readonly #baseOf: Map<Cell, Cell>;
  readonly #mineOf = new Map<Cell, Cell>();
  readonly #ids: Set<string | undefined>;
  /** For a cell of the learner's that is no longer in the course, what was handed out. */
  readonly #droppedOf = new Map<Cell, Cell>();

  constructor(base: Notebook | undefined, mine: Notebook, course: Notebook) {
    this.#base = base;
    this.#mine = mine;
    this.#course = course;
    this.#ids = new Set(course.cells.map(({ id }) => id));
    this.#baseOf = matchCells(course.cells, base?.cells ?? []);
    const courseOf = new Map([...this.#baseOf].map(([cell, given]) => [given, cell]));
    const fromBase = matchCells(mine.cells, base?.cells ?? []);
    for (const [cell, given] of fromBase) {
      const now = courseOf.get(given);
      if (now) this.#mineOf.set(now, cell);
      else this.#droppedOf.set(cell, given);
    }
    const rest = mine.cells.filter((cell) => !fromBase.has(cell));
    const fresh = course.cells.filter((cell) => !this.#baseOf.has(cell));
    for (const [cell, now] of matchCells(rest, fresh)) this.#mineOf.set(now, cell);
  }

  result(): MergedNotebook {
    const own = this.#ownCells();
    const cells = [...own.get(undefined) ?? []];
    for (const now of this.#course.cells) {
      const cell = this.#mineOf.get(now);
      const merged = cell ? this.#merged(this.#baseOf.get(now), cell, now) : this.#missing(now);
      if (merged) cells.push(merged);
      if (cell) cells.push(...own.get(cell) ?? []);
    }
    this.#noticeOrder();
    this.#notices.sort((a, b) => (a.cell ?? Infinity) - (b.cell ?? Infinity));
    const metadata = { ...this.#mine.metadata, ...this.#course.metadata };
    const notebook = { ...this.#course, metadata, cells };
    return { notebook, notices: this.#notices, counts: this.#counts };
  }

  /** The learner's own cells, by the given cell of theirs that they stand behind. */
  #ownCells(): Map<Cell | undefined, Cell[]> {
    const given = new Set(this.#mineOf.values());
    const own = new Map<Cell | undefined, Cell[]>();
    let before: Cell | undefined;
    for (const cell of this.#mine.cells) {
      if (given.has(cell)) {
        before = cell;
        continue;
      }
      const handedOut = this.#droppedOf.get(cell);
      if (handedOut && same(cell, handedOut)) {
        this.#counts.dropped++;
        continue;
      }
      if (handedOut) this.#notice("removed", cell);
      else this.#counts.own++;
      own.set(before, [...own.get(before) ?? [], this.#ownCell(cell)]);
    }
    return own;
  }

  /** A cell of the learner's own: whatever it was copied from, it is neither graded nor locked. */
  #ownCell(cell: Cell): Cell {
    const metadata = Object.fromEntries(
      Object.entries(cell.metadata ?? {}).filter(([key]) => !coursesKeys.includes(key)),
    );
    let { id } = cell;
    while (id === undefined || this.#ids.has(id)) id = crypto.randomUUID().slice(0, 8);
    this.#ids.add(id);
    return { ...cell, id, metadata };
  }

  /** A cell of the course that the learner's notebook lacks; undefined where it is to stay away. */
  #missing(now: Cell): Cell | undefined {
    const base = this.#baseOf.get(now);
    if (!base) {
      this.#counts.added++;
      return now;
    }
    const needed = isLocked(now) || gradingOf(now).grade_id !== undefined;
    if (!needed && same(now, base)) return undefined;
    this.#notices.push({ what: "returned", title: titleOf(now) });
    return now;
  }

  #merged(base: Cell | undefined, cell: Cell, now: Cell): Cell {
    if (same(cell, now)) return adopted(now, cell, base);
    const edited = base ? !same(cell, base) : wasEdited(cell);
    if (edited === false) {
      this.#counts.changed++;
      return adopted(now, cell, base);
    }
    if (isLocked(now)) {
      this.#notice(edited ? "replaced" : "unclear", cell);
      return adopted(now, cell, base);
    }
    if (base) return this.#bothWrote(base, cell, now);
    if (!edited) {
      this.#notice("unclear", cell);
      return adopted(now, cell, base);
    }
    this.#counts.answers++;
    const asHandedOut = gradingOf(cell).checksum === gradingOf(now).checksum;
    if (!asHandedOut) this.#notice("conflict", cell, textOf(now));
    return adopted(now, cell, base, textOf(cell));
  }

  /** The learner changed the cell, and the course may have. */
  #bothWrote(base: Cell, cell: Cell, now: Cell): Cell {
    this.#counts.answers++;
    const { text, conflicts } = mergeText(textOf(base), textOf(cell), textOf(now));
    // A graded cell is of the course's kind; another that the learner has turned from code into
    // Markdown, or the other way round, stays so.
    const keptKind = gradingOf(now).grade_id === undefined && cell.cell_type !== base.cell_type;
    const kind = keptKind ? cell.cell_type : now.cell_type;
    if (conflicts.length > 0) {
      this.#notice("conflict", cell, conflicts.map(({ theirs }) => theirs).join("\n…\n"));
    } else if (text !== textOf(cell)) {
      this.#counts.changed++;
    }
    return adopted({ ...now, cell_type: kind }, cell, base, text);
  }

  /** Says so where the learner has moved given cells about. */
  #noticeOrder(): void {
    const place = new Map(this.#mine.cells.map((cell, index) => [cell, index]));
    const handedOut = new Map(this.#base?.cells.map((cell, index) => [cell, index]));
    const shared = this.#course.cells.filter((now) => this.#mineOf.has(now));
    const placeOf = (now: Cell) => place.get(this.#mineOf.get(now)!)!;
    const moved = (cells: Cell[]) => {
      const kept = inOrder(cells.map(placeOf));
      return cells.filter((now) => !kept.has(placeOf(now)));
    };
    // The course may have moved cells too; that is no news where the learner's stand as handed out.
    const givenPlace = (now: Cell) => handedOut.get(this.#baseOf.get(now)!);
    const inBoth = shared.filter((now) => givenPlace(now) !== undefined)
      .sort((a, b) => givenPlace(a)! - givenPlace(b)!);
    if (this.#base !== undefined && moved(inBoth).length === 0) return;
    for (const now of moved(shared)) this.#notice("order", this.#mineOf.get(now)!);
  }

  #notice(what: Notice["what"], cell: Cell, text?: string): void {
    const number = this.#mine.cells.indexOf(cell) + 1;
    this.#notices.push({ what, cell: number, title: titleOf(cell), ...(text ? { text } : {}) });
  }
}

/** Same kind and same text. */
function same(a: Cell, b: Cell): boolean {
  return a.cell_type === b.cell_type && textOf(a) === textOf(b);
}

/** The course's cell with a text, and with what the learner's has beside its text. */
function adopted(now: Cell, cell: Cell, base: Cell | undefined, text = textOf(now)): Cell {
  const personal = Object.entries(cell.metadata ?? {}).filter(([key]) =>
    !coursesKeys.includes(key) && !(base && key in (base.metadata ?? {}))
  );
  const result: Cell = {
    ...{ cell_type: now.cell_type, id: now.id, source: text },
    metadata: { ...Object.fromEntries(personal), ...now.metadata },
  };
  const attachments = { ...cell.attachments, ...now.attachments };
  if (Object.keys(attachments).length > 0) result.attachments = attachments;
  if (result.cell_type !== "code") return result;
  // Outputs are those of the code that stands above them, or none.
  const unchanged = cell.cell_type === "code" && textOf(cell) === text;
  result.outputs = unchanged ? cell.outputs ?? [] : [];
  result.execution_count = unchanged ? cell.execution_count ?? null : null;
  return result;
}

/** What the course alone says about a cell. */
const coursesKeys = ["nbgrader", "editable", "deletable"];

/** The cell's first line that says something, shortened. */
export function titleOf(cell: Cell): string {
  const line = textOf(cell).split("\n").map((text) => text.trim()).find((text) => text !== "") ??
    "";
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
