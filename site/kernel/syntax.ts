/** TypeScript without its types, and the syntax of the JavaScript that is left. */
import * as acorn from "acorn";
import { transform } from "sucrase";

export type { acorn };

/** A node of any kind. */
export type Node = acorn.AnyNode;

/** Makes JavaScript of a `namespace`, which needs more than dropping types: TypeScript itself does it. */
export type NamespaceCompiler = (source: string) => Promise<string>;

/** `export { a }` may name what an earlier cell has made. */
const Parser = acorn.Parser.extend((Base) => {
  class CellParser extends (Base as unknown as new (...args: unknown[]) => object) {
    checkLocalExport(): void {}
  }
  return CellParser as unknown as typeof acorn.Parser;
});

const hasNamespace = /(^|[;{}\n])\s*(export\s+)?(declare\s+)?(namespace|module)\s+[\w$.]+\s*\{/;

/** The source without its types; no line moves, but for those in and behind a namespace. Throws a SyntaxError. */
export async function withoutTypes(source: string, compile: NamespaceCompiler): Promise<string> {
  if (hasNamespace.test(source)) return await compile(source);
  return transform(source, {
    transforms: ["typescript"],
    disableESTransforms: true, // fields stay fields, as in Deno
    keepUnusedImports: true, // a later cell may use them
  }).code;
}

/** The syntax of JavaScript in strict mode, with `await` at its top. Throws a SyntaxError with the line. */
export function parse(code: string): acorn.Program {
  return Parser.parse(code, {
    ecmaVersion: "latest",
    sourceType: "module",
    allowAwaitOutsideFunction: true,
    allowHashBang: true,
  });
}

/** Every node below one, before those inside it. */
export function* nodesIn(node: Node): Generator<Node> {
  yield node;
  for (const value of Object.values(node)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each && typeof each.type === "string") yield* nodesIn(each);
    }
  }
}

/** The names that a pattern, such as `{ train: labelled, ...rest }`, declares. */
export function namesIn(pattern: acorn.Pattern): string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((each) =>
        namesIn(each.type === "RestElement" ? each.argument : each.value)
      );
    case "ArrayPattern":
      return pattern.elements.flatMap((each) => each ? namesIn(each) : []);
    case "AssignmentPattern":
      return namesIn(pattern.left);
    case "RestElement":
      return namesIn(pattern.argument);
    default:
      return [];
  }
}
