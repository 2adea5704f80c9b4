/**
 * Files of the library that a definition leads to. JupyterLab shows only what lies in its folder, a home, and
 * the library lies outside: so a file is copied to `out/library`, where nobody can change it by accident, and
 * asked about as the original.
 */
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isHome } from "../lib/platform/places.ts";
import { root } from "../tools/command.ts";
import { isInside } from "../tools/homes.ts";

/** In which folder of the copies the files of the installation's folders lie. */
const places: [from: string, to: string][] = [
  [join(root, "lib"), "tessera"],
  [join(root, ".deno", "npm"), "npm"],
];

export class LibraryCopies {
  readonly #folder: string | undefined;

  /** `folder` is the address of the editor's. */
  constructor(folder: string | null) {
    const path = folder?.startsWith("file:") ? fileURLToPath(folder) : undefined;
    this.#folder = path && isHome(path) ? join(path, "out", "library") : undefined;
  }

  /** Where an editor can open a file: where it is, or a copy of it; undefined where it cannot. */
  openable(uri: string): string | undefined {
    if (!uri.startsWith("file:")) return undefined;
    if (this.#folder === undefined) return uri;
    const path = fileURLToPath(uri);
    if (isInside(dirname(dirname(this.#folder)), path)) return uri;
    const [from, to] = places.find(([folder]) => isInside(folder, path)) ?? [];
    if (from === undefined || to === undefined) return undefined;
    const [, ...rest] = relative(from, path).split("/");
    const inside = to === "npm" ? rest.join("/") : relative(from, path); // without the registry
    return pathToFileURL(this.#write(path, join(this.#folder, to, inside))).href;
  }

  #write(path: string, copy: string): string {
    const text = Deno.readTextFileSync(path);
    try {
      if (Deno.readTextFileSync(copy) === text) return copy;
      Deno.removeSync(copy);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    Deno.mkdirSync(dirname(copy), { recursive: true });
    Deno.writeTextFileSync(copy, text);
    Deno.chmodSync(copy, 0o444);
    return copy;
  }

  isCopy(uri: string): boolean {
    return this.originalOf(uri) !== uri;
  }

  /** The address of what a copy was made of; of another file its own. */
  originalOf(uri: string): string {
    if (!this.#folder || !uri.startsWith("file:")) return uri;
    const path = fileURLToPath(uri);
    for (const [from, to] of places) {
      const copies = join(this.#folder, to);
      if (!isInside(copies, path)) continue;
      const registry = to === "npm"
        ? [...Deno.readDirSync(from)].find((each) => each.isDirectory)
        : undefined;
      return pathToFileURL(join(from, registry?.name ?? "", relative(copies, path))).href;
    }
    return uri;
  }
}
