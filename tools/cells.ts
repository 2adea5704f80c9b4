/**
 * A notebook's TypeScript cells as one module that `deno check` and `deno lint` can read.
 *
 * Each cell becomes a block inside the block of the cell before it. So a cell sees what came before,
 * may declare a name anew as the kernel allows, and may await. Imports move to the top, each name
 * once. Positions in the module lead back to cell and line.
 */
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ambientOf } from "../language/ambient.ts";
import { blanked, importsOf, withoutExports } from "../language/imports.ts";
import { type Notebook, textOf } from "./notebooks.ts";

/** A place in a notebook; both count from 1, and cells of every kind count. */
export interface Place {
  cell: number;
  line: number;
  /** Whether types are not checked here: what is declared of elsewhere does not see the cells' own. */
  unchecked?: true;
}

/** The module, and for each of its lines (from 0) the place it came from. */
export interface CellModule {
  text: string;
  places: (Place | undefined)[];
}

/** The module of a notebook's code cells; `path` is where the notebook lies, for relative imports. */
export function moduleOf(notebook: Notebook, path: string): CellModule {
  const imports: [string, Place][] = [];
  const body: [string, Place | undefined][] = [];
  const seen = new Set<string>();
  let open = 0;
  notebook.cells.forEach((each, index) => {
    const source = textOf(each);
    if (each.cell_type !== "code" || source.trim() === "") return;
    const cell = index + 1;
    let rest = source;
    for (const { text, offset, clause, typeOnly, from, attributes } of importsOf(source)) {
      const line = source.slice(0, offset).split("\n").length;
      const module = { from: resolved(from, path), attributes };
      const unseen = unseenImport(typeOnly, clause, module, seen);
      if (unseen) imports.push([unseen, { cell, line }]);
      rest = blanked(rest, offset, text.length);
    }
    for (const { text, offset } of ambientOf(source)) {
      const first = source.slice(0, offset).split("\n").length;
      text.split("\n").forEach((each, line) =>
        imports.push([each, { cell, line: first + line, unchecked: true }])
      );
      rest = blanked(rest, offset, text.length);
    }
    body.push(["{", undefined]);
    withoutExports(rest).split("\n").forEach((text, line) =>
      body.push([text, { cell, line: line + 1 }])
    );
    open++;
  });
  body.push(["}".repeat(open), undefined]);
  const all = [...imports, ...body];
  return {
    text: all.map(([text]) => text.trimEnd()).join("\n") + "\n",
    places: all.map(([, place]) => place),
  };
}

/** A relative import as an absolute one, because the module lies elsewhere than the notebook. */
function resolved(from: string, notebookPath: string): string {
  if (!from.startsWith(".")) return from;
  return pathToFileURL(resolve(dirname(notebookPath), from)).href;
}

/** The import without the names that an earlier cell has imported from the same module. */
function unseenImport(
  typeOnly: boolean,
  clause: string | undefined,
  { from, attributes }: { from: string; attributes?: string },
  seen: Set<string>,
): string | undefined {
  const module = `"${from}"${attributes ? ` with ${attributes.replace(/\s+/g, " ")}` : ""}`;
  const fresh = (name: string) => {
    const key = `${from} ${name.replace(/\s+/g, " ")}`;
    return !seen.has(key) && seen.add(key).has(key);
  };
  const keyword = typeOnly ? "import type" : "import";
  if (clause === undefined) return fresh("") ? `import ${module};` : undefined;
  const named = clause.match(/\{([\s\S]*)\}/)?.[1];
  const names = (named ?? "").split(",").map((name) => name.trim()).filter((name) => name !== "")
    .filter(fresh);
  const others = clause.replace(/\{[\s\S]*\}/, "").split(",").map((name) => name.trim())
    .filter((name) => name !== "").filter(fresh);
  const parts = [...others, ...(names.length > 0 ? [`{ ${names.join(", ")} }`] : [])];
  return parts.length > 0 ? `${keyword} ${parts.join(", ")} from ${module};` : undefined;
}
