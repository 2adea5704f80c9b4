/** Places in a text as the language server protocol counts them: lines and UTF-16 units, from 0. */
import type { Position, Range } from "vscode-languageserver-types";

/** Whether one place is not behind another. */
export function isUpTo(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.character <= b.character);
}

/** Whether a place lies in a range, its borders included. */
export function isIn({ start, end }: Range, position: Position): boolean {
  return isUpTo(start, position) && isUpTo(position, end);
}

/** The places of offsets in a text that begins at a line of a longer one. */
export class Offsets {
  readonly #starts = [0];
  readonly #firstLine: number;

  constructor(text: string, firstLine = 0) {
    this.#firstLine = firstLine;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
      this.#starts.push(at + 1);
    }
  }

  position(offset: number): Position {
    const line = this.#starts.findLastIndex((start) => start <= offset);
    return { line: this.#firstLine + line, character: offset - this.#starts[line] };
  }

  range(offset: number, length: number): Range {
    return { start: this.position(offset), end: this.position(offset + length) };
  }
}
