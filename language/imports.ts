/** Import statements in cells: they stand anywhere there, and belong to a module's top level. */
import { isCode, readCode } from "./code.ts";

/** An import statement as it stands in a cell. */
export interface Import {
  /** The statement, and where it begins. */
  text: string;
  offset: number;
  /** What follows the keyword up to `from`, and whether types alone are meant; undefined where nothing is. */
  clause: string | undefined;
  typeOnly: boolean;
  from: string;
  /** Such as `{ type: "json" }`. */
  attributes: string | undefined;
}

/** At the start of a line, over several lines if need be. */
const statement =
  /^import\s+(?:(type)\s+)?(?:((?:(?!\n\s*import\b)[^"';=()])*?)\s*from\s*)?(["'])([^"'\n]+)\3(?:\s+with\s*(\{[^}]*\}))?[ \t]*;?/gm;
const exported =
  /^export (?=(?:const|let|var|async|function|abstract|class|interface|type|enum)\b)/gm;

/** The complete import statements of a cell, in order. */
export function importsOf(cell: string): Import[] {
  const found = [...cell.matchAll(statement)];
  if (found.length === 0) return [];
  const reading = readCode(cell);
  return found.filter(({ index }) => isCode(reading, index)).map((match) => {
    const [text, type, clause, , from, attributes] = match;
    return { text, offset: match.index, clause, typeOnly: type !== undefined, from, attributes };
  });
}

/** A text with spaces in the place of a part of it: all else stays where it is. */
export function blanked(text: string, offset: number, length: number): string {
  const part = text.slice(offset, offset + length).replace(/[^\n]/g, " ");
  return text.slice(0, offset) + part + text.slice(offset + length);
}

/** The kernel lets a cell export what it declares, and takes no notice; a block must not. */
export function withoutExports(cell: string): string {
  return cell.replace(exported, (word) => " ".repeat(word.length));
}
