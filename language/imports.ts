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
  /^([ \t]*)import\s+(?:(type)\s+)?(?:((?:(?!\n\s*import\b)[^"';=()])*?)\s*from\s*)?(["'])([^"'\n]+)\4(?:\s+with\s*(\{[^}]*\}))?[ \t]*;?/gm;
/** What may stand before a declaration, and what does not make a name known beside what it exports. */
const exported =
  /^([ \t]*)export (?=(?:const|let|var|async|function|abstract|class|interface|type|enum|namespace|declare)\b|@)/gm;
const exportedByDefault =
  /^([ \t]*)export default\b(?=(\s+(?:abstract\s+)?(?:async\s+)?(?:function|class)\b\s*\*?\s*(?!extends\b)[\p{L}_$])?)/gmu;
const exportedList =
  /^[ \t]*export\s*(?:type\s*)?(?:\*(?:\s*as\s+[\p{L}\p{N}_$]+)?|\{[^}]*\})(?:\s*from\s*["'][^"'\n]*["'])?[ \t]*;?/gmu;

/** The complete import statements of a cell, in order. */
export function importsOf(cell: string): Import[] {
  const found = [...cell.matchAll(statement)];
  if (found.length === 0) return [];
  const reading = readCode(cell);
  return found.map((match) => {
    const [all, indent, type, clause, , from, attributes] = match;
    const [text, offset] = [all.slice(indent.length), match.index + indent.length];
    return { text, offset, clause, typeOnly: type !== undefined, from, attributes };
  }).filter(({ offset }) => isCode(reading, offset) && standsFree(cell, offset));
}

/** Whether a statement at the start of a line, but for spaces, stands in no block. */
export function standsFree(cell: string, offset: number): boolean {
  return offset === 0 || cell[offset - 1] === "\n" ||
    readCode(cell.slice(0, offset)).open.length === 0;
}

/** A text with spaces in the place of a part of it: all else stays where it is. */
export function blanked(text: string, offset: number, length: number): string {
  const part = text.slice(offset, offset + length).replace(/[^\n]/g, " ");
  return text.slice(0, offset) + part + text.slice(offset + length);
}

/** Whether a statement lies in no block, as of a namespace, whose exports are its own. */
export const isAtTop = (cell: string, offset: number): boolean =>
  readCode(cell.slice(0, offset)).open.length === 0;

/** The kernel lets a cell export what it declares, and takes no notice; a block must not. */
export function withoutExports(cell: string): string {
  if (!cell.includes("export")) return cell;
  const spaces = (text: string) => text.replace(/[^\n]/g, " ");
  const replaced = (
    text: string,
    pattern: RegExp,
    by: (found: string, groups: (string | undefined)[]) => string,
  ) =>
    text.replace(pattern, (found: string, ...rest) => {
      const at = rest.findIndex((each) => typeof each === "number");
      return isAtTop(text, rest[at]) ? by(found, rest.slice(0, at)) : found;
    });
  const declarations = replaced(cell, exported, spaces);
  // What has no name is a value.
  const defaults = replaced(
    declarations,
    exportedByDefault,
    (found, [indent, name]) => name ? spaces(found) : `${indent}void`.padEnd(found.length),
  );
  return replaced(defaults, exportedList, spaces);
}
