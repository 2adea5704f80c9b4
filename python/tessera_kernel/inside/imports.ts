/** Names that a cell imports: where its module lacks one, that is an error, as elsewhere in the language. */

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

/** The candidate that the fewest changes of a letter lead to, if those are few. */
function nearest(word: string, candidates: readonly string[]): string | undefined {
  const [best] = candidates.map((name) => ({ name, changes: changesBetween(word, name) }))
    .sort((a, b) => a.changes - b.changes);
  return best && best.changes <= Math.max(1, word.length / 3) ? best.name : undefined;
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
