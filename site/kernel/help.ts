/**
 * Completion and help while a cell is written: from the names that earlier cells have made, the cell's own words, and
 * what `words.json` says of the library. Nothing of the cell runs.
 */
import type { Word, Words } from "./words.ts";

export interface Completion {
  matches: string[];
  /** Where the word that is completed begins and ends. */
  start: number;
  end: number;
}

const keywords =
  "abstract as async await break case catch class const continue default do else enum export extends " +
  "false finally for from function if implements import in instanceof interface let namespace new null of readonly return " +
  "satisfies static super switch this throw true try type typeof undefined void while yield";
const globals =
  "Array BigInt Boolean console Date Error Float32Array Float64Array Infinity Int32Array isFinite isNaN JSON Map Math NaN " +
  "Number Object performance Promise RangeError Set String Symbol TypeError Uint8Array";
const always = `${keywords} ${globals}`.split(" ");
const mostMatches = 200;

const tensorflow = "@tensorflow/tfjs";

/** What a name of the cells holds, without asking it for anything: a getter is not called. */
export function heldBy(object: object, name: string): unknown {
  for (let each: object | null = object; each; each = Object.getPrototypeOf(each)) {
    const found = Object.getOwnPropertyDescriptor(each, name);
    if (found) return found.value;
  }
}

/** What `a.b.c` holds, and what it is called in the library. */
class Place {
  readonly value: unknown;

  constructor(readonly chain: readonly string[], scope: object) {
    this.value = chain.reduce<unknown>(
      (holder, name) => isHolder(holder) ? heldBy(holder, name) : undefined,
      scope,
    );
  }

  /** What the library says of a member. */
  wordOf(name: string, words: Words): Word | undefined {
    const { value } = this;
    if (this.chain.length === 1 && this.chain[0] === "tf") return words[tensorflow]?.[name];
    if (!isHolder(value)) return;
    for (let each: object | null = value; each; each = Object.getPrototypeOf(each)) {
      const maker = Object.hasOwn(each, "constructor") ? heldBy(each, "constructor") : undefined;
      const word = nameOf(maker) && words.tessera?.[nameOf(maker)]?.members?.[name] ||
        nameOf(maker) && words[tensorflow]?.[nameOf(maker)]?.members?.[name];
      if (word) return word;
    }
    // Most methods of tensors are the ops of the same name.
    return "dataId" in value ? words[tensorflow]?.[name] : undefined;
  }

  members(words: Words): string[] {
    const { chain, value } = this;
    if (!isHolder(value)) {
      return chain.join() === "tf" ? Object.keys(words[tensorflow] ?? {}) : [];
    }
    const names = new Set<string>();
    for (let each: object | null = value; each && each !== Object.prototype;) {
      // Numbers of an array's or a buffer's places are none.
      if (!(ArrayBuffer.isView(each) || Array.isArray(each))) {
        for (const name of Object.getOwnPropertyNames(each)) names.add(name);
      }
      each = Object.getPrototypeOf(each);
    }
    names.delete("constructor");
    return [...names].filter((name) => isName.test(name) && !name.startsWith("_"));
  }
}

const isName = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;
const isHolder = (value: unknown): value is object =>
  typeof value === "object" && value !== null || typeof value === "function";
const nameOf = (value: unknown) =>
  typeof value === "function" ? heldBy(value, "name") as string : "";

