/**
 * Bundles tfjs's own spec files with Tessera's engine, so that both see one copy of tfjs: the specs
 * import tfjs by relative paths, which no import map can redirect.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { specFiles, type Suite, thirdParty } from "./suites.ts";
// So that all packages are installed when their files are asked for.
import "jasmine-core";
import "tfjs-node/dist/version.js";

/** Never called: these backends would make themselves known when they are run. */
export const backends = [() => import("tfjs-cpu"), () => import("tfjs-wasm")];

// esbuild follows links, and the installation may be reached by one.
const entry = Deno.realPathSync(new URL("entry.ts", import.meta.url));
const library = `${join(dirname(entry), "..", "..", "lib")}/`;

/** The directory of the npm package that holds `file`. */
const directoryOf = (file: string) => fileURLToPath(new URL(".", import.meta.resolve(file)));

const tfjsNode = directoryOf("tfjs-node/package.json");
const jasmine = directoryOf("jasmine-core/package.json");
const tfjsManifest = createRequire(`${tfjsNode}package.json`)
  .resolve("@tensorflow/tfjs/package.json");

/** The directory of one of tfjs's own packages, as tfjs itself finds it. */
function ownPackage(name: string): string {
  const manifest = name === "@tensorflow/tfjs"
    ? tfjsManifest
    : createRequire(tfjsManifest).resolve(`${name}/package.json`);
  return manifest.replace(/package\.json$/, "");
}

/** Whether there is such a file. */
function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A file of tfjs's packages, whose names leave `.js` and `/index.js` out. */
function scriptAt(path: string): string {
  const candidates = [path, `${path}.js`, `${path}/index.js`];
  return candidates.find(exists) ?? path;
}

/** Where tfjs and jasmine lie, for whoever imports them by name. */
const packages: esbuild.Plugin = {
  name: "one copy of tfjs",
  setup(build) {
    build.onResolve({ filter: /^tfjs$/ }, () => ({
      path: `${ownPackage("@tensorflow/tfjs")}dist/index.js`,
    }));
    build.onResolve(
      { filter: /^tfjs-(node|wasm)\// },
      ({ path }) =>
        path.startsWith("tfjs-wasm/")
          ? { path: `${ownPackage("@tensorflow/tfjs-backend-wasm")}${path.slice(10)}` }
          : { path: tfjsNode + path.slice("tfjs-node/".length) },
    );
    build.onResolve({ filter: /^tfjs-(cpu|wasm)$/ }, ({ path }) => ({
      path: `${ownPackage(path.replace("tfjs", "@tensorflow/tfjs-backend"))}dist/index.js`,
    }));
    build.onResolve({ filter: /^jasmine-core\// }, ({ path }) => ({
      path: jasmine + path.slice("jasmine-core/".length),
    }));
    build.onResolve({ filter: /^@tensorflow\// }, ({ path }) => {
      const [, name, file] = /^(@tensorflow\/[^/]+)\/?(.*)$/.exec(path)!;
      return { path: scriptAt(ownPackage(name) + (file === "" ? "dist/index.js" : file)) };
    });
    build.onResolve({ filter: /^[a-z]/ }, ({ path, importer, kind }) => {
      if (kind === "entry-point" || /^(tfjs|jasmine-core|suite:)/.test(path)) return undefined;
      try {
        const found = createRequire(importer).resolve(path);
        if (found.startsWith("/")) return { path: found };
      } catch {
        // Asked for where it may be missing.
      }
      return { path, external: true };
    });
    // An ES5 class cannot call the ES2015 class that it extends.
    build.onLoad({ filter: /nodejs_kernel_backend\.js$/ }, async ({ path }) => ({
      contents: (await Deno.readTextFile(path)).replace(
        "_super.call(this) || this",
        "Reflect.construct(_super, [], NodeJSKernelBackend)",
      ),
    }));
    // The library finds the project's files by its own address, which a bundle would change.
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!path.startsWith(library)) return undefined;
      const source = await Deno.readTextFile(path);
      const address = JSON.stringify(pathToFileURL(path).href);
      return { contents: source.replaceAll("import.meta.url", address), loader: "ts" };
    });
  },
};

/** Gives a suite's spec files, from npm or from `third_party`, whose relative imports lead to npm's. */
function specsOf(suite: Suite): esbuild.Plugin {
  return {
    name: "specs",
    setup(build) {
      build.onResolve({ filter: /^suite:specs$/ }, () => ({ path: suite, namespace: "suite" }));
      build.onLoad({ filter: /./, namespace: "suite" }, () => ({
        contents: suite === "core"
          ? `import "@tensorflow/tfjs-core/dist/tests";`
          : specFiles(suite).map((file) => `import ${JSON.stringify(file)};`).join("\n"),
        resolveDir: thirdParty,
      }));
      build.onResolve({ filter: /^\./ }, ({ path, importer }) => {
        if (!importer.startsWith(thirdParty)) return undefined;
        const target = join(dirname(importer), path);
        if (exists(`${target}.ts`)) return { path: `${target}.ts` };
        const [, name, file] = /^([^/]+)\/(.*)$/.exec(target.slice(thirdParty.length))!;
        const inPackage = file.replace(/^src\//, "dist/");
        return { path: scriptAt(ownPackage(`@tensorflow/${name}`) + inPackage) };
      });
      // Some read their own package's data by its name in tfjs's repository.
      build.onResolve({ filter: /^tfjs-[a-z]+\/.*\.json$/ }, ({ path }) => ({
        path: ownPackage(`@tensorflow/${path.split("/")[0]}`) + path.replace(/^[^/]+\//, ""),
      }));
      // What tfjs-layers tries on one of its own backends alone is tried on every backend.
      build.onLoad({ filter: /tfjs-layers\/.*\/utils\/test_utils\.js$/ }, async ({ path }) => ({
        contents: (await Deno.readTextFile(path)).replace(
          /testEnv\.backendName === '(cpu|webgl)'/g,
          "true",
        ),
      }));
    },
  };
}

/** Writes the bundle of a suite's specs and the engine to `file`. */
export async function bundle(suite: Suite, file: string): Promise<void> {
  await esbuild.build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    // Some specs expect a function by its name.
    keepNames: true,
    logLevel: "error",
    // tfjs declares its spec files and kernels free of side effects; they are nothing else.
    ignoreAnnotations: true,
    banner: {
      js: `import { createRequire as requireFrom } from "node:module";
const require = requireFrom(import.meta.url);`,
    },
    plugins: [specsOf(suite), packages],
  });
  await esbuild.stop();
}
