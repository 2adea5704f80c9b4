/** Which of the language server's findings a learner sees, where, and in which words. */
import type { Diagnostic, Range } from "vscode-languageserver-types";
import { hintForType } from "../tools/cell_hints.ts";
import { hintForLine } from "../tools/python_habits.ts";
import { isUpTo } from "./positions.ts";
import type { VirtualDocument } from "./virtual_document.ts";
import { inPlainWords } from "./words.ts";

/** What the kernel allows and a module does not: names that two cells import, `namespace` in a block. */
const allowed = new Set([2300, 2440, 2451, 1235]);
/** The same within a cell would be a mistake. */
const allowedAnywhere = new Set([1235]);

const isSyntax = ({ code }: Diagnostic) => typeof code === "number" && code < 2000;

/** Errors alone: no hints of style, nothing unused, no package that is not fetched yet. */
function isMeant({ severity, code, source }: Diagnostic): boolean {
  return severity === 1 && source !== "deno-lint" &&
    !(typeof code === "string" && /^(no-cache|not-installed)/.test(code));
}

/** The findings in a TypeScript file, which is a module as it stands. */
export function findingsInFile(found: readonly Diagnostic[]): Diagnostic[] {
  return found.filter(isMeant).map(withPlainWords);
}

/** The findings in a notebook's module, in the notebook's places; of a broken line the first alone. */
export async function findingsInNotebook(
  document: VirtualDocument,
  found: readonly Diagnostic[],
): Promise<Diagnostic[]> {
  const placed: Diagnostic[] = [];
  for (const each of found) {
    if (!isMeant(each)) continue;
    const copy = document.importAt(each.range.start);
    if (copy?.begun || (copy ? allowed : allowedAnywhere).has(Number(each.code))) continue;
    const range = placeOf(document, each);
    const cell = range && document.cellAt(range.start);
    // What follows from the bracket's own problem.
    if (!cell || cell.brokenFrom && isUpTo(cell.brokenFrom, range.start)) continue;
    placed.push({ ...withPlainWords(each), range });
  }
  const brokenLines = new Map<number, Diagnostic>();
  for (const each of placed.filter(isSyntax)) {
    const { line, character } = each.range.start;
    const first = brokenLines.get(line);
    if (!first || character < first.range.start.character) brokenLines.set(line, each);
  }
  const shown = placed.filter((each) => {
    const first = brokenLines.get(each.range.start.line);
    return first === undefined || first === each;
  });
  return [
    ...document.problems,
    ...await Promise.all(shown.map((each) => withHint(document, each))),
  ];
}

/** A finding's place in the notebook; undefined where it lies in none of the cells. */
function placeOf(document: VirtualDocument, found: Diagnostic): Range | undefined {
  const [start, end] = [found.range.start, found.range.end].map((each) =>
    document.toNotebook(each)
  );
  if (start && end && document.cellAt(start)) return { start, end };
  // A cell breaks off, and what is missing is missed behind it.
  return isSyntax(found) ? document.endBefore(found.range.start) : undefined;
}

function withPlainWords({ range, severity, code, message }: Diagnostic): Diagnostic {
  return { range, severity, code, source: "TypeScript", message: inPlainWords(message) };
}

/** With what to do about it, as `./tessera check` says it. */
async function withHint(document: VirtualDocument, found: Diagnostic): Promise<Diagnostic> {
  const at = document.cellAt(found.range.start);
  if (!at) return found;
  const line = at.text.split("\n")[found.range.start.line - at.first];
  const hint = isSyntax(found)
    ? hintForLine(line)
    : await hintForType(String(found.code), found.message, { source: line });
  return hint ? { ...found, message: `${found.message}\n${hint}` } : found;
}
