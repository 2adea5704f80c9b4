/** What Shift-Tab asks by way of the kernel: what stands at a place of a cell. */
import { fileURLToPath } from "node:url";
import type { Hover, Position, SignatureHelp } from "vscode-languageserver-types";
import { hover, markdownOf, signatures } from "./answers.ts";
import type { OpenDocument } from "./documents.ts";
import type { Workspace } from "./workspace.ts";

/** The question: a cell's text, the cursor in characters as Jupyter counts them, the notebook's path. */
export interface Inspected {
  code: string;
  cursor: number;
  notebook?: string;
}

/** The answer as Markdown; null where nothing is known. */
export async function inspect(
  workspace: Workspace,
  { code, cursor, notebook }: Inspected,
): Promise<string | null> {
  const before = [...code].slice(0, cursor).join("").split("\n");
  for (const document of likely(workspace.documents, notebook)) {
    const cell = document.notebook?.cells.find(({ text }) => text === code.trimEnd()) ??
      document.notebook?.cells.find(({ text }) => text.trim() === code.trim());
    if (!cell) continue;
    const skipped = code.slice(0, code.search(/\S/)).split("\n").length - 1; // empty lines at its start
    const line = cell.first + before.length - 1 - skipped;
    const position = { line, character: before.at(-1)!.length };
    return await typeAt(workspace, document, position);
  }
  return null;
}

function likely(documents: OpenDocument[], notebook: string | undefined): OpenDocument[] {
  const isNamed = ({ uri }: OpenDocument) =>
    uri.startsWith("file:") && fileURLToPath(uri) === notebook;
  return [...documents.filter(isNamed), ...documents.filter((each) => !isNamed(each)).toReversed()];
}

async function typeAt(
  workspace: Workspace,
  document: OpenDocument,
  { line, character }: Position,
): Promise<string | null> {
  for (const at of [character, character - 1]) { // at the name, or right behind it
    if (at < 0) continue;
    const position = document.toServer({ line, character: at });
    const found = hover(
      await workspace.ask(document, "textDocument/hover", { position }) as Hover | null,
      undefined,
    );
    if (found) return markdownOf(found.contents);
  }
  const position = document.toServer({ line, character });
  const help = signatures(
    await workspace.ask(document, "textDocument/signatureHelp", { position }) as
      | SignatureHelp
      | null,
  );
  const signature = help?.signatures[help.activeSignature ?? 0];
  if (!signature) return null;
  return `\`\`\`typescript\n${signature.label}\n\`\`\`\n${markdownOf(signature.documentation)}`;
}
