/**
 * Changes to a solution, found in its text: wrong ones, each of which a learner makes, and right ones, which
 * write the same in another style.
 */

/** A changed cell. */
export interface Mutant {
  /** "drop", "swap", …; "rewrite" leaves it right. */
  operator: Operator;
  cell: string;
  /** The line that was changed, as it is now. */
  line: string;
  /** What it was. */
  was: string;
}

export type Operator =
  | "drop"
  | "swap"
  | "repeat"
  | "axis"
  | "size"
  | "order"
  | "sign"
  | "rewrite";

/** A change of some text to another. */
interface Change {
  start: number;
  end: number;
  text: string;
}

/** Whether a place in a text lies in a comment. */
function isComment(text: string, place: number): boolean {
  const line = text.slice(text.lastIndexOf("\n", place - 1) + 1, place);
  return line.includes("//") || /^\s*\*/.test(line);
}

/** The parts of a cell that a learner writes, by where they begin and end. */
function solutionRegions(cell: string): [start: number, end: number][] {
  return [...cell.matchAll(/BEGIN SOLUTION.*\n([\s\S]*?)^.*END SOLUTION/gm)].map((match) => {
    const start = match.index + match[0].indexOf("\n") + 1;
    return [start, start + match[1].length];
  });
}

/**
 * All mutants of a cell that one operator makes; with `constructorOnly`, those of its constructor, for a check
 * that looks at nothing else.
 */
