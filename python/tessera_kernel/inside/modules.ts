/**
 * Modules of the learner's own are rewritten as cells are, so that Stop reaches what their functions await.
 * The library and packages stay as they are.
 */

/** What the door's side needs of `node:module`, which is loaded when it is first asked for. */
interface Hooks {
  registerHooks(hooks: { load(url: string, context: unknown, next: Next): Loaded }): void;
}
type Next = (url: string, context: unknown) => Loaded;
interface Loaded {
  source?: unknown;
}

const installation = new URL("../../../", import.meta.url).href;
const others = [`${installation}lib/`, `${installation}python/`, `${installation}.deno/`];

/** Has `rewrite` see each of them from now on, as JavaScript, before it runs. */
export function rewriteOwnModules(rewrite: (source: string) => string): void {
  // deno-lint-ignore no-process-global -- cells have it, and nothing else loads a module at once
  const { registerHooks } = process.getBuiltinModule("node:module") as unknown as Hooks;
  registerHooks({
    load(url, context, next) {
      if (isOwn(url) && !isThere(new URL(url))) {
        throw new TypeError(`Module not found "${url}".`); // for which a hook's Deno has other words
      }
      const loaded = next(url, context);
      if (!isOwn(url) || typeof loaded.source !== "string") return loaded;
      return { ...loaded, source: rewrite(loaded.source) };
    },
  });
}

function isThere(file: URL): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}

function isOwn(url: string): boolean {
  return url.startsWith("file:") && /\.[cm]?[jt]sx?$/.test(url) &&
    !/\/(?:node_modules|npm)\//.test(url) && !others.some((folder) => url.startsWith(folder));
}
