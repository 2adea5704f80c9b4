/** An import that is being typed: read as if it were complete, so that its names can be offered. */
import { blanked, importsOf, standsFree } from "./imports.ts";
import { isCode, readCode } from "./code.ts";

/** A begun import, and what would make it whole. */
export interface BegunImport {
  text: string;
  offset: number;
  ending: string;
}

const begin = /^([ \t]*)(import\b(?!\s*[(.])[^\n]*)/gm;
/** Lines on which a list of names goes on. */
const names = /^(?:\s*[\w$]+\s*,?)*\s*\}?(?:\s*from\s*(?:["'][^"'\n]*["']?)?)?\s*;?$/;

/** The imports of a cell that are none yet, beside the whole ones. */
export function begunImports(cell: string, whole = importsOf(cell)): BegunImport[] {
  for (const { offset, text } of whole) cell = blanked(cell, offset, text.length);
  const reading = readCode(cell);
  const found: BegunImport[] = [];
  for (const { 1: indent, 2: line, index } of cell.matchAll(begin)) {
    const offset = index + indent.length;
    if (!isCode(reading, offset) || !standsFree(cell, offset)) continue;
    let text = line;
    if (/\{[^}]*$/.test(line)) {
      for (const next of cell.slice(offset + line.length + 1).split("\n")) {
        if (next.trim() === "" || !names.test(next)) break;
        text += `\n${next}`;
        if (next.includes("}")) break;
      }
    }
    text = text.trimEnd();
    found.push({ text, offset, ending: endingOf(text) });
  }
  return found;
}

function endingOf(text: string): string {
  const quoted = /\bfrom\s*(["'])[^"']*$|^import\s+(["'])[^"']*$/.exec(text);
  if (quoted) return `${quoted[1] ?? quoted[2]};`;
  const brace = /\{[^}]*$/.test(text) ? " }" : "";
  if (/\bfrom\s*;?$/.test(text)) return ""; // no place to ask about yet
  const module = /\*/.test(text) ? "@tensorflow/tfjs" : "tessera";
  return `${brace} from "${module}";`;
}
