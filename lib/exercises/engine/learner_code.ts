/**
 * Finds the line of a learner's code that a call came from. A notebook's cell is known by its functions'
 * texts alone, and the kernel counts the lines of the JavaScript that it made of the cell: where in that
 * script a text begins follows from the places of the calls themselves.
 */
import { placeIn } from "../../tensor/call_site.ts";
import { cellFrames, type CodePart, type Placed, startOf } from "./code_place.ts";

export type { CodePart } from "./code_place.ts";

/** What the path of a part is in code: "this.blocks[0].norm" */
export const codePath = (path: string, home = "this") =>
  `${home}.${path.replace(/\.(\d+)(?=\.|$)/g, "[$1]")}`;

/** What a learner's function, or a module's `forward`, calls the tensors that it gets; `undefined` for a pattern. */
export function parameterNames(
  { module, function: code }: { module?: object; function?: CodePart },
): (string | undefined)[] {
  const text = (code ?? module?.constructor)?.toString() ?? "";
  const list = code
    ? /^(?:async\s+)?(?:function\s*)?[\w$]*\s*(?:\(([^)]*)\)|(?=[\w$]+\s*=>))/.exec(text)?.[1] ??
      /^[\w$]+(?=\s*=>)/.exec(text)?.[0]
    : /\bforward\s*(?:=\s*)?\(([^)]*)\)/.exec(text)?.[1];
  return list?.split(",").map((each) => /^\s*([\w$]+)\s*(?::|=|$)/.exec(each)?.[1]) ?? [];
}

/** A line of the learner's code. */
export interface CodeLine {
  text: string;
  /** The function that it is in: "Attention.forward"; empty where that is not known. */
  within: string;
  /** Where in the script's line the call stands, and what comes before the text there. */
  column: number;
}

/**
 * The calls from the innermost in a cell on: alike for what one place in the code does several times. `call` is the one
 * in the cell alone.
 */
export function siteOf(
  stack: string,
): { site: string; inside: readonly string[]; call: string } | undefined {
  const lines = stack.split("\n");
  const at = lines.findIndex((line) => cellFrames(line).length > 0);
  if (at < 0) return undefined;
  return { site: lines.slice(0, at + 1).join("\n"), inside: lines.slice(1, at), call: lines[at] };
}

export class LearnerCode {
  readonly #placed: readonly Placed[];

  /** `stacks` are all that is known of calls from these parts. */
  constructor(parts: Iterable<CodePart>, stacks: readonly string[]) {
    const frames = stacks.flatMap(cellFrames);
    this.#placed = [...new Set(parts)].flatMap((part) => {
      return startOf(part, frames) ?? [];
    });
  }

  /** The innermost line of a stack that is known to be the learner's. */
  lineOf(stack: string): CodeLine | undefined {
    for (const { script, within, line, column } of cellFrames(stack)) {
      for (const { className, lines, script: home, start, indent } of this.#placed) {
        if (script !== home) continue;
        const whole = lines[line - start];
        const text = whole?.trim();
        if (!text) continue;
        const before = whole.length - whole.trimStart().length + (line === start ? indent : 0);
        return {
          text,
          within: withClass(within, className) || methodAt(lines, line - start),
          column: beginOfName(text, column - before),
        };
      }
    }
  }

  /** Whether the innermost call in a cell is one of these parts', not of something that they call. */
  isInnermost(stack: string): boolean {
    const [innermost] = cellFrames(stack);
    return innermost !== undefined &&
      this.#placed.some(({ lines, script, start }) =>
        script === innermost.script && innermost.line >= start &&
        innermost.line < start + lines.length
      );
  }

  /** The call in the learner's line that leads on: "tf.sub(x, mean)". */
  callOf(stack: string): string | undefined {
    const line = this.lineOf(stack);
    if (!line) return undefined;
    const { text, column } = line;
    const begin = /(?:[\w$#]+(?:\[\w+\])*!?\.)*$/.exec(text.slice(0, column - 1))!.index;
    const opening = text.slice(column - 1).search(/[([{]/);
    const end = opening < 0 ? text.length : closingOf(text, column + opening);
    const call = end < text.length ? text.slice(begin, end + 1) : `${text.slice(begin)} …`;
    if (!/^[\w$#.[\]!]+\(/.test(call)) return undefined;
    // A call of what another call gives: "….div(2)".
    return shortened(text[begin - 1] === "." ? `….${call}` : call);
  }

  /** "`const scores = tf.matMul(q, k);` in Attention.forward", or what is known of the place. */
  describe(stack: string): string {
    const line = this.lineOf(stack);
    if (!line) {
      const place = placeIn(stack);
      return place.startsWith("lib/") ? "" : place;
    }
    const within = line.within.replace(/^(.*)\.constructor$/, "the constructor of $1");
    return `\`${shortened(line.text)}\`${within ? ` in ${within}` : ""}`;
  }
}

/** What the browser's kernel puts into loops; with `;` before it, the block was not there. */
const inLoops = /\{(;?)if\(--__tessera\.turns<0\)__tessera\.ask\(\);/;

/**
 * As it stands in the cell: a kernel puts calls of its own round what cells throw and await, and into loops. What is
 * left of a type that is gone, as of `x!;`, goes too.
 */
export function asWritten(code: string): string {
  let text = code.replace(/ +;$/, ";");
  for (let loop = inLoops.exec(text); loop; loop = inLoops.exec(text)) {
    const inside = text.slice(loop.index + loop[0].length);
    const end = closingOf(inside, 0);
    text = text.slice(0, loop.index) +
      (loop[1] ? inside.slice(0, end) + inside.slice(end + 1) : `{${inside}`);
  }
  for (;;) {
    const opening = /\b__tessera(?:\.own\(\))?(?:\.\w+)?\(/.exec(text);
    if (!opening) return text;
    const start = opening.index + opening[0].length;
    const end = closingOf(text, start);
    text = text.slice(0, opening.index) + text.slice(start, end) + text.slice(end + 1);
  }
}

/** Where the bracket is closed that was opened before a place; the text's end where that is cut off. */
function closingOf(text: string, start: number): number {
  const tokens = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|[()[\]{}]/g;
  let depth = 1;
  for (const { 0: token, index } of text.slice(start).matchAll(tokens)) {
    if ("([{".includes(token)) depth++;
    if (")]}".includes(token) && --depth === 0) return start + index;
  }
  return text.length;
}

/** A line without the comment at its end, and cut where it is long. */
function shortened(code: string): string {
  const text = asWritten(code).replace(/(?<=[;{(,]) *\/\/ .*$/, "");
  return text.length <= 80 ? text : `${text.slice(0, 78)}…`;
}

/** "Attention.forward" where the engine tells no class, as Firefox. */
function withClass(within: string, className: string | undefined): string {
  if (!className || !/^(?!(?:get|set)$)\w+$/.test(within)) return within;
  return within === className ? `${className}.constructor` : `${className}.${within}`;
}

/** Where a call begins: Firefox places some at their bracket. */
function beginOfName(text: string, column: number): number {
  if (text[column - 1] !== "(") return column;
  return column - /[\w$#]*$/.exec(text.slice(0, column - 1))![0].length;
}

/** The method of a class that a line is in. */
function methodAt(lines: readonly string[], index: number): string {
  const name = /^(?:class|function)\s+([\w$]+)/.exec(lines[0])?.[1] ?? "";
  for (let i = index; i > 0; i--) {
    const method = /^ {2}(?:async )?([\w$#]+)\s*\(.*\{$/.exec(lines[i])?.[1];
    if (method) return name ? `${name}.${method}` : method;
  }
  return name;
}
