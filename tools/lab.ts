/**
 * `./tessera lab [NOTEBOOK]`: JupyterLab on this machine only (127.0.0.1), opened at the home
 * or at one of its notebooks. `--teaching` shows nbgrader's tools for teachers. Other options go to
 * `jupyter lab`, for example `--no-browser` or `--port 8899`.
 */
import { join, relative, resolve } from "node:path";
import { exists } from "../lib/platform/files.ts";
import { callerFolder, CommandError, foreground, root, runCommand, shown } from "./command.ts";
import { environmentOf, exercisesFolder, findHome, home as findOrMakeHome } from "./homes.ts";
import { unitsToUpdate } from "./learner/pattern.ts";
import { recordsFolder } from "./learner/snapshots.ts";

/** The notebook or folder that a user means, as its path in the home. */
function findPlace(name: string, home: string): string {
  for (const base of [callerFolder, home]) {
    for (const path of [resolve(base, name), resolve(base, `${name}.ipynb`)]) {
      const place = relative(home, path);
      if (!place.startsWith("..") && exists(path)) return place;
    }
  }
  throw new CommandError(`there is no notebook or folder "${name}" in ${shown(home)}.`, 2);
}

/** Settings that come before the installation's: what is hidden from learners shows. */
function teachersSettings(): string {
  const given = Deno.env.get("JUPYTER_CONFIG_PATH");
  return [join(root, "python", "teaching"), ...(given ? [given] : [])].join(":");
}

async function main(args: string[]): Promise<number> {
  const named = args[0] !== undefined && !args[0].startsWith("-") ? args.shift() : undefined;
  // A wrong name makes no home.
  const place = findPlace(named ?? ".", findHome() ?? exercisesFolder);
  const home = findOrMakeHome();
  const env = environmentOf(home);
  // Where this is, Jupyter's server keeps a history; a home of an earlier version has none.
  Deno.mkdirSync(recordsFolder(home), { recursive: true });
  const teaching = args.indexOf("--teaching");
  if (teaching >= 0) {
    args.splice(teaching, 1);
    env.JUPYTER_CONFIG_PATH = teachersSettings();
  }
  const units = await unitsToUpdate(home, exercisesFolder);
  if (units.length > 0) {
    console.error(
      `The course has changed in ${
        units.join(", ")
      }: ./tessera update --dry-run shows what would ` +
        "come, and what you wrote is kept.",
    );
  }
  return await foreground("jupyter", [
    "lab",
    "--ip=127.0.0.1",
    `--ServerApp.root_dir=${home}`,
    `--LabApp.default_url=/lab${
      place && `/tree/${place.split("/").map(encodeURIComponent).join("/")}`
    }`,
    // The course's kernel alone; Jupyter brings a Python one of its own.
    "--MappingKernelManager.default_kernel_name=deno",
    "--KernelSpecManager.allowed_kernelspecs=deno",
    "--KernelSpecManager.ensure_native_kernel=False",
    // No questions about news, and no call to other machines at start.
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    // A style of one's own, in custom/custom.css; the course's comes with its plug-in.
    "--LabApp.custom_css=True",
    // Jupyter refuses to run as root, which is what one often is in a container.
    ...(Deno.uid() === 0 ? ["--allow-root"] : []),
    ...args,
  ], {
    cwd: home,
    isWarned: true, // the server passes it on to its kernels
    // The server ends with this process (`python/tessera_server/ending.py`).
    env: { ...env, TESSERA_STARTER: `${Deno.pid}` },
  });
}

if (import.meta.main) await runCommand(main);
