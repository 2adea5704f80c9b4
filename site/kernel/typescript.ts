/** TypeScript itself, for what needs more than dropping types; loaded when a cell first has it. */
import ts from "typescript";

/** A namespace becomes an object; its lines may move. Throws a SyntaxError. */
export function compileNamespaces(source: string): Promise<string> {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      isolatedModules: true,
      verbatimModuleSyntax: true,
    },
  });
  return Promise.resolve(outputText.replace(/^export \{\};$/m, ""));
}
