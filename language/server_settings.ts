/** What `deno lsp` is told: who asks, and what is wanted of it. */

/** No lint, no imports that it adds by itself, no registries. */
const deno = {
  enable: true,
  lint: false,
  cacheOnSave: false,
  codeLens: { references: false, implementations: false, test: false },
  suggest: { imports: { autoDiscover: false, hosts: {} } },
};
const language = {
  suggest: { autoImports: false, includeCompletionsForImportStatements: true },
  inlayHints: {},
};

/** By the names of the sections in which the server asks for them. */
export const settings: Record<string, unknown> = {
  deno,
  javascript: language,
  typescript: language,
};

/** The request `initialize`, for one folder. */
export function initializeParams(folder: string | null) {
  const markdown = ["markdown", "plaintext"];
  return {
    processId: Deno.pid,
    clientInfo: { name: "tessera" },
    rootUri: folder,
    workspaceFolders: folder === null ? [] : [{ uri: folder, name: "home" }],
    initializationOptions: { ...deno, javascript: language, typescript: language },
    capabilities: {
      workspace: { configuration: true, workspaceFolders: true },
      textDocument: {
        completion: { completionItem: { documentationFormat: markdown, deprecatedSupport: true } },
        hover: { contentFormat: markdown },
        signatureHelp: { signatureInformation: { documentationFormat: markdown } },
        definition: { linkSupport: false },
        publishDiagnostics: { versionSupport: true },
      },
    },
  };
}
