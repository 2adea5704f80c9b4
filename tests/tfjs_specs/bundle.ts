/**
 * Bundles tfjs-core's own spec files with Tessera's native backend, so that both see one copy of
 * tfjs: the specs import tfjs by relative paths, which no import map can redirect.
 */
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
// So that both packages are installed when their files are asked for.
import "jasmine-core";
import "tfjs-node/dist/version.js";

const libTensor = fileURLToPath(new URL("../../lib/tensor/", import.meta.url));

/** The engine's files that are bundled, since they use tfjs; the others find the project by their
 * own address, and are imported from there. */
const usesTfjs = ["./kernels.ts", "./node_utilities.ts"];

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

const resolveImports: esbuild.Plugin = {
  name: "one copy of tfjs",
  setup(build) {
    build.onResolve({ filter: /^tfjs$/ }, () => ({
      path: `${ownPackage("@tensorflow/tfjs")}dist/index.js`,
    }));
    build.onResolve({ filter: /^tfjs-node\// }, ({ path }) => ({
      path: tfjsNode + path.slice("tfjs-node/".length),
    }));
    build.onResolve({ filter: /^jasmine-core\// }, ({ path }) => ({
      path: jasmine + path.slice("jasmine-core/".length),
    }));
    build.onResolve({ filter: /^@tensorflow\// }, ({ path }) => {
      const [, name, file] = /^(@tensorflow\/[^/]+)\/?(.*)$/.exec(path)!;
      const inPackage = file === "" ? "dist/index.js" : file.endsWith(".js") ? file : `${file}.js`;
      return { path: ownPackage(name) + inPackage };
    });
    build.onResolve({ filter: /^\.\/\w+\.ts$/ }, ({ path, importer }) => {
      const isEngine = importer.startsWith(libTensor) && !usesTfjs.includes(path);
      return isEngine ? { path: pathToFileURL(libTensor + path).href, external: true } : undefined;
    });
    build.onResolve({ filter: /^[a-z]/ }, ({ path, importer, kind }) => {
      if (kind === "entry-point" || /^(tfjs|jasmine-core)/.test(path)) return undefined;
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
  },
};

/** Writes the bundle of `entry` to `file`. */
export async function bundle(entry: string, file: string): Promise<void> {
  await esbuild.build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
    // tfjs declares its spec files and kernels free of side effects; they are nothing else.
    ignoreAnnotations: true,
    banner: {
      js: `import { createRequire as requireFrom } from "node:module";
const require = requireFrom(import.meta.url);`,
    },
    plugins: [resolveImports],
  });
  await esbuild.stop();
}