/** What may stand at a place of a cell. `scope` holds the names of earlier cells. */
export function complete(code: string, cursor: number, scope: object, words: Words): Completion {
  const before = code.slice(0, cursor);
  const from = /\b(?:from|import)\s*\(?\s*(["'])([^"'\n]*)$/.exec(before);
  if (from) return among([...Object.keys(words), "@std/assert", "node:path"], from[2], cursor);
  const [, path, word] = /((?:[\p{L}_$][\p{L}\p{N}_$]*\??\.)*)([\p{L}\p{N}_$]*)$/u.exec(before)!;
  if (path !== "") {
    const place = new Place(path.replaceAll("?", "").split(".").slice(0, -1), scope);
    return among(place.members(words), word, cursor);
  }
  // Behind a point, a number or a string there is nothing to say.
  if (/[.\d]$/.test(before.slice(0, before.length - word.length)) || /^\d/.test(word)) {
    return among([], word, cursor);
  }
  const isImport = /\bimport\s+(?:type\s+)?\{[^}]*$/.test(before);
  const library = Object.keys(words.tessera ?? {});
  const inCell = isImport ? [] : code.match(/[\p{L}_$][\p{L}\p{N}_$]+/gu) ?? [];
  const ofCells = isImport ? [] : [...Object.keys(scope), ...always];
  return among([...ofCells, ...library, ...inCell.filter((each) => each !== word)], word, cursor);
}

/** Those that begin with a word, its own letters' case first. */
function among(names: readonly string[], word: string, cursor: number): Completion {
  const wanted = word.toLowerCase();
  const matches = [...new Set(names)].filter((name) => name.toLowerCase().startsWith(wanted))
    .sort((one, other) =>
      Number(other.startsWith(word)) - Number(one.startsWith(word)) || one.localeCompare(other)
    );
  return { matches: matches.slice(0, mostMatches), start: cursor - word.length, end: cursor };
}

/** What is known of what stands at a place of a cell, as Markdown. */
export function inspect(
  code: string,
  cursor: number,
  scope: object,
  words: Words,
): string | undefined {
  const chain = nameAt(code, cursor) ?? calledAround(code, cursor);
  if (!chain) return;
  const name = chain.at(-1)!;
  const word = chain.length > 1
    ? new Place(chain.slice(0, -1), scope).wordOf(name, words)
    : words.tessera?.[name] ?? words[tensorflow]?.[nameOf(heldBy(scope, name))];
  if (word) return `\`\`\`typescript\n${word.declared}\n\`\`\`\n${word.says ?? ""}`.trim();
  const { value } = new Place(chain, scope);
  return value === undefined ? undefined : `\`${chain.join(".")}\` is ${described(value)}.`;
}

/** The names with points between them that the cursor stands in or behind. */
function nameAt(code: string, cursor: number): string[] | undefined {
  const rest = /^[\p{L}\p{N}_$]*/u.exec(code.slice(cursor))![0];
  const found = /[\p{L}_$][\p{L}\p{N}_$]*(?:\??\.[\p{L}_$][\p{L}\p{N}_$]*)*$/u
    .exec(code.slice(0, cursor) + rest);
  return found?.[0].split(/\??\./);
}

/** What is called by the parentheses around the cursor. */
function calledAround(code: string, cursor: number): string[] | undefined {
  let depth = 0;
  for (let at = cursor - 1; at >= 0; at--) {
    if (")]}".includes(code[at])) depth++;
    else if ("([{".includes(code[at]) && depth-- === 0) {
      const chain = code[at] === "(" ? nameAt(code, at) : undefined;
      if (chain) return chain;
      depth = 0;
    }
  }
}

function described(value: unknown): string {
  if (!isHolder(value)) return `the ${typeof value} ${String(value).slice(0, 200)}`;
  if (typeof value === "function") {
    const text = Function.prototype.toString.call(value);
    const kind = /^class\b/.test(text) ? "class" : "function";
    return `the ${kind} \`${text.split("\n")[0].replace(/\s*\{.*$/, "").slice(0, 200)}\``;
  }
  const shape = heldBy(value, "shape");
  const size = Array.isArray(shape) ? ` of shape [${shape.join(", ")}]` : "";
  const kind = nameOf(heldBy(value, "constructor")) || "object";
  const length = Array.isArray(value) ? ` of ${value.length}` : "";
  return `${/^[aeiou]/i.test(kind) ? "an" : "a"} ${kind}${length}${size}`;
}
