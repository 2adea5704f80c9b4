/** What cells can import: the course's library, and modules of the learner's own. */
import { resolve } from "../../lib/platform/browser/paths.ts";
import { Edits } from "./edits.ts";
import { makeStoppable } from "./stoppable.ts";
import { type NamespaceCompiler, nodesIn, parse, withoutTypes } from "./syntax.ts";

type Names = Record<string, unknown>;

/** The library's modules by what cells call them, and the file of the site that has them. */
export const library: Readonly<Record<string, string>> = {
  "tessera": "tessera.js",
  "tessera/playground": "playground.js",
  "@tensorflow/tfjs": "tensorflow.js",
  "@tensorflow/tfjs-node": "tensorflow.js",
  "@tensorflow/tfjs-node-gpu": "tensorflow.js",
  "@std/assert": "assert.js",
  "node:path": "path.js",
};

export interface ModuleParts {
  course: string;
  folder: string;
  readText(path: string): Promise<string>;
  compileNamespaces: NamespaceCompiler;
  /** The library's first import, which was begun before. */
  prepared: Promise<unknown>;
}

export class Modules {
  readonly #parts: ModuleParts;
  /** Addresses of the learner's modules, as long as neither they nor what they import has changed. */
  readonly #addresses = new Map<string, string>();
  /**
   * The last import of the library, after which the next one begins: WebKit hands over what another import still
   * evaluates, with names that are not there yet.
   */
  #libraryLoad: Promise<unknown>;

  constructor(parts: ModuleParts) {
    this.#parts = parts;
    this.#libraryLoad = parts.prepared;
  }

  async load(name: string, options?: ImportCallOptions): Promise<Names> {
    const { folder } = this.#parts;
    if (options?.with?.type !== "json") {
      const address = await this.#addressOf(name, folder);
      return await (library[name] ? this.#loadLibrary(address) : import(address));
    }
    const text = /^[./]/.test(name)
      ? await this.#parts.readText(resolve(folder, name))
      : await (await fetch(name)).text();
    return { default: JSON.parse(text) };
  }

  #loadLibrary(address: string): Promise<Names> {
    const loaded = this.#libraryLoad.then(() => import(address));
    this.#libraryLoad = loaded.catch(() => {});
    return loaded;
  }

  async #addressOf(name: string, folder: string): Promise<string> {
    const file = library[name];
    if (file) return `${this.#parts.course}${file}`;
    if (/^(data|blob):/.test(name)) return name;
    if (/^[./]/.test(name)) return await this.#ownModule(resolve(folder, name));
    throw new TypeError(
      `A notebook in the browser has no module "${name}". It has ${
        Object.keys(library).join(", ")
      } and ` +
        'your own, such as "./training.ts".',
    );
  }

  /** The address of a learner's file as a module, whose imports are addresses too. */
  async #ownModule(path: string): Promise<string> {
    await this.#libraryLoad; // which it may import
    const source = await this.#parts.readText(path);
    const code = await withoutTypes(source, this.#parts.compileNamespaces);
    const edits = new Edits(code);
    const folder = path.slice(0, path.lastIndexOf("/")) || "/";
    const program = parse(code);
    makeStoppable(program, edits, { inModule: true });
    for (const node of nodesIn(program)) {
      if ("source" in node && node.source?.type === "Literal" && node.type !== "ImportExpression") {
        const address = await this.#addressOf(`${node.source.value}`, folder);
        edits.replace(node.source, JSON.stringify(address));
      } else if (node.type === "MetaProperty" && node.meta.name === "import") {
        const [url, dirname] = [`file://${path}`, folder].map((each) => JSON.stringify(each));
        edits.replace(node, `({url:${url},dirname:${dirname},filename:${JSON.stringify(path)}})`);
      }
    }
    const text = `${edits.apply()}\n//# sourceURL=file://${encodeURI(path)}`;
    const known = this.#addresses.get(text);
    if (known) return known;
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    this.#addresses.set(text, address);
    return address;
  }
}
