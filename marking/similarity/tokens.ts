/** Texts as sequences of tokens in which names do not count: renaming makes no other program. */

/** A token and where it stands, from line and column 0. */
export interface Token {
  text: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** A token of js-tokens, a tokenizer of JavaScript that passes over what is TypeScript's. */
export interface RawToken {
  type: string;
  value: string;
}

const nothing = ["WhiteSpace", "LineTerminatorSequence", "MultiLineComment", "SingleLineComment"];
const keywords = new Set(
  ("abstract as async await break case catch class const continue default delete do else export extends false " +
    "finally for function if implements import in instanceof interface let new null of override private " +
    "protected public readonly return static super switch this throw true try type typeof undefined void while " +
    "yield").split(" "),
);

/** A program's tokens: own names are alike, what is asked of others (`.reshape`) and keywords stay. */
export function codeTokens(raw: Iterable<RawToken>): Token[] {
  const tokens: Token[] = [];
  let [line, column] = [0, 0];
  let before = "";
  for (const { type, value } of raw) {
    const [from, fromColumn] = [line, column];
    const lines = value.split("\n");
    line += lines.length - 1;
    column = lines.length > 1 ? lines.at(-1)!.length : column + value.length;
    if (nothing.includes(type)) continue;
    const text = wordFor(type, value, before);
    before = value;
    tokens.push({ text, line: from, column: fromColumn, endLine: line, endColumn: column });
  }
  return tokens;
}

function wordFor(type: string, value: string, before: string): string {
  if (/^IdentifierName|PrivateIdentifier$/.test(type)) {
    return keywords.has(value) || before === "." || before === "?." ? value : "name";
  }
  if (type === "NumericLiteral") return "0";
  if (type === "StringLiteral") return "text";
  return type.includes("Template") ? "template" : value;
}

/** A text's words, in small letters, without signs. */
export function wordTokens(text: string): Token[] {
  return text.split("\n").flatMap((content, line) =>
    [...content.matchAll(/[\p{L}\p{N}]+/gu)].map(({ 0: word, index: column }) => ({
      ...{ text: word.toLowerCase(), line, column, endLine: line, endColumn: column + word.length },
    }))
  );
}
