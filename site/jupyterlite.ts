/** JupyterLite's pages, made by the Python package `jupyterlite-core`, which is fetched at the first use. */
import { dirname, join } from "node:path";
import { withLock } from "../lib/platform/with_lock.ts";

const root = join(import.meta.dirname!, "..");
const requirements = join(import.meta.dirname!, "requirements.txt");
/** The packages that only this needs lie in a folder of their own, beside what is made of them. */
const packages = join(root, "out", "site-tools");
const stamp = join(packages, "tessera.stamp");
const python = join(root, ".venv", "bin", "python");

/** What JupyterLite's pages are made of. */
export interface PageParts {
  /** A folder with `jupyter-lite.json`. */
  folder: string;
  /** Folders of files that a learner finds. */
  contents: string;
  /** Folders of JupyterLab extensions. */
  extensions: readonly string[];
  output: string;
}

/** Makes the pages. Throws an Error with what the program says where it fails. */
export async function makePages(
  { folder, contents, extensions, output }: PageParts,
): Promise<void> {
  await fetchPackages();
  await run(
    python,
    [
      "-c",
      "import sys; from jupyterlite_core.app import LiteApp; sys.exit(LiteApp.launch_instance())",
      "build",
      `--lite-dir=${folder}`,
      `--output-dir=${output}`,
      `--contents=${contents}`,
      // Ours and Plotly's alone, none that happen to be installed.
      "--ignore-sys-prefix",
      ...extensions.map((each) => `--LiteBuildConfig.federated_extensions=${each}`),
      "--apps=lab",
      "--no-sourcemaps",
      "--no-unused-shared-packages",
    ],
    { PYTHONPATH: packages },
    folder,
  );
}

/**
 * Takes Plotly's extension off those that JupyterLab loads when it starts; says where it is to `page/plotly.ts`, which
 * loads it with the first chart.
 */
export async function letPlotlyWait(site: string): Promise<void> {
  const path = join(site, "jupyter-lite.json");
  const settings = JSON.parse(await Deno.readTextFile(path));
  const page = settings["jupyter-config-data"];
  const all: { name: string; load: string }[] = page.federated_extensions;
  const plotly = all.find(({ name }) => name === "jupyterlab-plotly");
  if (!plotly) throw new Error("JupyterLite's pages have no extension for Plotly's charts.");
  page.federated_extensions = all.filter((each) => each !== plotly);
  page.plotlyExtension = `extensions/${plotly.name}/${plotly.load}`;
  await Deno.writeTextFile(path, JSON.stringify(settings, null, 2));
}

/** Does nothing where they are there, of the versions that the lock names. */
async function fetchPackages(): Promise<void> {
  if (await areThere()) return;
  await Deno.mkdir(dirname(packages), { recursive: true });
  // Who makes a site at the same time waits, and finds them.
  await withLock(`${packages}.lock`, async () => {
    if (!await areThere()) await fetchAll();
  });
}

async function areThere(): Promise<boolean> {
  const noted = await Deno.readTextFile(stamp).catch(() => "");
  return noted === await Deno.readTextFile(requirements);
}

async function fetchAll(): Promise<void> {
  console.error("Fetching JupyterLite (16 MB) …");
  await Deno.remove(packages, { recursive: true }).catch(() => {});
  await Deno.mkdir(packages, { recursive: true });
  const options = [
    ...["--quiet", "--target", packages, "--no-deps", "--require-hashes"],
    ...["--only-binary", ":all:", "-r", requirements],
  ];
  if (await answers("uv", "--version")) {
    await run("uv", ["pip", "install", "--python", python, ...options]);
  } else if (await answers(python, "-m", "pip", "--version")) {
    await run(python, ["-m", "pip", "install", "--disable-pip-version-check", ...options]);
  } else {
    console.error(
      "tessera: uv or pip fetches JupyterLite, and neither is here: install one of them.",
    );
    Deno.exit(1);
  }
  await Deno.copyFile(requirements, stamp);
}

/** Whether there is such a program, and it does what it is asked to. */
async function answers(program: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function run(
  program: string,
  args: string[],
  env: Record<string, string> = {},
  cwd = root,
): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, env, cwd }).output();
  if (success) return;
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n").trim();
  throw new Error(`${program} failed:\n${said.split("\n").slice(-12).join("\n")}`);
}
