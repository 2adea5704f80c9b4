/** Bundles what runs in the browser: the course's library, the kernel's worker, and what the page loads. */
import { createRequire, isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
// So that the packages are installed when their files are asked for.
import "acorn";
import "buffer";
import "node-inspect-extracted";
import "sucrase";
import "typescript/package.json" with { type: "json" };
import "@std/assert";
import "linkedom";
import "opentype";
import "@zip.js/zip.js";
import "pngjs";
import "dejavu-fonts-ttf/package.json" with { type: "json" };
import "plotly/package.json" with { type: "json" };
import wasmPackage from "tfjs-wasm/package.json" with { type: "json" };
import webgpuPackage from "tfjs-webgpu/package.json" with { type: "json" };
import "tfjs";
import { buildWithPlaces } from "./library_places.ts";

// esbuild follows links, and the installation may be reached by one.
const here = Deno.realPathSync(import.meta.dirname!);
const root = resolve(here, "..");
const fileOf = (specifier: string) => fileURLToPath(import.meta.resolve(specifier));

/** Where tfjs's packages lie: one copy of each. */
const fromTfjs = createRequire(fileOf("tfjs"));
const tfjsFolders: Record<string, string> = {
  "@tensorflow/tfjs": dirname(fromTfjs.resolve("@tensorflow/tfjs/package.json")),
  [wasmPackage.name]: dirname(fileOf("tfjs-wasm/package.json")),
  [webgpuPackage.name]: dirname(fileOf("tfjs-webgpu/package.json")),
};
for (const part of ["core", "layers", "converter", "data", "backend-cpu", "backend-webgl"]) {
  const name = `@tensorflow/tfjs-${part}`;
  tfjsFolders[name] = dirname(fromTfjs.resolve(`${name}/package.json`));
}

/** What the project's import map calls them. */
const names: Record<string, string> = {
  "tfjs": "@tensorflow/tfjs",
  "tfjs-wasm": wasmPackage.name,
  "tfjs-webgpu": webgpuPackage.name,
  "tfjs-cpu": "@tensorflow/tfjs-backend-cpu",
};

/** The folder of the WASM programs. */
export const wasmFolder: string = join(tfjsFolders[wasmPackage.name], "dist");

/** The folder of the package that declares tfjs's ops. */
export const tfjsCore: string = tfjsFolders["@tensorflow/tfjs-core"];

/** A file of the project whose place another one takes in a browser: `browser/NAME.ts` beside `NAME.ts`. */
async function standIn(file: string): Promise<string | undefined> {
  for (const part of ["lib/platform", "lib/tensor", "playground"]) {
    const folder = join(root, part);
    if (!file.startsWith(`${folder}/`) || file.startsWith(`${folder}/browser/`)) continue;
    const other = join(folder, "browser", file.slice(folder.length + 1));
    if (await Deno.stat(other).then(({ isFile }) => isFile, () => false)) {
      return other;
    }
  }
}

/** Finds what the project imports: its files in `browser` folders, and one copy of each package. */
export const inBrowser: esbuild.Plugin = {
  name: "the project in a browser",
  setup(build) {
    build.onResolve({ filter: /^\./ }, async ({ path, resolveDir, kind }) => {
      if (kind === "entry-point" || !resolveDir.startsWith(root)) {
        return undefined;
      }
      const file = join(resolveDir, path);
      const other = await standIn(file);
      return other ? { path: other } : undefined;
    });
    build.onResolve({ filter: /^(tfjs|@tensorflow\/)/ }, ({ path }) => {
      const [, name, file] = /^(@tensorflow\/[^/]+|[^/]+)\/?(.*)$/.exec(path)!;
      const folder = tfjsFolders[names[name] ?? name];
      if (!folder) return { path, external: true, sideEffects: false };
      const inFolder = file === ""
        ? "dist/index.js"
        : /\.js(on)?$/.test(file)
        ? file
        : `${file}.js`;
      return { path: join(folder, inFolder) };
    });
    build.onResolve(
      { filter: /^[a-z@]/ },
      ({ path, importer, kind }) => {
        if (kind === "entry-point") return undefined;
        if (path === "node:buffer" || path === "buffer") {
          return { path: fileOf("buffer") };
        }
        if (path === "pngjs") {
          return { path: join(dirname(fileOf("pngjs")), "..", "browser.js") };
        }
        // linkedom's canvas, which the library replaces; packages whose files the site brings.
        if (/^(canvas|(plotly|dejavu-fonts-ttf)\/package\.json)$/.test(path)) {
          return { path, namespace: "nothing" };
        }
        // tfjs asks for these only where it runs in Node.
        if (isBuiltin(path) || path === "node-fetch") {
          return { path, external: true, sideEffects: false };
        }
        if (importer.startsWith(`${root}/`) && !importer.includes("/.deno/")) {
          return { path: fileOf(path) };
        }
        try {
          return { path: createRequire(importer).resolve(path) };
        } catch {
          return { path, external: true, sideEffects: false }; // asked for in Node alone
        }
      },
    );
    // It asks for Deno by its name, which says in a browser that it is not there.
    build.onLoad({ filter: /\/deno-std\// }, async ({ path }) => ({
      contents: (await Deno.readTextFile(path)).replace(/\} = globalThis\b/g, "} = {}"),
      loader: "js",
    }));
    build.onLoad(
      { filter: /.*/, namespace: "nothing" },
      () => ({ contents: "{}", loader: "json" }),
    );
  },
};

/** What all bundles have in common. */
export const common = {
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  logOverride: { "ignored-bare-import": "silent" },
  minifyWhitespace: true,
  minifySyntax: true,
  plugins: [inBrowser],
} satisfies esbuild.BuildOptions;

export interface Bundles {
  /** Folders: of the library's modules and the kernel's worker, and of what the page loads. */
  course: string;
  extension: string;
  /** The site's service worker. */
  serviceWorker: string;
}

/** Writes all that is bundled. */
export async function bundleAll({ course, extension, serviceWorker }: Bundles): Promise<void> {
  const modules = ["tessera", "tensorflow", "playground", "assert", "path"];
  try {
    await buildWithPlaces({
      ...common,
      entryPoints: modules.map((name) => join(here, "modules", `${name}.ts`)),
      outdir: course,
      splitting: true,
      chunkNames: "parts/[name]-[hash]",
      keepNames: true, // checks and tables show those of classes
    }, root);
    await esbuild.build({
      ...common,
      minifyIdentifiers: true,
      entryPoints: [join(here, "kernel", "worker.ts"), join(here, "kernel", "typescript.ts")],
      outdir: course,
    });
    await esbuild.build({
      ...common,
      format: "iife",
      loader: { ".css": "text" },
      entryPoints: [join(here, "page", "extension.ts")],
      outfile: join(extension, "static", "remoteEntry.js"),
    });
    await esbuild.build({
      ...common,
      format: "iife",
      entryPoints: [join(here, "offline", "service_worker.ts")],
      outfile: serviceWorker,
    });
  } finally {
    await esbuild.stop();
  }
}
