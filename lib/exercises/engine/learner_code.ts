/**
 * Finds the line of a learner's code that a call came from. A notebook's cell is known by its functions'
 * texts alone, and the kernel counts the lines of the JavaScript that it made of the cell: where in that
 * script a text begins follows from the places of the calls themselves.
 */
import { placeIn } from "../../tensor/call_site.ts";

// deno-lint-ignore ban-types -- a class or a function of the learner's, whatever it takes
export type CodePart = Function;

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

/** A call in a cell: the function that it stands in, line and column from 1. */
interface Frame {
  /** `cell:3`, or `<anonymous>` where the kernel gives no name. */
  script: string;
  within: string;
  line: number;
  column: number;
  /** The stack's words for what was called there. */
  called: string;
}

/** The calls in cells that a stack holds, the innermost first. */
function cellFrames(stack: string): Frame[] {
  return stack.split("\n").flatMap((text, index, all) => {
    const found =
      /^\s*at (?:async )?(?:(new )?([\w.$#]+) )?.*?(<anonymous>|\bcell:\d+):(\d+):(\d+)\)*$/.exec(
        text,
      );
    if (!found) return [];
    const [, made, name = "", script, line, column] = found;
    // What has no name is called so in a cell that was compiled by `eval`.
    const within = name.replace(/^Object\.|^eval$/, "") + (made ? ".constructor" : "");
    const called = all[index - 1] ?? "";
    return [{ script, within, line: Number(line), column: Number(column), called }];
  });
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

/** A class or function of the learner's, and where it begins. */
interface Placed {
  lines: readonly string[];
  script: string;
  start: number;
  /** How much of the script stands before its first line: "const f = ". */
  indent: number;
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
      for (const { lines, script: home, start, indent } of this.#placed) {
        if (script !== home) continue;
        const whole = lines[line - start];
        const text = whole?.trim();
        if (!text) continue;
        return {
          text,
          within: within || methodAt(lines, line - start),
          column: column - (whole.length - whole.trimStart().length) -
            (line === start ? indent : 0),
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

/**
 * The line of the script at which a text begins: the one for which each call from it stands where the text
 * has a call. `undefined` where none fits, or several do.
 */
function startOf(part: CodePart, frames: readonly Frame[]): Placed | undefined {
  const lines = part.toString().split("\n");
  const methods = new Set([
    part.name,
    ...lines.flatMap((line) =>
      /^\s*(?:async |static |get |function )*(#?[\w$]+)\s*\(.*\{$/.exec(line)?.[1] ?? []
    ).filter((name) => !/^(if|for|while|switch|catch)$/.test(name)),
  ]);
  const fitting = frames.filter(({ within }) => methods.has(within.split(".").at(-1)!));
  // Other classes have methods of the same names; a class that is extended has other names' calls alone.
  const own = fitting.filter(({ within }) => within.split(".")[0] === part.name);
  const calls = new Map<string, Frame>();
  for (const frame of own.length > 0 ? own : fitting) {
    calls.set(`${frame.script} ${frame.line}:${frame.column}`, frame);
  }
  const scores = new Map<
    string,
    { script: string; start: number; indents: number[]; score: number }
  >();
  for (const { script, line, column, called } of calls.values()) {
    lines.forEach((text, index) => {
      const found = callAt(text, { column, called, isFirst: index === 0 });
      if (!found) return;
      const start = line - index;
      const key = `${script} ${start}`;
      const { score = 0, indents = [] } = scores.get(key) ?? {};
      // What was called may have another name inside of the library, which decides between lines alone.
      const worth = called.includes(found.name) ? 1 : 0.9;
      const all = index === 0 ? [...indents, found.indent] : indents;
      scores.set(key, { script, start, indents: all, score: score + worth });
    });
  }
  const [best, second] = [...scores.values()].sort((a, b) => b.score - a.score);
  if (!best || best.score * 2 <= calls.size || second?.score === best.score) return undefined;
  return { lines, script: best.script, start: best.start, indent: best.indents[0] ?? 0 };
}

/** The call in a line at a column; in the first line, something of the script may stand before the text. */
function callAt(
  text: string,
  { column, called, isFirst }: { column: number; called: string; isFirst: boolean },
): { name: string; indent: number } | undefined {
  const pattern = /(?<![\w$#])(?:new\s+)?([\w$#]+)\s*\(/g;
  const all = [...text.matchAll(pattern)];
  const exact = all.find(({ index }) => index === column - 1);
  if (exact) return { name: exact[1], indent: 0 };
  const shifted = isFirst
    ? all.find(({ index, 1: name }) => index < column - 1 && called.includes(name))
    : undefined;
  return shifted && { name: shifted[1], indent: column - 1 - shifted.index };
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
