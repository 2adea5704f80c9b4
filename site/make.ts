/**
 * Makes the course as a static site: JupyterLite's pages with a TypeScript kernel, the learners' notebooks,
 * the library bundled once, data sets and weights. `./tessera site` runs this as a program of its own, whose
 * packages have a lock of their own (`deno.lock` beside it): `make.ts FOLDER VERSION UNIT…`.
 */
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePage } from "../playground/bundle.ts";
import { withTemporaryFolder } from "../tools/temporary_folder.ts";
import type { CourseFacts } from "./brought.ts";
import { bundleAll, tfjsCore, wasmFolder } from "./bundle.ts";
import { bringContents, bringNotebooks } from "./contents.ts";
import { joinScripts } from "./joined_scripts.ts";
import { letPlotlyWait, makePages } from "./jupyterlite.ts";
import { listFiles } from "./offline/list.ts";
import { closePages } from "./policy.ts";
import { makeStartPage } from "./start_page.ts";
import { wordsOfCourse } from "./words.ts";

const here = import.meta.dirname!;
const root = join(here, "..");

/** Files of packages that the library reads, by the names that it has for them. */
async function bringPackages(course: string): Promise<void> {
  const copy = async (from: string, to: string) => {
    const target = join(course, "packages", to);
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.copyFile(from, target);
  };
  for (const kind of ["", "-simd", "-threaded-simd"]) {
    const name = `tfjs-backend-wasm${kind}.wasm`;
    await copy(join(wasmFolder, name), `tfjs-wasm/dist/${name}`);
  }
  for (
    const file of [
      "plotly/plotly-cartesian.min.js",
      "dejavu-fonts-ttf/ttf/DejaVuSans.ttf",
      "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf",
    ]
  ) await copy(fileURLToPath(import.meta.resolve(file)), file);
  for (const name of ["page.html", "page.css"]) {
    await copy(join(root, "playground", "page", name), `playground/${name}`);
  }
  await Deno.writeTextFile(join(course, "packages", "playground", "page.js"), await bundlePage());
}

/** What JupyterLab must know of our extension. */
const extensionManifest = {
  name: "tessera-kernel",
  version: "1.0.0",
  jupyterlab: {
    extension: true,
    _build: {
      load: "static/remoteEntry.js",
      extension: "./extension",
      mimeExtension: "./mimeExtension",
    },
  },
  jupyterlite: { liteExtension: true },
};

async function makeSite(output: string, version: string, units: readonly string[]): Promise<void> {
  await withTemporaryFolder("site", async (parts) => {
    const [course, extension, files] = ["course", "extension", "files"]
      .map((name) => join(parts, name));
    await Deno.mkdir(course);
    const serviceWorker = join(parts, "service-worker.js");
    await bundleAll({ course, extension, serviceWorker });
    await bringPackages(course);
    const words = JSON.stringify(wordsOfCourse(root, tfjsCore));
    await Deno.writeTextFile(join(course, "words.json"), words);
    const recipes = await bringContents(units, course);
    const facts: CourseFacts = { version, files: await bringNotebooks(units, files), recipes };
    await Deno.writeTextFile(join(course, "course.json"), JSON.stringify(facts));
    await Deno.writeTextFile(join(extension, "package.json"), JSON.stringify(extensionManifest));
    const pages = join(parts, "pages");
    await Deno.mkdir(pages);
    await Deno.copyFile(join(here, "jupyter-lite.json"), join(pages, "jupyter-lite.json"));
    await makePages({
      folder: pages,
      contents: files,
      extensions: [
        extension,
        join(root, ".venv", "share", "jupyter", "labextensions", "jupyterlab-plotly"),
      ],
      output: join(parts, "site"),
    });
    await letPlotlyWait(join(parts, "site"));
    const { start } = await joinScripts(join(parts, "site", "build"), "lab/bundle.js");
    await makeStartPage(join(parts, "site"), start);
    await Deno.rename(course, join(parts, "site", "course"));
    await Deno.copyFile(serviceWorker, join(parts, "site", "service-worker.js")); // in place of JupyterLite's
    await closePages(join(parts, "site"));
    await listFiles(join(parts, "site"));
    await putInPlace(join(parts, "site"), output);
  });
}

/** The old site gives way once the new one is whole. */
async function putInPlace(made: string, output: string): Promise<void> {
  await Deno.mkdir(dirname(output), { recursive: true });
  const beside = `${output}.new`;
  await Deno.remove(beside, { recursive: true }).catch(() => {});
  await cp(made, beside, { recursive: true }); // it may lie on another disk
  await Deno.remove(output, { recursive: true }).catch(() => {});
  await Deno.rename(beside, output);
}

const [output, version, ...units] = Deno.args;
await makeSite(output, version, units);
