/** Where in the user's code a call was made. */
import { stackOf } from "../platform/stack.ts";

const library = new URL(".", import.meta.url).href;
const project = new URL("../../", import.meta.url).href;

/** Remembers the present call, cheaply: the trace is put into words only when it is asked for. */
export class CallSite {
  readonly #trace: Error;

  constructor() {
    const limit = Error.stackTraceLimit;
    // tfjs puts many frames between an op and the line that asked for it.
    Error.stackTraceLimit = 60;
    this.#trace = new Error();
    Error.stackTraceLimit = limit;
  }

  /** `lib/nn/linear.ts:31`, or `Block.forward, in a cell of the notebook`; empty where neither is known. */
  toString(): string {
    return placeIn(stackOf(this.#trace));
  }
}

const frame =
  /^\s*at (async )?(?:(.+) \()?((?:file:\/\/|https?:\/\/|<anonymous>|\w+:)[^()\s]*):(\d+):\d+\)?$/;

/**
 * The first place in a stack trace that is the user's. Of a notebook's cell the function is named and
 * no line: the kernel counts the lines of the JavaScript that it made of the cell.
 */
export function placeIn(stack: string): string {
  let inCell = false;
  for (const text of stack.split("\n").slice(1)) {
    const [, awaited, name = "", file, line] = frame.exec(text) ?? [];
    if (file === undefined) continue;
    // What called the compiled step lies beyond: it does not hold the call.
    if (inCell && (awaited || file === `${library}variant.ts`)) break;
    if (file.startsWith(library) || /\/(node_modules|npm)\/|^(ext|node|jsr):/.test(file)) continue;
    if (file.startsWith("file://")) {
      return inCell ? unnamedCell : `${file.replace(project, "").replace("file://", "")}:${line}`;
    }
    inCell = true;
    // The engine guesses names such as `options.step`, too; a method's begins with its class.
    const known = /^(?:new )?(?:[A-Z]\w*\.)?[\w$#]+$/.test(name);
    if (known) return `${name.replace(/^Object\./, "")}, in a cell of the notebook`;
  }
  return inCell ? unnamedCell : "";
}

const unnamedCell = "a cell of the notebook";
