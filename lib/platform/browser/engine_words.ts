/** What other engines than V8 say of a mistake, in V8's words: hints and explanations go by them. */

type Words = (...groups: string[]) => string;

const noProperty = (of: string, property: string) =>
  /Symbol\.iterator/.test(property)
    ? `${of} is not iterable`
    : `Cannot read properties of ${of} (reading '${property}')`;
const noNew = (name = "") =>
  `Class constructor ${name && `${name} `}cannot be invoked without 'new'`;
const noSuper = () =>
  "Must call super constructor in derived class before accessing 'this' or returning from derived constructor";

const firefoxs: [RegExp, Words][] = [
  [
    /^can't access property "?(.+?)"?, .+ is (undefined|null)$/,
    (property, of) => noProperty(of, property),
  ],
  [
    /^can't access property "?(.+?)"? of (undefined|null)$/,
    (property, of) => noProperty(of, property),
  ],
  [
    /^(undefined|null) has no properties$/,
    (value) => `Cannot destructure '${value}' as it is ${value}.`,
  ],
  [/^assignment to undeclared variable (.+)$/, (name) => `${name} is not defined`],
  [/^invalid assignment to const '.+'$/, () => "Assignment to constant variable."],
  [
    /^"(.+)" is read-only$/,
    (name) => `Cannot assign to read only property '${name}' of ${holderOf(name)}`,
  ],
  [
    /^can't access lexical declaration '(.+)' before initialization$/,
    (name) => `Cannot access '${name}' before initialization`,
  ],
  [
    /^setting getter-only property "(.+)"$/,
    (name) => `Cannot set property ${name} of an object which has only a getter`,
  ],
  [
    /^property "?(.+?)"? is non-configurable and can't be deleted$/,
    (name) => `Cannot delete property '${name}'${/^\d+$/.test(name) ? " of [object Array]" : ""}`,
  ],
  [
    /^can't define (?:array index )?property .*(?:non-writable length|not extensible)$/,
    () => "Cannot add property, object is not extensible",
  ],
  [/^class constructors must be invoked with 'new'$/, () => noNew()],
  [/^must call super constructor before using 'this' in derived class constructor$/, noSuper],
  [/^too much recursion$/, () => "Maximum call stack size exceeded"],
  [/^invalid array length$/, () => "Invalid array length"],
];

const webKits: [RegExp, Words][] = [
  [/^Can't find variable: (.+)$/, (name) => `${name} is not defined`],
  [
    /^(undefined|null) is not an object \(evaluating '([^]+)'\)$/,
    (of, code) => noProperty(of, lastProperty(code) ?? "Symbol.iterator"),
  ],
  [
    /^([^]+?) is not a (function|constructor)(?:\. \(In '| \(evaluating ')[^]*\)$/,
    (code, kind) => `${withoutArguments(code)} is not a ${kind}`,
  ],
  [
    /^undefined is not a function \(near '\.\.\.(?:.* of )?(.+)\.\.\.'\)$/,
    (code) => `${code} is not iterable`,
  ],
  [
    /^Spread syntax requires \.\.\.iterable not be null or undefined$/,
    () => "undefined is not iterable",
  ],
  [
    /^Spread syntax requires \.\.\.iterable\[Symbol\.iterator\] to be a function$/,
    () => "what is spread is not iterable",
  ],
  [/^Cannot access uninitialized variable\.$/, () => "Cannot access it before initialization"],
  [/^Unable to delete property\.$/, () => "Cannot delete property"],
  [/^Cannot call a class constructor (?:(\w+) )?without \|new\|$/, noNew],
  [/^'super\(\)' must be called in derived constructor before accessing \|this\|/, noSuper],
  [/^Maximum call stack size exceeded\.$/, () => "Maximum call stack size exceeded"],
  [/^Array length must be a positive integer of safe magnitude\.$/, () => "Invalid array length"],
];

const both: [RegExp, Words][] = [
  [/^reduce of (empty array .*)$/, (rest) => `Reduce of ${rest}`],
];

/** What an error says, in the words of V8. */
export function wordsOfError({ message }: Error): string {
  for (const [pattern, words] of [...firefoxs, ...webKits, ...both]) {
    const found = pattern.exec(message);
    if (found) return words(...found.slice(1));
  }
  return message;
}

/** A name that no cell may assign to is the global object's. */
const holderOf = (name: string) =>
  Object.getOwnPropertyDescriptor(globalThis, name)?.writable === false
    ? "object '#<Global>'"
    : "an object";

/** What is read last in code such as `x.blocks[0].norm(y)`. */
function lastProperty(code: string): string | undefined {
  const found = /(?:\.|\[['"]?)(#?[\w$]+)['"]?\]?(?:\s*=[^]*|\([^]*\))?$/.exec(code);
  return found?.[1];
}

/** `a.map(x => x).nope` as V8 has it: `a.map(...).nope`. */
function withoutArguments(code: string): string {
  let depth = 0;
  return [...code].map((letter) => {
    if (letter === ")") depth--;
    const shown = depth > 0 ? "" : letter;
    if (letter === "(" && depth++ === 0) return "(...";
    return shown;
  }).join("");
}
