/**
 * A notebook as one module that the language server understands.
 *
 * Each cell becomes a block inside the block of the cell before it, as for `./tessera check`: a cell sees
 * what came before it and may declare a name anew. Every character stays in its column, one line further
 * down, but for imports: those are read from copies below all cells. Brackets are made to match cell by
 * cell, so that what is begun in one does not spoil the next.
 */
import type { Diagnostic, Position, Range } from "vscode-languageserver-types";
import { type CellLines, cellsIn } from "./borders.ts";
import { type Moved, readCell } from "./cell.ts";
import { isIn, Offsets } from "./positions.ts";

/** How many lines come before the first cell. */
const shift = 1;

/** An import or the like in the notebook, and the line of the module at which its copy begins. */
interface Copy {
  range: Range;
  line: number;
  /** Whether nothing in it is marked. */
  isQuiet: boolean;
}

/** A cell of the notebook's text. */
export interface VirtualCell extends CellLines {
  text: string;
  /** From here on the text does not fit together; undefined where it does. */
  brokenFrom: Position | undefined;
}

export class VirtualDocument {
  /** The module's text. */
  readonly text: string;
  /** What is wrong with brackets and imports, in the notebook's places. */
  readonly problems: Diagnostic[] = [];
  readonly cells: VirtualCell[];
  readonly #lines: string[];
  readonly #firstCopy: number;
  readonly #copies: Copy[] = [];
  readonly #copied: string[] = [];

  /** From the text that JupyterLab sends of a notebook. */
  constructor(source: string) {
    this.#lines = source.replaceAll("\r", "").split("\n");
    this.#firstCopy = shift + this.#lines.length + 1;
    const body = [...this.#lines];
    let closingAll = ";}";
    const cells = cellsIn(this.#lines);
    this.cells = cells.map((cell) => {
      const text = this.#lines.slice(cell.first, cell.end).join("\n");
      const { module, closing, moved, problems, brokenFrom } = readCell(text);
      const offsets = new Offsets(text, cell.first);
      for (const each of moved) {
        this.#copy(each, offsets.range(each.offset, each.text.length));
      }
      for (const { offset, length, message } of problems) {
        const range = offsets.range(offset, length);
        this.problems.push({ range, severity: 1, source: "tessera", message });
      }
      module.split("\n").forEach((line, index) => body[cell.first + index] = line);
      if (cell === cells.at(-1)) closingAll = closing + closingAll;
      else {
        // At least two empty lines follow: what closes the cell, and what opens the next one. Without the
        // semicolon that would be the value of a cell that ends with "const x =".
        [body[cell.end], body[cell.end + 1]] = [`${closing};`, "{"];
        closingAll += "}";
      }
      const broken = brokenFrom === undefined ? undefined : offsets.position(brokenFrom);
      return { ...cell, text, brokenFrom: broken };
    });
    this.text = ["{", ...body, closingAll, ...this.#copied, "export {};", ""].join("\n");
  }

  #copy({ text, ending = "", isQuiet = false }: Moved, range: Range): void {
    const line = this.#firstCopy + this.#copied.length;
    this.#copies.push({ range, line, isQuiet });
    const indented = " ".repeat(range.start.character) + text + ending;
    this.#copied.push(...indented.split("\n"));
  }

  /** Where a place of the notebook is in the module. */
  toModule(position: Position): Position {
    const copy = this.#copies.find(({ range }) => isIn(range, position));
    const line = copy ? copy.line + position.line - copy.range.start.line : position.line + shift;
    return { ...position, line };
  }

  /** Where a place of the module is in the notebook; undefined where the notebook has no such place. */
  toNotebook(position: Position): Position | undefined {
    const copy = this.#copyAt(position);
    if (!copy && position.line >= this.#firstCopy) return undefined;
    const line = copy ? copy.range.start.line + position.line - copy.line : position.line - shift;
    const length = this.#lines[line]?.length;
    if (length === undefined) return undefined;
    return { line, character: Math.min(position.character, length) };
  }

  /** The import, or the like, whose copy a place of the module lies in. */
  importAt(position: Position): { isQuiet: boolean } | undefined {
    return this.#copyAt(position);
  }

  #copyAt({ line }: Position): Copy | undefined {
    if (line < this.#firstCopy) return undefined;
    const copy = this.#copies.findLast((each) => each.line <= line);
    const { start, end } = copy?.range ?? { start: { line: 0 }, end: { line: -1 } };
    return copy && line - copy.line <= end.line - start.line ? copy : undefined;
  }

  /** The cell that a place of the notebook lies in; undefined between cells. */
  cellAt({ line }: Position): VirtualCell | undefined {
    return this.cells.find(({ first, end }) => first <= line && line < end);
  }

  /** The last character of the cell that ends before a place of the module where no cell is. */
  endBefore({ line }: Position): Range | undefined {
    if (line >= this.#firstCopy) return undefined;
    const cell = this.cells.findLast(({ end }) => end + shift <= line);
    if (!cell) return undefined;
    const end = new Offsets(cell.text, cell.first).position(cell.text.trimEnd().length);
    return { start: { ...end, character: Math.max(0, end.character - 1) }, end };
  }
}
