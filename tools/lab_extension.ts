/**
 * Makes Tessera's plug-in for JupyterLab from `jupyterlab/` and puts it where the installation's Jupyter
 * looks for one: `lab_extension.ts FOLDER`, as the set-up calls it.
 */
import { build, stop } from "esbuild";
import { join } from "node:path";
import { root } from "./command.ts";

const folder = Deno.args[0] ?? join(root, ".venv/share/jupyter/labextensions");
const { outputFiles: [{ contents, hash }] } = await build({
  entryPoints: [join(root, "jupyterlab", "plugin.ts")],
  ...{ bundle: true, write: false, format: "iife", target: "es2022", charset: "utf8" },
  loader: { ".css": "text" },
});
await stop();

// Browsers keep the file by its name.
const name = `plugin.${hash.replace(/\W/g, "")}.js`;
const description = {
  name: "tessera",
  version: "1.0.0",
  description:
    "Notebooks that are open twice or come back to a running kernel, snapshots, and outputs with words.",
  jupyterlab: { _build: { load: `static/${name}`, extension: "./plugin" } },
};
const target = join(folder, "tessera");
await Deno.remove(target, { recursive: true }).catch(() => {});
await Deno.mkdir(join(target, "static"), { recursive: true });
await Deno.writeFile(join(target, "static", name), contents);
await Deno.writeTextFile(join(target, "package.json"), JSON.stringify(description, null, 2));
