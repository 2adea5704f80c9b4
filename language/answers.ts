/** The language server's answers as an editor shows them. */
import type {
  Hover,
  Location,
  LocationLink,
  MarkupContent,
  Range,
  SignatureHelp,
  TextEdit,
  WorkspaceEdit,
} from "vscode-languageserver-types";
import { operationText } from "./operations.ts";
import { inPlainWords } from "./words.ts";

/** A documentation, which the protocol has in three forms, as Markdown. */
export function markdownOf(documentation: Hover["contents"] | undefined): string {
  if (documentation === undefined) return "";
  if (Array.isArray(documentation)) return documentation.map(markdownOf).join("\n\n");
  if (typeof documentation === "string") return documentation;
  if ("language" in documentation) {
    return `\`\`\`${documentation.language}\n${documentation.value}\n\`\`\``;
  }
  return documentation.value;
}

/** Markdown as it is shown: no links to the course's files, which no browser opens. */
export function shown(markdown: string): string {
  return inPlainWords(markdown)
    .replace(/^```(?:tsx|ts)$/gm, "```typescript")
    .replace(/\n*^\*@doc\*.*$/gm, "") // where TensorFlow.js's own pages list it
    .replace(/\[([^\]]*)\]\((?:file|deno|command):[^)]*\)/g, "$1");
}

export const markup = (value: string): MarkupContent => ({ kind: "markdown", value });

/** What a name is; undefined where nothing is known of it. TensorFlow.js's operations have a text elsewhere. */
export function hover(
  found: Hover | null,
  range: Range | undefined,
  isOperation = false,
): Hover | undefined {
  const text = found ? shown(markdownOf(found.contents)).trim() : "";
  if (text === "" || /^```typescript\nany\n```$/.test(text)) return undefined;
  return { contents: markup(isOperation ? withOperation(text) : text), range };
}

/** What an offered name is, and what is written of it. */
export function described(
  detail: string | undefined,
  documentation: Hover["contents"] | undefined,
  isOperation = false,
): string {
  const code = detail ? `\`\`\`typescript\n${detail}\n\`\`\`\n` : "";
  const text = shown(code + markdownOf(documentation)).trim();
  return isOperation ? withOperation(text) : text;
}

/** Adds what is written of an operation where TypeScript has found its type alone. */
function withOperation(text: string): string {
  const name = /^```typescript\n(?:\(\w+\) )?const (\w+):[\s\S]*\n```$/.exec(text)?.[1];
  const written = name && operationText(name);
  return written ? `${text}\n${written}` : text;
}

export function signatures(found: SignatureHelp | null): SignatureHelp | undefined {
  if (!found || found.signatures.length === 0) return undefined;
  return {
    ...found,
    signatures: found.signatures.map(({ label, documentation, parameters, ...rest }) => ({
      ...rest,
      label: inPlainWords(label),
      documentation: documentation && markup(shown(markdownOf(documentation))),
      parameters: parameters?.map(({ label, documentation }) => ({
        label: typeof label === "string" ? inPlainWords(label) : label,
        documentation: documentation && markup(shown(markdownOf(documentation))),
      })),
    })),
  };
}

/** The places of a definition, whichever way the server gives them. */
export function locations(
  found: Location | (Location | LocationLink)[] | null,
): Location[] {
  return [found ?? []].flat().map((each) =>
    "targetUri" in each ? { uri: each.targetUri, range: each.targetSelectionRange } : each
  );
}

/** The edits of a renaming, by file. */
export function edits({ changes, documentChanges }: WorkspaceEdit): Map<string, TextEdit[]> {
  const all = new Map(Object.entries(changes ?? {}));
  for (const each of documentChanges ?? []) {
    if ("edits" in each) {
      const { textDocument: { uri }, edits } = each;
      all.set(uri, [...(all.get(uri) ?? []), ...edits as TextEdit[]]);
    }
  }
  return all;
}
