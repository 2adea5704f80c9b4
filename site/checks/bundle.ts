/**
 * Bundles tests of checks for the site's kernel: `bundle.ts FOLDER FILE…` writes `FOLDER/checks.js`, whose
 * `runFile(FILE)` runs a file's tests. Reads the notebooks' tasks as JSON.
 */
import { join, resolve } from "node:path";
import * as esbuild from "esbuild";
import { common, inBrowser } from "../bundle.ts";
import { buildWithPlaces } from "../library_places.ts";

const here = Deno.realPathSync(import.meta.dirname!);
const root = resolve(here, "..", "..");

/** What tests import that is another file here. */
const forTests: esbuild.Plugin = {
  name: "tests of checks in a browser",
  setup(build) {
    build.onResolve(
      { filter: /mutation\/tasks\.ts$/ },
      () => ({ path: join(here, "tasks.ts") }),
    );
    const library = { "@tensorflow/tfjs": "tensor/tf.ts", "tessera": "mod.ts" };
    build.onResolve({ filter: /^(@tensorflow\/tfjs|tessera)$/ }, ({ path, importer }) => {
      const isOfProject = importer.startsWith(`${root}/`) && !importer.includes("/.deno/");
      return isOfProject
        ? { path: join(root, "lib", library[path as keyof typeof library]) }
        : undefined;
    });
  },
};

const [folder, ...files] = Deno.args;
const tasks = await new Response(Deno.stdin.readable).text();
const imports = files.map((file) =>
  `${JSON.stringify(file)}: () => import(${JSON.stringify(`./${file}`)})`
);
try {
  await buildWithPlaces({
    ...common,
    plugins: [forTests, inBrowser],
    stdin: {
      contents: `import { runRegistered } from "./site/checks/register.ts";
        const files = { ${imports.join(", ")} };
        export const runFile = async (file) => (await files[file](), await runRegistered());`,
      resolveDir: root,
    },
    minifySyntax: false, // checks read a part's code
    minifyWhitespace: false,
    logOverride: { ...common.logOverride, "import-is-undefined": "silent" },
    define: { "Deno.test": "register", "tasksOfNotebooks": tasks },
    inject: [join(here, "register.ts")],
    keepNames: true,
    splitting: true,
    entryNames: "checks",
    chunkNames: "checks-[hash]",
    outdir: folder,
  }, root);
} finally {
  await esbuild.stop();
}
