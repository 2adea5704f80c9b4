/**
 * Modules of the learner's own are rewritten as cells are, so that Stop reaches what their functions await.
 * The library and packages stay as they are.
 */
import { JSON, TypeError, URL } from "./language.ts";

/** What the door's side needs of `node:module`, which is loaded when it is first asked for. */
interface Hooks {
  registerHooks(hooks: { load(url: string, context: unknown, next: Next): Loaded }): void;
}
type Next = (url: string, context: unknown) => Loaded;
interface Loaded {
  source?: unknown;
  format?: string;
  shortCircuit?: boolean;
}

const installation = new URL("../../../", import.meta.url).href;
const others = [`${installation}lib/`, `${installation}python/`, `${installation}.deno/`];

/** Has `rewrite` see each of them from now on, as JavaScript, before it runs. */
export function rewriteOwnModules(rewrite: (source: string) => string): void {
  // deno-lint-ignore no-process-global -- cells have it, and nothing else loads a module at once
  const { registerHooks } = process.getBuiltinModule("node:module") as unknown as Hooks;
  registerHooks({
    load(url, context, next) {
      if (isPath(url) && !isThere(new URL(url))) {
        throw new TypeError(`Module not found "${url}".`); // for which a hook's Deno has other words
      }
      if (isPath(url) && url.endsWith(".json")) return jsonModule(new URL(url));
      const loaded = next(url, context);
      if (!isOwn(url) || typeof loaded.source !== "string") return loaded;
      return { ...loaded, source: rewrite(loaded.source) };
    },
  });
}

/** JSON as a module of its value: a hook's Deno takes what it is given as code, with `type: "json"` too. */
function jsonModule(file: URL): Loaded {
  const text = Deno.readTextFileSync(file);
  try {
    JSON.parse(text);
  } catch (error) {
    const name = decodeURI(file.pathname.slice(file.pathname.lastIndexOf("/") + 1));
    throw new TypeError(`${name}: ${(error as Error).message}`); // which Deno makes of all errors here
  }
  const source = `export default JSON.parse(${JSON.stringify(text)});`;
  return { format: "module", source, shortCircuit: true };
}

function isThere(file: URL): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}

/** Whether a module is one of the learner's. */
function isOwn(url: string): boolean {
  return isPath(url) && /\.[cm]?[jt]sx?$/.test(url);
}

/** Whether an address is of a file that belongs to no package. */
function isPath(url: string): boolean {
  return url.startsWith("file:") && !/\/(?:node_modules|npm)\//.test(url) &&
    !others.some((folder) => url.startsWith(folder));
}
