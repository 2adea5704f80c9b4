/**
 * TypeScript read as far as needed to know what is code and which brackets are open, in text that is being
 * typed and may be anything.
 */

/** A bracket, a backtick or a comment that is opened; offsets count from the text's start. */
export interface Opened {
  opener: "(" | "[" | "{" | "${" | "`" | "/*";
  offset: number;
}

/** What is read of a text. */
export interface Reading {
  /** What is still open at the end, the outermost first. */
  open: Opened[];
  /** Closing brackets that close nothing. */
  stray: number[];
  /** Strings, templates' texts, regular expressions and comments: from, to. */
  noCode: [from: number, to: number][];
}

/** What closes each of them. */
export const closers = {
  "(": ")",
  "[": "]",
  "{": "}",
  "${": "}",
  "`": "`",
  "/*": "*/",
} as const;

const string = /"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?/y;
const comment = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const regularExpression = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/\w*/y;
const word = /[\p{L}\p{N}_$]+/uy;

/** What may follow a value and leaves it one: `x!`, `x++`. */
const behindValue = /!(?!=)|\+\+|--/y;

/** After these words a slash begins a regular expression, as it does where no value stands before it. */
const operators =
  /^(?:return|typeof|case|in|of|delete|void|throw|new|else|do|await|yield|instanceof)$/;

/** Reads a text from its start. */
export function readCode(text: string): Reading {
  const open: Opened[] = [];
  const stray: number[] = [];
  const noCode: [number, number][] = [];
  let endsValue = false;
  const take = (pattern: RegExp, at: number) => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  for (let at = 0; at < text.length;) {
    if (open.at(-1)?.opener === "`") {
      const from = at;
      while (at < text.length && text[at] !== "`" && !text.startsWith("${", at)) {
        at += text[at] === "\\" ? 2 : 1;
      }
      noCode.push([from, Math.min(at, text.length)]);
      if (at >= text.length) break;
      if (text[at] === "`") {
        open.pop();
        endsValue = true;
        at++;
      } else {
        open.push({ opener: "${", offset: at });
        endsValue = false;
        at += 2;
      }
      continue;
    }
    const said = take(comment, at);
    if (said) {
      const isOpen = said.startsWith("/*") && (said.length < 4 || !said.endsWith("*/"));
      if (isOpen) open.push({ opener: "/*", offset: at });
      noCode.push([at, at + said.length]);
      at += said.length;
      continue;
    }
    const literal = take(string, at) ?? (endsValue ? undefined : take(regularExpression, at));
    if (literal) {
      noCode.push([at, at + literal.length]);
      endsValue = true;
      at += literal.length;
      continue;
    }
    const name = take(word, at);
    if (name) {
      endsValue = !operators.test(name);
      at += name.length;
      continue;
    }
    const character = text[at];
    if (character === "(" || character === "[" || character === "{" || character === "`") {
      open.push({ opener: character, offset: at });
      endsValue = false;
    } else if (character === ")" || character === "]" || character === "}") {
      if (!close(open, character)) stray.push(at);
      endsValue = character !== "}" || open.at(-1)?.opener === "`";
    } else if (/\S/.test(character)) {
      const behind = take(behindValue, at);
      if (!endsValue || !behind) endsValue = false;
      else at += behind.length - 1;
    }
    at++;
  }
  return { open, stray, noCode };
}

/** Takes away what a bracket closes, and what was forgotten inside it; gives whether it closes anything. */
function close(open: Opened[], closer: string): boolean {
  const isClosed = ({ opener }: Opened) => closers[opener] === closer;
  // A bracket within a template's ${…} closes nothing outside it.
  const border = open.findLastIndex(({ opener }) => opener === "${");
  const at = open.findLastIndex((each, index) => index >= border && isClosed(each));
  if (at < 0) return false;
  open.length = at;
  return true;
}

/** Whether a place lies in code, and not in a string or a comment. */
export function isCode({ noCode }: Reading, offset: number): boolean {
  return !noCode.some(([from, to]) => from <= offset && offset < to);
}
