/** One cell as it goes into a module: without what belongs to the module's top level, with brackets that match. */
import { hintForLine } from "../tools/python_habits.ts";
import { ambientOf } from "./ambient.ts";
import { begunImports } from "./begun_import.ts";
import { closers, type Opened, readCode } from "./code.ts";
import { blanked, importsOf, withoutExports } from "./imports.ts";
import { remembered } from "./remembered.ts";

/** An import, or what a cell declares of elsewhere: read at the module's end. */
export interface Moved {
  text: string;
  offset: number;
  /** What makes it whole. */
  ending?: string;
  /** Whether nothing in it is marked: it is only begun, or the cell's own types are out of its reach. */
  isQuiet?: boolean;
}

/** What is wrong at a part of the cell. */
export interface CellProblem {
  offset: number;
  length: number;
  message: string;
}

/** A cell as the module has it; all offsets are those of the cell's text. */
export interface CellReading {
  /** As long as the cell, line for line. */
  module: string;
  /** What closes the brackets that it leaves open. */
  closing: string;
  moved: Moved[];
  problems: CellProblem[];
  /** From here on the brackets do not fit together; undefined where they do. */
  brokenFrom: number | undefined;
}

const incomplete =
  'This import is not complete: import { NAME } from "tessera"; is what one looks like.';

/** One that nobody who writes TypeScript begins with. */
const isPythons = (text: string) => /^import \w+(\.| as )/.test(text);

/** Reads a cell. */
export const readCell: (text: string) => CellReading = remembered((text) => {
  const whole = importsOf(text), begun = begunImports(text, whole);
  const moved: Moved[] = [...whole];
  for (const each of begun) moved.push({ ...each, isQuiet: true });
  for (const each of ambientOf(text)) moved.push({ ...each, isQuiet: true });
  let module = text;
  for (const each of moved) module = blanked(module, each.offset, each.text.length);
  const problems: CellProblem[] = begun.map(({ offset, text }) => (
    { offset, length: text.length, message: isPythons(text) && hintForLine(text) || incomplete }
  ));
  const { open, stray } = readCode(module);
  for (const offset of stray) {
    const message = `No bracket is open here that ${module[offset]} could close.`;
    problems.push({ offset, length: 1, message });
    module = blanked(module, offset, 1);
  }
  for (const each of open) {
    const { offset, opener: { length } } = each;
    problems.push({ offset, length, message: unclosed(each) });
  }
  const broken = Math.min(...stray, ...open.map(({ offset }) => offset));
  return {
    module: withoutExports(module),
    closing: open.toReversed().map(({ opener }) => closers[opener]).join(""),
    moved,
    problems,
    brokenFrom: Number.isFinite(broken) ? broken : undefined,
  };
});

function unclosed({ opener }: Opened): string {
  if (opener === "/*") return "This comment does not end in this cell: a */ is missing.";
  if (opener === "`") return "This text does not end in this cell: a ` is missing.";
  return `This ${opener} is not closed in this cell: a ${closers[opener]} is missing.`;
}
