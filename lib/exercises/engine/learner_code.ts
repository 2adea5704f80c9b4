/**
 * Finds the line of a learner's code that a call came from. A notebook's cell is known by its functions'
 * texts alone, and the kernel counts the lines of the JavaScript that it made of the cell: where in that
 * script a text begins follows from the places of the calls themselves.
 */
import { placeIn } from "../../tensor/call_site.ts";

// deno-lint-ignore ban-types -- a class or a function of the learner's, whatever it takes
export type CodePart = Function;

/** A line of the learner's code. */
export interface CodeLine {
  text: string;
  /** The function that it is in: "Attention.forward"; empty where that is not known. */
  within: string;
}

/** A call in a cell: the function that it stands in, line and column from 1. */
interface Frame {
  /** `cell:3`, or `<anonymous>` where the kernel gives no name. */
  script: string;
  within: string;
  line: number;
  column: number;
}

/** The calls in cells that a stack holds, the innermost first. */
function cellFrames(stack: string): Frame[] {
  return stack.split("\n").flatMap((text) => {
    const found =
      /^\s*at (?:async )?(?:(?:new )?([\w.$#]+) )?.*?(<anonymous>|\bcell:\d+):(\d+):(\d+)\)*$/.exec(
        text,
      );
    if (!found) return [];
    const [, name = "", script, line, column] = found;
    const within = name.replace(/^Object\./, "");
    return [{ script, within, line: Number(line), column: Number(column) }];
  });
}

/** A class or function of the learner's, and where it begins. */
interface Placed {
  lines: readonly string[];
  script: string;
  start: number;
}

export class LearnerCode {
  readonly #placed: readonly Placed[];

  /** `stacks` are all that is known of calls from these parts. */
  constructor(parts: Iterable<CodePart>, stacks: readonly string[]) {
    const frames = stacks.flatMap(cellFrames);
    this.#placed = [...new Set(parts)].flatMap((part) => {
      const lines = part.toString().split("\n");
      return startOf(lines, frames) ?? [];
    });
  }

  /** The innermost line of a stack that is known to be the learner's. */
  lineOf(stack: string): CodeLine | undefined {
    for (const { script, within, line } of cellFrames(stack)) {
      for (const { lines, script: home, start } of this.#placed) {
        if (script !== home) continue;
        const text = lines[line - start]?.trim();
        if (text) return { text, within: within || methodAt(lines, line - start) };
      }
    }
  }

  /** "`const scores = tf.matMul(q, k);` in Attention.forward", or what is known of the place. */
  describe(stack: string): string {
    const line = this.lineOf(stack);
    if (!line) {
      const place = placeIn(stack);
      return place.startsWith("lib/") ? "" : place;
    }
    return `\`${shortened(line.text)}\`${line.within ? ` in ${line.within}` : ""}`;
  }
}

function shortened(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 78)}…`;
}

/**
 * The line of the script at which a text begins: the one for which each call from it stands where the text
 * has a call. `undefined` where none fits, or several do.
 */
function startOf(lines: readonly string[], frames: readonly Frame[]): Placed | undefined {
  const methods = new Set(
    lines.flatMap((line) =>
      /^\s*(?:async |static |get |function )*(#?[\w$]+)\s*\(.*\{$/.exec(line)?.[1] ?? []
    ).filter((name) => !/^(if|for|while|switch|catch)$/.test(name)),
  );
  const calls = new Map<string, Frame>();
  for (const frame of frames) {
    const method = frame.within.split(".").at(-1)!;
    if (method === "" || !methods.has(method)) continue;
    calls.set(`${frame.script} ${frame.line}:${frame.column}`, frame);
  }
  const scores = new Map<string, { script: string; start: number; score: number }>();
  for (const { script, line, column } of calls.values()) {
    lines.forEach((text, index) => {
      if (!/^(?:new\s+)?[\w$#]+\s*\(/.test(text.slice(column - 1))) return;
      // In the middle of a word no call begins.
      if (/[\w$#]/.test(text[column - 2] ?? "")) return;
      const start = line - index;
      const key = `${script} ${start}`;
      scores.set(key, { script, start, score: (scores.get(key)?.score ?? 0) + 1 });
    });
  }
  const [best, second] = [...scores.values()].sort((a, b) => b.score - a.score);
  if (!best || best.score * 2 <= calls.size || second?.score === best.score) return undefined;
  return { lines, script: best.script, start: best.start };
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
