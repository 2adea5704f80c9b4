/** What a cell imports: where a module, or a name in it, is not there, that is an error that says what is near. */
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Array, Number, Object, SyntaxError, URL } from "./language.ts";

/**
 * Returns the module. Throws a `SyntaxError` for the first name that it does not export, unless that is a
 * type's, of which nothing is left when the code runs.
 */
export function withExports<T extends object>(module: T, path: string, names: string[]): T {
  for (const name of names) {
    if (name in module || isType(name, path)) continue;
    const near = nearest(name, Object.keys(module));
    throw new SyntaxError(
      `"${path}" exports no "${name}".` +
        (near ? ` Did you mean "${near}"?` : ` If it is a type, write: import { type ${name} }.`),
    );
  }
  return module;
}

function isType(name: string, path: string): boolean {
  try {
    const isPath = /^[./]/.test(path);
    const address = isPath
      ? new URL(path, `file://${Deno.cwd()}/`).href
      : import.meta.resolve(path);
    const text = Deno.readTextFileSync(new URL(address));
    return new RegExp(String.raw`\b(?:type|interface)\s+(?:\{[^}]*\b)?${name}\b`).test(text);
  } catch {
    return false; // not a file, or it cannot be read
  }
}

/** For JSON that is imported as if it were code; once Deno has read it so, it never reads it as JSON. */
export function notAsCode(path: string): Promise<never> {
  return Promise.reject(
    new TypeError(`"${path}" is JSON: import data from "${path}" with { type: "json" };`),
  );
}

/** An error of loading a module in words that help; others as they are. */
export function inWords(error: unknown): unknown {
  // Deno names some of them twice.
  const message = error instanceof TypeError ? error.message.replace(/^TypeError: /, "") : "";
  const [, name] = /^Import "([^"]+)" not a dependency/.exec(message) ?? [];
  if (name !== undefined) {
    return new TypeError(`"${name}" is no package that is known here. ${adviceForPackage(name)}`);
  }
  const [, builtIn] = /^No such built-in module: (node:.+)$/.exec(message) ?? [];
  if (builtIn !== undefined) {
    return new TypeError(`${message}.${didYouMean(nearest(builtIn, builtIns()))}`);
  }
  const [, file] = /^Module not found "(file:[^"]+)"/.exec(message) ?? [];
  return file === undefined ? error : new TypeError(`${message}${adviceForFile(file)}`);
}

function adviceForPackage(name: string): string {
  if (isFile(name)) return `A file's path begins with ./ here: "./${name}".`;
  if (builtIns().includes(`node:${name}`)) return `Node's modules are "node:${name}" here.`;
  const near = nearest(name, packages());
  if (near === name) {
    return `It is known to the notebooks of a home, and ${Deno.cwd()} is in none, or has a deno.json of its ` +
      "own: open this notebook in your home (./tessera home says where that is).";
  }
  if (near) return didYouMean(near).trim();
  return `Cells import from "tessera" and "@tensorflow/tfjs"; another package is "npm:${name}".`;
}

function adviceForFile(url: string): string {
  const path = fileURLToPath(url), folder = dirname(path), name = basename(path);
  try {
    const files = [...Deno.readDirSync(folder)].filter((each) => each.isFile)
      .map((each) => each.name).filter((each) => /\.([cm]?[jt]sx?|json)$/.test(each));
    const whole = files.find((each) => basename(each, extname(each)) === name);
    const near = whole ?? nearest(name, files);
    if (near === undefined) return "";
    const isHere = folder === Deno.cwd();
    return didYouMean(isHere ? `./${near}` : join(folder, near));
  } catch {
    return ` There is no folder ${folder}.`;
  }
}

const didYouMean = (near: string | undefined) => near ? ` Did you mean "${near}"?` : "";

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The names by which the course's notebooks import. */
function packages(): string[] {
  const map = new URL("../../../import_map.json", import.meta.url);
  return Object.keys(JSON.parse(Deno.readTextFileSync(map)).imports)
    .filter((name) => /^(tessera|@tensorflow)\b/.test(name));
}

function builtIns(): string[] {
  // deno-lint-ignore no-process-global -- what loads a module by `import` does so before any cell
  const { builtinModules } = process.getBuiltinModule("node:module") as unknown as {
    builtinModules: string[];
  };
  return builtinModules.filter((name) => !name.startsWith("_"))
    .map((name) => name.startsWith("node:") ? name : `node:${name}`);
}

/** The candidate that the fewest changes of a letter lead to, if those are few; else one that holds the word, or is in it. */
function nearest(word: string, candidates: readonly string[]): string | undefined {
  const [best] = candidates.map((name) => ({ name, changes: changesBetween(word, name) }))
    .sort((a, b) => a.changes - b.changes);
  if (best && best.changes <= Math.max(1, word.length / 3)) return best.name;
  const lower = word.toLowerCase();
  const related = candidates.filter((name) => {
    const other = name.toLowerCase();
    return lower.length > 2 && other.includes(lower) ||
      2 * other.length >= lower.length && lower.includes(other);
  });
  return related.sort((a, b) => changesBetween(word, a) - changesBetween(word, b))[0];
}

/** Levenshtein's distance, upper and lower case alike. */
function changesBetween(first: string, second: string): number {
  const [a, b] = [first.toLowerCase(), second.toLowerCase()];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = above[j - 1] + Number(a[i - 1] !== b[j - 1]);
      row.push(Math.min(change, above[j] + 1, row[j - 1] + 1));
    }
  }
  return row[b.length];
}