export function mutantsOf(
  cell: string,
  operator: Operator,
  { constructorOnly = false } = {},
): Mutant[] {
  const end = constructorOnly ? /^ {2}forward\(/m.exec(cell)?.index ?? cell.length : cell.length;
  const regions = solutionRegions(cell).filter(([start]) => start < end);
  const changes = operators[operator](cell).filter(({ start, end }) =>
    !isComment(cell, start) &&
    (operator === "rewrite" || regions.some(([from, to]) => start >= from && end <= to))
  );
  return changes.map(({ start, end, text }) => {
    const changed = cell.slice(0, start) + text + cell.slice(end);
    const from = changed.lastIndexOf("\n", start - 1) + 1;
    const to = changed.indexOf("\n", start + text.length);
    const oldTo = cell.indexOf("\n", end);
    return {
      operator,
      cell: changed,
      line: changed.slice(from, to).trim(),
      was: cell.slice(from, oldTo).trim(),
    };
  }).filter((mutant) => mutant.cell !== cell && mutant.line !== mutant.was);
}

/** A call in a text: its name, where it stands, and its arguments. */
interface Call {
  name: string;
  start: number;
  end: number;
  arguments: { start: number; end: number; text: string }[];
}

/** The calls `name(…)` whose name matches, inner ones too. */
function calls(text: string, name: RegExp): Call[] {
  const found: Call[] = [];
  for (const match of text.matchAll(new RegExp(`(?<![\\w.])(${name.source})\\(`, "g"))) {
    const open = match.index + match[0].length;
    const args: Call["arguments"] = [];
    let [depth, at, from] = [1, open, open];
    const take = (end: number) => {
      const argument = text.slice(from, end);
      const lead = argument.length - argument.trimStart().length;
      if (argument.trim() !== "") {
        args.push({
          start: from + lead,
          end: from + argument.trimEnd().length,
          text: argument.trim(),
        });
      }
      from = end + 1;
    };
    for (; depth > 0 && at < text.length; at++) {
      const letter = text[at];
      if ("([{".includes(letter)) depth++;
      else if (")]}".includes(letter)) depth--;
      if (depth === 0) take(at);
      else if (depth === 1 && letter === ",") take(at);
    }
    if (depth === 0) found.push({ name: match[1], start: match.index, end: at, arguments: args });
  }
  return found;
}

const tensorCalls = (text: string, names: string) => calls(text, new RegExp(`tf\\.(?:${names})`));
const layerCalls = (text: string) => calls(text, /this(?:\.\w+)+\.forward/);

const replaced = ({ start, end }: { start: number; end: number }, text: string): Change => ({
  start,
  end,
  text,
});

function drop(cell: string): Change[] {
  const unwrapped = [
    ...layerCalls(cell),
    ...calls(
      cell,
      /(?:tf\.)?(?:relu|gelu|softmax|square|sqrt)|tf\.(?:transpose|squeeze|pad)|subsample/,
    ),
  ].filter((call) => call.arguments.length > 0).map((call) =>
    replaced(call, call.arguments[0].text)
  );
  const summands = tensorCalls(cell, "add|sub|mul|div").flatMap((call) =>
    call.arguments.map(({ text }) => replaced(call, text))
  );
  const options = [...cell.matchAll(/(?<=[{,] ?)(?:bias|padding|stride): [\w.]+(?:, )?/g)]
    .map((match) => ({ start: match.index, end: match.index + match[0].length, text: "" }));
  return [...unwrapped, ...summands, ...options];
}

function swap(cell: string): Change[] {
  const binary = tensorCalls(cell, "sub|div|matMul").filter((call) => call.arguments.length >= 2);
  const swapped = binary.map((call) => {
    const [a, b] = call.arguments;
    return replaced({ start: a.start, end: b.end }, `${b.text}, ${a.text}`);
  });
  const lists = [...cell.matchAll(/\[(\w+), (\w+)((?:, \w+)*)\](?= =|, )/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    text: `[${match[2]}, ${match[1]}${match[3]}]`,
  }));
  const layers = layerCalls(cell);
  const exchanged = layers.flatMap((call) => {
    const other = layers.find((each) => each.name !== call.name);
    const end = call.start + call.name.length;
    return other ? [replaced({ start: call.start, end }, other.name)] : [];
  });
  return [...swapped, ...lists, ...exchanged];
}

function repeat(cell: string): Change[] {
  return [...layerCalls(cell), ...tensorCalls(cell, "softmax|gelu")].map((call) =>
    replaced(call, `${call.name}(${cell.slice(call.start, call.end)})`)
  );
}

function axis(cell: string): Change[] {
  const shifted: Record<string, string> = {
    "-1": "-2",
    "-2": "-1",
    "0": "1",
    "1": "0",
    "2": "1",
    "3": "2",
  };
  const single = tensorCalls(
    cell,
    "softmax|concat|split|mean|sum|max|stack|unstack|expandDims|moments|all",
  )
    .flatMap((call) =>
      call.arguments.slice(1).flatMap((argument) =>
        argument.text in shifted ? [replaced(argument, shifted[argument.text])] : []
      )
    );
  const lists = tensorCalls(cell, "transpose|mean|sum|max").flatMap((call) =>
    call.arguments.slice(1, 2).flatMap((argument) => {
      const axes = /^\[([\d, -]+)\]$/.exec(argument.text)?.[1].split(", ");
      if (!axes || axes.length < 2) return [];
      const swapped = axes.length === 2 && call.name !== "tf.transpose"
        ? [axes[0]]
        : axes.map((each, index) =>
          index === 1 ? axes[2] ?? axes[0] : index === 2 ? axes[1] : each
        );
      return [replaced(argument, `[${swapped.join(", ")}]`)];
    })
  );
  return [...single, ...lists];
}

function size(cell: string): Change[] {
  const made = calls(cell, /new \w+/).flatMap((call) => {
    const numbers = call.arguments.filter(({ text }) => !text.startsWith("{"));
    return numbers.flatMap((argument) => {
      const other = numbers.find(({ text }) => text !== argument.text);
      return other
        ? [replaced(argument, other.text)]
        : [replaced(argument, `2 * ${argument.text}`)];
    });
  });
  const numbers = [...cell.matchAll(/(?<=[^\w.\-\[])(?:[2-9]|1[0-9]|[3-9]\d)(?=[ ,;)*])/g)].map((
    match,
  ) => ({
    start: match.index,
    end: match.index + match[0].length,
    text: String(Number(match[0]) + 1),
  }));
  const places = tensorCalls(cell, "slice").flatMap((call) =>
    call.arguments.slice(1).flatMap(({ start, text }) =>
      [...text.matchAll(/(?<=[[ ])\d+(?=[,\]])/g)].map(({ index, 0: digits }) =>
        replaced(
          { start: start + index, end: start + index + digits.length },
          String(Number(digits) + 1),
        )
      )
    )
  );
  const roots = calls(cell, /Math\.sqrt/).map((call) => replaced(call, call.arguments[0].text));
  return [...made, ...numbers, ...places, ...roots];
}

/** A step exchanged with the next one, which uses what it makes. */
const order = (cell: string) => neighbours(cell, (uses) => uses);

/** Two steps one after the other exchanged, the second of which `uses` the first or does not. */
function neighbours(cell: string, isWanted: (uses: boolean) => boolean): Change[] {
  const lines = cell.split("\n");
  const changes: Change[] = [];
  let at = 0;
  for (const [index, line] of lines.entries()) {
    const next = lines[index + 1];
    const isStatement = (text?: string) =>
      /^\s+(?:const|let|x|y)\b.*=.*;(?: *\/\/.*)?$/.test(text ?? "");
    if (isStatement(line) && isStatement(next) && isWanted(usesAny(next, line))) {
      changes.push({
        start: at,
        end: at + line.length + 1 + next.length,
        text: `${next}\n${line}`,
      });
    }
    at += line.length + 1;
  }
  return changes;
}

/** Whether a line uses a name that another one gives a value. */
function usesAny(line: string, other: string): boolean {
  const names = /^\s*(?:(?:const|let)\s+)?(.*?) =/.exec(other)?.[1].match(/\w+/g) ?? [];
  return names.some((name) => new RegExp(`\\b${name}\\b`).test(line));
}

function sign(cell: string): Change[] {
  const others: Record<string, string> = {
    add: "sub",
    sub: "add",
    mul: "div",
    div: "mul",
    maximum: "minimum",
  };
  const operations = [...cell.matchAll(/tf\.(add|sub|mul|div|maximum)(?=\()/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    text: `tf.${others[match[1]]}`,
  }));
  const signs: Record<string, string> = {
    " + ": " - ",
    " - ": " + ",
    " < ": " <= ",
    " >= ": " > ",
    " / ": " * ",
  };
  const written = [...cell.matchAll(/(?<=[\w)\]]) (?:[+\-/<]|>=) (?=[\w(])/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    text: signs[match[0]],
  }));
  return [...operations, ...written];
}

