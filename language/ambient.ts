/** `declare global { … }` and `declare module "…" { … }`: what belongs to a module's top level, in no block. */
import { readCode } from "./code.ts";
import { isAtTop } from "./imports.ts";

const begin = /^([ \t]*)(?:export\s+)?declare\s+(?:global|module\s*(["'])[^"'\n]+\2)\s*(\{|;|$)/gm;

/** Such a statement as it stands in a cell, and where it begins. */
export interface Ambient {
  text: string;
  offset: number;
}

/** The whole ones of a cell, in order. */
export function ambientOf(cell: string): Ambient[] {
  if (!cell.includes("declare")) return [];
  return [...cell.matchAll(begin)].flatMap(({ 0: head, 1: indent, 3: opener, index }) => {
    const offset = index + indent.length;
    if (!isAtTop(cell, offset)) return [];
    let end = index + head.length;
    while (opener === "{" && readCode(cell.slice(offset, end)).open.length > 0) {
      end = cell.indexOf("}", end) + 1;
      if (end === 0) return []; // somebody is typing it
    }
    return [{ text: cell.slice(offset, end), offset }];
  });
}
