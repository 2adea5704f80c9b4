/** Which of the language server's findings a learner sees, where, and in which words. */
import type { Diagnostic, Range } from "vscode-languageserver-types";
import { type Found, hintForType, isConsequence, withoutSuggestion } from "../tools/cell_hints.ts";
import { hintForUnreadable } from "../tools/unreadable.ts";
import { isUpTo } from "./positions.ts";
import { remembered } from "./remembered.ts";
import type { VirtualCell, VirtualDocument } from "./virtual_document.ts";
import { inPlainWords } from "./words.ts";

/** What the kernel allows and a module does not: names that two cells import, `namespace` in a block. */
const allowed = new Set([2300, 2440, 2451, 1235]);
/** The same within a cell would be a mistake. */
const allowedAnywhere = new Set([1235]);
const misplacedModifier = 1184;

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
    if (copy?.isQuiet || (copy ? allowed : allowedAnywhere).has(Number(each.code))) continue;
    const range = placeOf(document, each);
    const cell = range && document.cellAt(range.start);
    if (cell && isDeclare(cell, each, range)) continue;
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
    const { line } = each.range.start;
    const first = brokenLines.get(line);
    if (first !== undefined) return first === each;
    const ofLine = placed.filter(({ range }) => range.start.line === line);
    return !isConsequence(String(each.code), ofLine.map(({ code }) => String(code)));
  });
  return [
    ...document.problems,
    ...await Promise.all(shown.map((each) => withHint(document, each))),
  ];
}

/** Whether `declare` is found to stand in a block: a module may have it at its top alone. */
function isDeclare(cell: VirtualCell, { code }: Diagnostic, { start }: Range): boolean {
  const line = cell.text.split("\n")[start.line - cell.first];
  return code === misplacedModifier && /^declare\b/.test(line.slice(start.character));
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
  const plain = inPlainWords(message)
    .replace(/ from "file:\/\/[^"]*"(?=\n|$)/, "")
    .replace(/\n\s*hint: .*/g, "")
    .replace(/^Unable to load a local module: .*\/(.*)\n[\s\S]*/, "Cannot find module '$1'.");
  return { range, severity, code, source: "TypeScript", message: plain };
}

/** With what to do about it, as `./tessera check` says it. */
async function withHint(document: VirtualDocument, found: Diagnostic): Promise<Diagnostic> {
  const cell = document.cellAt(found.range.start);
  if (!cell) return found;
  const hint = isSyntax(found)
    ? await hintForSyntax(cell.text, found.range.start.line - cell.first + 1, found.message)
    : await hintForType(codeOf(found), found.message, foundIn(document, cell, found));
  return hint ? { ...found, message: `${withoutSuggestion(found.message)}\n${hint}` } : found;
}

/** To find one out takes a while, and the next letters are often typed elsewhere. */
const asked = remembered((key: string) => {
  const [text, line, message] = JSON.parse(key);
  return hintForUnreadable(text, line, message).catch(() => undefined);
});
const hintForSyntax = (...found: [text: string, line: number, message: string]) =>
  asked(JSON.stringify(found));

/** TypeScript's number; Deno has words of its own for packages that it does not know. */
const codeOf = ({ code, message }: Diagnostic) =>
  message.includes("not a dependency") || code === "no-local" ? "2307" : String(code);

/** The line and what is marked in it, and whether a cell further down declares a name. */
function foundIn(document: VirtualDocument, cell: VirtualCell, { range }: Diagnostic): Found {
  const line = cell.text.split("\n")[range.start.line - cell.first];
  const end = range.end.line === range.start.line ? range.end.character : line.length;
  const later = document.cells.slice(document.cells.indexOf(cell) + 1);
  return {
    line,
    marked: line.slice(range.start.character, end),
    declaredLater: (declaration) =>
      later.some(({ text }) => declaration.test(text))
        ? "A cell further down makes it: cells run from the top."
        : undefined,
  };
}
