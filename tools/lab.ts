/**
 * `./tessera lab [NOTEBOOK]`: JupyterLab on this machine only (127.0.0.1), opened at the exercises or
 * at one of them. Options go to `jupyter lab`, for example `--no-browser` or `--port 8899`.
 */
import { join, relative, resolve } from "node:path";
import { callerFolder, CommandError, foreground, root, runCommand } from "./command.ts";
import { exercisesFolder } from "./notebooks.ts";

/** The notebook or folder that a user means, as its path in the project. */
function findPlace(name: string): string {
  for (const base of [callerFolder, root, exercisesFolder]) {
    for (const path of [resolve(base, name), resolve(base, `${name}.ipynb`)]) {
      const place = relative(root, path);
      if (!place.startsWith("..") && exists(path)) return place;
    }
  }
  throw new CommandError(`there is no notebook or folder "${name}" in the project.`, 2);
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}

/** Puts the course's style where JupyterLab looks for a user's. */
function writeStyle(): void {
  const folder = join(Deno.env.get("JUPYTER_CONFIG_DIR") ?? `${root}/.jupyter/config`, "custom");
  Deno.mkdirSync(folder, { recursive: true });
  Deno.copyFileSync(`${root}/tools/lab.css`, join(folder, "custom.css"));
}

function main(args: string[]): Promise<number> {
  const named = args[0] !== undefined && !args[0].startsWith("-") ? args.shift() : undefined;
  const place = findPlace(named ?? exercisesFolder);
  writeStyle();
  return foreground("jupyter", [
    "lab",
    "--ip=127.0.0.1",
    `--ServerApp.root_dir=${root}`,
    `--LabApp.default_url=/lab/tree/${place.split("/").map(encodeURIComponent).join("/")}`,
    // The course's kernel alone; Jupyter brings a Python one of its own.
    "--MappingKernelManager.default_kernel_name=deno",
    "--KernelSpecManager.allowed_kernelspecs=deno",
    "--KernelSpecManager.ensure_native_kernel=False",
    // No questions about news, and no call to other machines at start.
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    // Looks for no language servers; that would call npm, which writes to the user's home.
    "--LanguageServerManager.autodetect=False",
    "--LabApp.custom_css=True",
    // Exporters that need LaTeX or a browser of their own; the menu has TesseraPDF.
    ...["PDF", "WebPDF", "QtPDF", "QtPNG"].map((name) => `--${name}Exporter.enabled=False`),
    // Jupyter refuses to run as root, which is what one often is in a container.
    ...(Deno.uid() === 0 ? ["--allow-root"] : []),
    ...args,
  ]);
}

if (import.meta.main) await runCommand(main);
