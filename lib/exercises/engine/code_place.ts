/**
 * Where in a cell's script a learner's class or function begins: it follows from the places of the calls in it.
 */

// deno-lint-ignore ban-types -- a class or a function of the learner's, whatever it takes
export type CodePart = Function;

/** A call in a cell: the function that it stands in, line and column from 1. */
export interface CellFrame {
  /** `cell:3`, or `<anonymous>` where the kernel gives no name. */
  script: string;
  within: string;
  line: number;
  column: number;
  /** The stack's words for what was called there. */
  called: string;
}

/** The calls in cells that a stack holds, the innermost first. */
export function cellFrames(stack: string): CellFrame[] {
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

/** A class or function of the learner's, and where it begins. */
export interface Placed {
  /** A class's name, where the engine's stacks tell none. */
  className?: string;
  lines: readonly string[];
  script: string;
  start: number;
  /** How much of the script stands before its first line: "const f = ". */
  indent: number;
}

/**
 * The line of the script at which a text begins: the one for which each call from it stands where the text
 * has a call. `undefined` where none fits, or several do.
 */
export function startOf(part: CodePart, frames: readonly CellFrame[]): Placed | undefined {
  const lines = part.toString().split("\n");
  const methods = new Set([
    part.name,
    ...lines.flatMap((line) =>
      /^\s*(?:async |static |get |function )*(#?[\w$]+)\s*\(.*\{$/.exec(line)?.[1] ?? []
    ).filter((name) => !statements.test(name)),
  ]);
  const fitting = frames.filter(({ within }) => methods.has(within.split(".").at(-1)!));
  // Other classes have methods of the same names; a class that is extended has other names' calls alone.
  const own = fitting.filter(({ within }) => within.split(".")[0] === part.name);
  const className = /^class\b/.test(lines[0]) ? part.name : undefined;
  // Firefox tells no classes: each place is held against the calls that it has inside.
  const tellsClasses = !className || fitting.some(({ within }) => within.includes("."));
  const calls = new Map<string, CellFrame>();
  for (const frame of tellsClasses && own.length > 0 ? own : fitting) {
    calls.set(`${frame.script} ${frame.line}:${frame.column}`, frame);
  }
  const scores = new Map<
    string,
    { script: string; start: number; indents: number[]; score: number }
  >();
  for (const { script, within, line, column, called } of calls.values()) {
    lines.forEach((text, index) => {
      const found = callAt(text, { column, called, isFirst: index === 0 });
      if (!found || !tellsClasses && !mayBeIn(within, lines, index, part.name)) return;
      // Where Firefox says that something failed stands a call only if its words are of one, or of a built-in's.
      const isLikely = isCall(called) || called.includes(found.name) ||
        found.name in Array.prototype;
      if (!tellsClasses && !isLikely) return;
      const start = line - index;
      const key = `${script} ${start}`;
      const { score = 0, indents = [] } = scores.get(key) ?? {};
      // What was called may have another name inside of the library, which decides between lines alone.
      const worth = called.includes(found.name) ? 1 : 0.9;
      const all = index === 0 ? [...indents, found.indent] : indents;
      scores.set(key, { script, start, indents: all, score: score + worth });
    });
  }
  const isInside = ({ script, line }: CellFrame, place: { script: string; start: number }) =>
    script === place.script && line >= place.start && line < place.start + lines.length;
  /** How many calls a place must explain. */
  const inside = (place: { script: string; start: number }) =>
    [...calls.values()].filter((frame) => isInside(frame, place) && isCall(frame.called))
      .length || 1;
  const places = [...scores.values()].map((place) => ({
    ...place,
    share: place.score / (tellsClasses ? calls.size : inside(place)),
  }));
  places.sort((a, b) => b.share - a.share || b.score - a.score);
  const alike = places.filter(({ share, score }) =>
    share === places[0].share && score === places[0].score
  );
  // Firefox does not name built-in functions such as `map`: what is called back tells lines apart.
  const nameless = frames.filter(({ within }) => within === "");
  const byNameless = alike.map((place) => ({
    place,
    count: alike.length === 1 ? 1 : nameless.filter((frame) =>
      isInside(frame, place) &&
      callAt(lines[frame.line - place.start], { ...frame, isFirst: false })
    ).length,
  })).sort((a, b) => b.count - a.count);
  const [best, second] = byNameless;
  if (!best || best.place.share <= 0.5 || second?.count === best.count) return undefined;
  const { script, start, indents } = best.place;
  return {
    className: tellsClasses ? undefined : className,
    lines,
    script,
    start,
    indent: indents[0] ?? 0,
  };
}

/** Whether what stands before a frame is another one, or nothing but "Error": no words of what was thrown. */
const isCall = (before: string) => /^\s*at |^Error$/.test(before);

/** Whether a call that stands `within` a method may stand in a line of a class. */
function mayBeIn(
  within: string,
  lines: readonly string[],
  index: number,
  className: string,
): boolean {
  const heads = lines.slice(0, index + 1).map((line) =>
    /^\s*(?:async |static |get |set )*(#?[\w$]+)\s*\(.*\)\s*\{/.exec(line)?.[1]
  );
  const method = heads.findLast((name) => name && !statements.test(name));
  return method === undefined || within === method ||
    within === className && method === "constructor";
}

/** What begins a block as a method does. */
const statements = /^(?:if|for|while|switch|catch)$/;

/** The call in a line at a column; in the first line, something of the script may stand before the text. */
function callAt(
  text: string,
  { column, called, isFirst }: { column: number; called: string; isFirst: boolean },
): { name: string; indent: number } | undefined {
  const pattern = /(?<![\w$#])(?:new\s+)?([\w$#]+)\s*\(/g;
  const all = [...text.matchAll(pattern)].filter(([, name]) => !statements.test(name));
  const exact = all.find(({ index }) => index === column - 1);
  if (exact) return { name: exact[1], indent: 0 };
  const shifted = isFirst
    ? all.find(({ index, 1: name }) => index < column - 1 && called.includes(name))
    : undefined;
  if (shifted) return { name: shifted[1], indent: column - 1 - shifted.index };
  const atBracket = all.find(({ 0: call, index }) => index + call.length === column);
  return atBracket && { name: atBracket[1], indent: 0 };
}
