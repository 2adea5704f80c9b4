/** Names are offered by the language server; where there is none, by the kernel, as JupyterLab does. */
import type { CompletionProviders } from "./lab.ts";

const languageServer = "lsp";
const others = ["CompletionProvider:kernel", "CompletionProvider:context"];

/** Lets the other providers rest where the language server answers: they know names, but no types. */
export function preferLanguageServer(manager: CompletionProviders): void {
  const providers = manager.getProviders();
  const knowing = providers.get(languageServer);
  if (!knowing) return;
  for (const each of others) {
    const provider = providers.get(each);
    if (!provider) continue;
    const isApplicable = provider.isApplicable.bind(provider);
    provider.isApplicable = async (context) =>
      await isApplicable(context) && !await knowing.isApplicable(context);
  }
}
