/** Bundles the page's script: the library's own model code, over tfjs's engines for browsers. */
import { createRequire, isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
// So that the packages are installed when their files are asked for.
import wasmPackage from "tfjs-wasm/package.json" with { type: "json" };
import webgpuPackage from "tfjs-webgpu/package.json" with { type: "json" };

// esbuild follows links, and the installation may be reached by one.
const here = Deno.realPathSync(import.meta.dirname!);
const lib = resolve(here, "..", "lib");

const wasmManifest = fileURLToPath(import.meta.resolve("tfjs-wasm/package.json"));
const webgpuManifest = fileURLToPath(import.meta.resolve("tfjs-webgpu/package.json"));
const fromWasm = createRequire(wasmManifest);

/** Where tfjs's packages lie: one copy of each. */
const folders: Record<string, string> = {
  "@tensorflow/tfjs-core": dirname(fromWasm.resolve("@tensorflow/tfjs-core/package.json")),
  "@tensorflow/tfjs-backend-cpu": dirname(
    fromWasm.resolve("@tensorflow/tfjs-backend-cpu/package.json"),
  ),
  [wasmPackage.name]: dirname(wasmManifest),
  [webgpuPackage.name]: dirname(webgpuManifest),
};
/** What the project's import map calls them; the page needs no more of tfjs than its core. */
const names: Record<string, string> = {
  "tfjs": "@tensorflow/tfjs-core",
  "tfjs-cpu": "@tensorflow/tfjs-backend-cpu",
  "tfjs-wasm": wasmPackage.name,
  "tfjs-webgpu": webgpuPackage.name,
};

const forBrowsers: esbuild.Plugin = {
  name: "the library in a browser",
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      const file = join(resolveDir, path);
      if (!file.startsWith(lib)) return undefined;
      // Native TensorFlow is left out with all else that the page does not call.
      return file === join(lib, "tensor", "tf.ts")
        ? { path: join(here, "page", "tensorflow.ts") }
        : { path: file, sideEffects: false };
    });
    build.onResolve({ filter: /^(tfjs|@tensorflow\/)/ }, ({ path }) => {
      const [, name, file] = /^(@tensorflow\/[^/]+|[^/]+)\/?(.*)$/.exec(path)!;
      const folder = folders[names[name] ?? name];
      if (!folder) return { path, external: true, sideEffects: false };
      const inFolder = file === "" ? "dist/index.js" : file.endsWith(".js") ? file : `${file}.js`;
      return { path: join(folder, inFolder) };
    });
    build.onResolve({ filter: /^[a-z]/ }, ({ path, importer, kind }) => {
      if (kind === "entry-point") return undefined;
      // tfjs asks for these only where it runs in Node.
      if (isBuiltin(path) || path === "node-fetch") {
        return { path, external: true, sideEffects: false };
      }
      return { path: createRequire(importer).resolve(path) };
    });
  },
};

/** The page's script, for a `<script>` element. */
export async function bundlePage(): Promise<string> {
  try {
    const { outputFiles } = await esbuild.build({
      entryPoints: [join(here, "page", "main.ts")],
      bundle: true,
      write: false,
      minify: true,
      format: "iife",
      target: "es2022",
      charset: "utf8",
      legalComments: "none",
      logLevel: "error",
      plugins: [forBrowsers],
    });
    return outputFiles[0].text;
  } finally {
    await esbuild.stop();
  }
}

/** The WASM engine's program, for processors that compute four numbers at once. */
export function wasmProgram(): Promise<Uint8Array> {
  return Deno.readFile(join(dirname(wasmManifest), "dist", "tfjs-backend-wasm-simd.wasm"));
}

/** A file of the page as it was written: `page.html`. */
export function pageFile(name: string): Promise<string> {
  return Deno.readTextFile(join(here, "page", name));
}
