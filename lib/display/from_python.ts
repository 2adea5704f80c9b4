import { FileError, readTextIfThere } from "../platform/files.ts";
import { projectPath } from "../platform/places.ts";
import { Table, table } from "./tables.ts";

/** One call of PyTorch or NumPy, what it is here, and what both give. */
export interface PythonCall {
  python: string;
  typescript: string;
  gives: string;
}

/** The rows of docs/from_python.md. */
export function pythonCalls(page: string): PythonCall[] {
  return [...page.matchAll(/^\| `([^`]+)` +\| `([^`]+)` +\| `([^`]+)` +\|$/gm)]
    .map(([, python, typescript, gives]) => ({ python, typescript, gives }));
}

/**
 * The calls of PyTorch and NumPy that learners use most, with what they are here, as a table; with a
 * word, only those that have it on either side. The traps beside them stand in `docs/from_python.md`.
 *
 * ```ts
 * import { fromPython } from "tessera";
 * fromPython("split");
 * ```
 *
 * Throws a RangeError where no call has the word.
 */
export function fromPython(word = ""): Table {
  const file = projectPath("docs", "from_python.md");
  const page = readTextIfThere(file);
  if (page === undefined) throw new FileError(`fromPython: ${file} is missing`);
  const sought = word.toLowerCase();
  const found = pythonCalls(page).filter(({ python, typescript }) =>
    `${python}\n${typescript}`.toLowerCase().includes(sought)
  );
  if (found.length === 0) {
    throw new RangeError(`fromPython: no call has "${word}" in it; fromPython() lists them all`);
  }
  return table(found, {
    headings: { python: "Python", typescript: "TypeScript", gives: "Gives" },
  });
}