/** The same in another style. */
function rewrite(cell: string): Change[] {
  const commuted = tensorCalls(cell, "add|mul").filter((call) => call.arguments.length === 2).map(
    (call) => {
      const [a, b] = call.arguments;
      return replaced(call, `${call.name}(${b.text}, ${a.text})`);
    },
  );
  const chained = tensorCalls(cell, "add|sub|mul|div|matMul").filter((call) =>
    /^(?:this\.|tf\.)/.test(call.arguments[0]?.text ?? "")
  ).map((call) => {
    const [first, ...rest] = call.arguments.map(({ text }) => text);
    return replaced(call, `${first}.${call.name.slice(3)}(${rest.join(", ")})`);
  });
  const relus = calls(cell, /(?:tf\.)?relu/).map((call) =>
    replaced(call, `tf.maximum(${call.arguments[0].text}, 0)`)
  );
  const softmaxes = tensorCalls(cell, "softmax").map((call) => {
    const scores = call.arguments[0].text;
    return replaced(
      call,
      `((s) => { const e = tf.exp(tf.sub(s, tf.max(s, -1, true))); ` +
        `return tf.div(e, tf.sum(e, -1, true)); })(${scores})`,
    );
  });
  const divided = tensorCalls(cell, "div").filter((call) =>
    /^(?:Math\.|\d)/.test(call.arguments[1]?.text ?? "")
  )
    .map((call) =>
      replaced(call, `tf.mul(${call.arguments[0].text}, 1 / ${call.arguments[1].text})`)
    );
  return [
    ...neighbours(cell, (uses) => !uses),
    ...commuted,
    ...chained,
    ...relus,
    ...softmaxes,
    ...divided,
    ...renamed(cell),
    ...redeclared(cell),
  ];
}

/** Each layer of a class under another name; what are numbers, the text may ask for by name. */
function renamed(cell: string): Change[] {
  const fields = [...cell.matchAll(/^ {2}(\w+)\??: (?!number)/gm)].map(([, name]) => name);
  return fields.filter((name) => cell.includes(`this.${name}`)).map((name) => ({
    start: 0,
    end: cell.length,
    text: cell.replace(
      new RegExp(`(?<=this\\.)${name}\\b|^(?<=^ {2}|\\n {2})${name}(?=\\??[:;])`, "g"),
      `my${name}`,
    )
      .replace(new RegExp(`^ {2}${name}(?=\\??[:;])`, "gm"), `  my${name}`),
  }));
}

/** The fields of a class declared from the last to the first, which is the order in which it has them. */
function redeclared(cell: string): Change[] {
  const match = /(?:^ {2}\w+\??: [^\n]*;[^\n]*\n){2,}/m.exec(cell);
  if (!match) return [];
  const lines = match[0].trimEnd().split("\n").map((line) =>
    line.replace(/;/, " = undefined as never;")
  );
  return [{
    start: match.index,
    end: match.index + match[0].length,
    text: `${lines.reverse().join("\n")}\n`,
  }];
}

const operators: Record<Operator, (cell: string) => Change[]> = {
  drop,
  swap,
  repeat,
  axis,
  size,
  order,
  sign,
  rewrite,
};

export const allOperators = Object.keys(operators) as Operator[];
