/** Names are offered by the language server; where there is none, by the kernel, as JupyterLab does. */
import type { CompleterClass, CompletionProviders } from "./lab.ts";

const languageServer = "lsp";
const others = ["CompletionProvider:kernel", "CompletionProvider:context"];

/**
 * Lets the other providers rest where the language server answers: they know names, but no types. Gives
 * whether there is one.
 */
export function preferLanguageServer(manager: CompletionProviders): boolean {
  const providers = manager.getProviders();
  const knowing = providers.get(languageServer);
  if (!knowing) return false;
  for (const each of others) {
    const provider = providers.get(each);
    if (!provider) continue;
    const isApplicable = provider.isApplicable.bind(provider);
    provider.isApplicable = async (context) =>
      await isApplicable(context) && !await knowing.isApplicable(context);
  }
  return true;
}

/**
 * Keeps JupyterLab from taking the common beginning of all names for typed: of `reshape` and `reshapeAs` it
 * would leave out the former, as typed already. Tab then takes the name that is marked.
 */
export function keepCommonBeginning({ prototype }: CompleterClass): void {
  if (prototype._populateSubset) prototype._populateSubset = () => false;
}
