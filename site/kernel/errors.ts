/** Errors as a learner reads them: the cell's own lines, and nothing of the inside of the library. */
import { wordsOfError } from "../../lib/platform/browser/engine_words.ts";
import { stackOf } from "../../lib/platform/browser/stack.ts";
import { framesOf } from "../../lib/platform/browser/stack_frames.ts";
import { hintForLine, hintForPythonName } from "../../tools/python_habits.ts";

/** An error as Jupyter's protocol has it. */
export interface Failure {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** A cell that ran: what was typed, and its number on the screen. */
export interface RanCell {
  code: string;
  count: number;
}

/** How many places of a deep recursion are shown at each end. */
const ends = 4;
/** `at f (cell:3:2:8)`; Deno's worker writes `at f (cell:3, <anonymous>:2:8)`. */
const framePattern = /^ +at (?:async )?(?:(.+?) \()?([^()\s,]+)(?:, <anonymous>)?:(\d+):(\d+)\)?$/;
/** The learner's own modules, by the path in their home that their address ends with. */
const ownModule = /^file:\/\/\/home\/(.+)$/;

interface Frame {
  inside: string;
  file: string;
  line: number;
}

/** What a cell shows for what it has thrown. `cells` are those that ran, by the number in stack traces. */
export function failureOf(
  error: unknown,
  cells: ReadonlyMap<number, RanCell>,
  show: (value: unknown) => string,
): Failure {
  if (!(error instanceof Error)) {
    const evalue = show(error);
    return { ename: "Uncaught", evalue, traceback: [`Uncaught: ${evalue}`] };
  }
  const name = error.name === "InternalError" ? "RangeError" : error.name; // Firefox's, of a deep recursion
  const message = inWordsOfScripts(wordsOfError(error));
  const lines = stackOf(error).split("\n");
  const first = lines.findIndex((line) => framePattern.test(line) || /^ +at /.test(line));
  const head = (first < 0 ? lines : lines.slice(0, first)).join("\n")
    .replace(`${error.name}: ${error.message}`, () => `${name}: ${message}`);
  const frames = lines.flatMap((line): Frame[] => {
    const [, inside = "", file, number] = framePattern.exec(line) ?? [];
    return file
      ? [{ inside: inside.replace(/^(new |Object\.|async )/, ""), file, line: +number }]
      : [];
  }).filter(({ file }) => /^cell:\d+$/.test(file) || ownModule.test(file));
  if (frames.length === 0) frames.push(...placeInWebKit(error, cells));
  // What calls a cell's code is the kernel's own, on the last line of the cell.
  const [before, last] = frames.slice(-2);
  if (last && before?.file === last.file && isWrapping(before.inside) && isWrapping(last.inside)) {
    frames.pop();
  }
  const traceback = [head || `${name}: ${message}`];
  frames.forEach((frame, index) => {
    const isLeftOut = frames.length > 2 * ends && index >= ends && index < frames.length - ends;
    if (isLeftOut && index === ends) traceback.push(`… ${frames.length - 2 * ends} more places …`);
    if (!isLeftOut) traceback.push(...place(frame, cells));
  });
  const advice = adviceFor(name, message);
  if (advice) traceback.push(advice);
  return { ename: name, evalue: message || "(no message)", traceback };
}

/**
 * WebKit's stacks name no cell. Its errors have a line, that of the innermost place: it is in the latest cell that has
 * what the error names in this line, or else the function in which it happened.
 */
function placeInWebKit(error: Error, cells: ReadonlyMap<number, RanCell>): Frame[] {
  const { line, stack = "", message } = error as Error & { line?: unknown };
  const [innermost] = framesOf(stack) ?? [];
  if (typeof line !== "number" || !innermost || innermost.place) return [];
  const inside = innermost.name;
  const named = / \(evaluating '([^]+)'\)$/.exec(message)?.[1] ??
    / \(In '([^]+?)', '/.exec(message)?.[1] ?? /^Can't find variable: (.+)$/.exec(message)?.[1];
  for (const [number, { code }] of [...cells].reverse()) {
    const text = code.split("\n")[line - 1]?.trim();
    if (text && (named ? text.includes(named) : code.includes(inside))) {
      return [{ inside, file: `cell:${number}`, line }];
    }
  }
  return [];
}

/** The error of a cell that does not parse, where its reader has told of line and column. */
export function syntaxFailure(error: SyntaxError, cell: RanCell): Failure {
  const place = (error as { loc?: { line: number; column: number } }).loc;
  const message = error.message.replace(/ \(\d+:\d+\)$/, "");
  if (!place) {
    return { ename: "SyntaxError", evalue: message, traceback: [`SyntaxError: ${message}`] };
  }
  const line = cell.code.split("\n")[place.line - 1] ?? "";
  const hint = hintForLine(line);
  return {
    ename: "SyntaxError",
    evalue: `${message} (line ${place.line})`,
    traceback: [`SyntaxError: ${message}`, ...excerpt(cell, place.line, ""), ...hint ? [hint] : []],
  };
}

function adviceFor(name: string, message: string): string | undefined {
  const noNew = /^Class constructor (\w+ )?cannot be invoked without 'new'/.exec(message);
  if (name === "TypeError" && noNew) {
    const called = noNew[1]?.trim();
    return called
      ? `${called} is a class: new ${called}(…) makes one.`
      : "What is called is a class: new …(…) makes one.";
  }
  const [, missing] = name === "ReferenceError" && /^(\S+) is not defined$/.exec(message) || [];
  if (!missing) return undefined;
  return hintForPythonName(missing) ??
    `If another cell makes ${missing}, run that one first; after a restart of the kernel, all of them.`;
}

/** The names that the kernel's own wrapping of a cell has in stack traces. */
const isWrapping = (inside: string) =>
  inside === "" || inside === "eval" || inside === "<anonymous>";

function place({ inside, file, line }: Frame, cells: ReadonlyMap<number, RanCell>): string[] {
  const where = isWrapping(inside) ? "" : `, in ${inside}`;
  const own = ownModule.exec(file);
  if (own) return [`${decodeURI(own[1])}, line ${line}${where}`];
  const cell = cells.get(Number(file.slice("cell:".length)));
  return cell ? excerpt(cell, line, where) : [`an earlier cell${where}`];
}

/** The line in its cell, with the ones round it. */
function excerpt({ code, count }: RanCell, line: number, inside: string): string[] {
  const lines = code.split("\n");
  const last = Math.min(line + 1, lines.length);
  const told = [`cell [${count}], line ${line}${inside}`];
  for (let number = Math.max(1, line - 1); number <= last; number++) {
    const mark = number === line ? "→" : " ";
    const shown = String(number).padStart(String(last).length);
    told.push(`  ${mark} ${shown} | ${lines[number - 1]}`.trimEnd());
  }
  return told;
}

/** What the engine says of an assignment to a constant, in the words that it has for one of a script. */
function inWordsOfScripts(message: string): string {
  return /^Cannot assign to read only property '.+' of object '#<\w*(Global|Window)\w*>'$/.test(
      message,
    )
    ? "Assignment to constant variable."
    : message;
}
