/**
 * Checks find out by a stack's places whether the library's own part does what a learner is asked to write. In a
 * bundle all files are one: each script says here which of the library's files and classes stand where in it, to
 * `lib/platform/browser/stack.ts`.
 */
import { dirname, relative, resolve } from "node:path";
import { decode } from "@jridgewell/sourcemap-codec";
import * as acorn from "acorn";
import * as esbuild from "esbuild";
import { type ClassPlace, fileAt, type Script } from "../lib/platform/browser/script_places.ts";

/** Bundles, and writes scripts that know their library's files; `root` is the project's folder. */
export async function buildWithPlaces(options: esbuild.BuildOptions, root: string): Promise<void> {
  const { outputFiles } = await esbuild.build({
    ...options,
    write: false,
    sourcemap: "external",
    sourcesContent: false,
  });
  const maps = new Map(outputFiles.map(({ path, text }) => [path, text]));
  for (const { path, contents, text } of outputFiles) {
    if (path.endsWith(".map")) continue;
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeFile(path, contents);
    const places = placesIn(maps.get(`${path}.map`)!, dirname(path), root);
    if (places.files.length === 0) continue;
    const script: Script = { ...places, classes: classesIn(text, places) };
    const said = `(globalThis.tesseraScripts??={})[import.meta.url]=${JSON.stringify(script)};\n`;
    await Deno.writeTextFile(path, said, { append: true });
  }
}

/** What a source map says of the library's files and of tfjs's; `folder` is where its script lies. */
function placesIn(map: string, folder: string, root: string): Omit<Script, "classes"> {
  const { sources, mappings } = JSON.parse(map) as { sources: string[]; mappings: string };
  const paths = sources.map((source) => {
    const path = relative(root, resolve(folder, source));
    // Of tfjs only the package is told. Its files' own maps lead to `tfjs-core/src`, outside of its packages.
    const [, name] = /\/(tfjs(?:-[a-z-]+)?)\//.exec(path) ?? [];
    return name ? `@tensorflow/${name}` : path;
  });
  const files: string[] = [];
  const begins: [number, number, number][] = [];
  for (const [line, segments] of decode(mappings).entries()) {
    for (const [column, source = -1] of segments) {
      const path = paths[source] ?? "";
      const isLibrary = /^(lib\/|@tensorflow\/)/.test(path);
      if (isLibrary && !files.includes(path)) files.push(path);
      const file = isLibrary ? files.indexOf(path) : -1;
      if (file !== (begins.at(-1)?.[2] ?? -1)) begins.push([line, column, file]);
    }
  }
  return { files, begins };
}

/** The classes of the library's in a script. */
function classesIn(code: string, places: Omit<Script, "classes">): ClassPlace[] {
  const classes: ClassPlace[] = [];
  const visit = (node: acorn.Node) => {
    if (node.type === "ClassDeclaration" || node.type === "ClassExpression") {
      const { start, end } = node.loc!;
      const name = nameOf(node as acorn.Class, code);
      if (name && fileAt(places, start.line - 1, start.column)?.startsWith("lib/")) {
        classes.push([name, start.line - 1, start.column, end.line - 1, end.column]);
      }
    }
    for (const value of Object.values(node)) {
      for (const each of Array.isArray(value) ? value : [value]) {
        if (typeof each?.type === "string") visit(each);
      }
    }
  };
  visit(acorn.parse(code, { ecmaVersion: "latest", sourceType: "module", locations: true }));
  return classes;
}

/** What a class is called in its file: the bundler notes it inside, where it had to give it another name. */
function nameOf({ id, body }: acorn.Class, code: string): string | undefined {
  const noted = /^\{\s*static\s*\{\s*\w+\(this, ?"(.+?)"\)/.exec(code.slice(body.start, body.end));
  return noted?.[1] ?? id?.name;
}
