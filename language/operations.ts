/**
 * What TensorFlow.js writes of its operations. Its declarations have it at an inner function, `transpose_` for
 * `transpose`, where TypeScript does not find it.
 */
import { join } from "node:path";
import { root } from "../tools/command.ts";

const declaration = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:export )?declare function (\w+)_[<(]/g;

let known: Map<string, string> | undefined;

/** What an operation does, as Markdown; undefined for one that is not known. */
export function operationText(name: string): string | undefined {
  return (known ??= readAll()).get(name);
}

function readAll(): Map<string, string> {
  const texts = new Map<string, string>();
  const npm = join(Deno.env.get("DENO_DIR") ?? join(root, ".deno"), "npm");
  for (const registry of entries(npm)) {
    const packages = join(npm, registry, "@tensorflow", "tfjs-core");
    for (const version of entries(packages)) {
      for (const file of files(join(packages, version, "dist", "ops"))) {
        for (const [, comment, name] of Deno.readTextFileSync(file).matchAll(declaration)) {
          texts.set(name, markdownOf(comment));
        }
      }
    }
  }
  return texts;
}

function entries(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return []; // a file, or nothing
  }
}

function* files(folder: string): Generator<string> {
  for (const name of entries(folder)) {
    if (name.endsWith(".d.ts")) yield join(folder, name);
    else if (!name.includes(".")) yield* files(join(folder, name));
  }
}

/** A comment's text, parameters as TypeScript shows them. */
function markdownOf(comment: string): string {
  return comment.replace(/^\s*\* ?/gm, "").replace(/^@doc.*$/gm, "")
    .replace(/^@param (\w+)/gm, "\n*@param* `$1` —")
    .replace(/^@(\w+)/gm, "\n*@$1* —").trim();
}
