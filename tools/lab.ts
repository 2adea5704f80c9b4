/**
 * `./tessera lab [NOTEBOOK]`: JupyterLab on this machine only (127.0.0.1), opened at the home
 * or at one of its notebooks. `--teaching` shows nbgrader's tools for teachers. Other options go to
 * `jupyter lab`, for example `--no-browser` or `--port 8899`. `--hub` is for a JupyterHub, which starts this as
 * each user's server; their home is `tessera` in the user's folder, where `TESSERA_HOME` names none.
 */
import { join, relative, resolve } from "node:path";
import { exists } from "../lib/platform/files.ts";
import { pathFrom } from "../lib/platform/places.ts";
import { callerFolder, CommandError, foreground, program, root, runCommand } from "./command.ts";
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
  throw new CommandError(`there is no notebook or folder "${name}" in ${home}.`, 2);
}

/** JupyterLab's options that take the next word, where they have no "=": those of `jupyter lab --help`, and `--Class.name`. */
const takesWord =
  /^--(app-dir|browser|certfile|client-ca|config|ip|keyfile|log-level|notebook-dir|port|port-retries|preferred-dir|sock|sock-mode|transport|\w+\.\w+)$/;

/** Takes the notebook's name from the arguments, before Jupyter's options or after them. */
function takeName(args: string[]): string | undefined {
  const at = args.findIndex((each, place) =>
    !each.startsWith("-") && !takesWord.test(args[place - 1] ?? "")
  );
  return at < 0 ? undefined : args.splice(at, 1)[0];
}

/** Throws where `--port` is no port: Jupyter takes any number, and says that it listens there. */
function requirePort(args: readonly string[]): void {
  for (const [at, each] of args.entries()) {
    const [, given = each === "--port" ? args[at + 1] : undefined] = /^--port=(.*)$/.exec(each) ??
      [];
    if (given === undefined && each !== "--port") continue;
    if (!(/^\d{1,5}$/.test(given ?? "") && Number(given) < 65536)) {
      throw new CommandError(`--port is a number up to 65535, not "${given ?? ""}".`, 2);
    }
  }
}

/** Settings that come before the installation's, in a folder of `python`: more of nbgrader's tools show. */
function settingsIn(folder: string): string {
  const given = Deno.env.get("JUPYTER_CONFIG_PATH");
  return [join(root, "python", folder), ...(given ? [given] : [])].join(":");
}

/** Whether an option is among the arguments, from which it is taken. */
function takeOption(args: string[], option: string): boolean {
  const at = args.indexOf(option);
  if (at >= 0) args.splice(at, 1);
  return at >= 0;
}

/** Whether kernels can have their sockets in a folder: a long path has no room for one, and some drives have none. */
function takesSockets(folder: string): boolean {
  const path = join(folder, `kernel-${crypto.randomUUID()}-ipc-5`);
  try {
    Deno.mkdirSync(folder, { recursive: true });
    Deno.listen({ transport: "unix", path }).close(); // which removes it
    return true;
  } catch {
    return false;
  }
}

/** What a hub's server has in place of an address and a browser of its own: the hub says where it listens. */
function hubOptions(): string[] {
  if (!exists(program("jupyterhub-singleuser"))) {
    throw new CommandError(
      `the installation in ${root} has no JupyterHub: whoever keeps it calls ` +
        `TESSERA_HUB=1 ${join(root, "tessera")} doctor.`,
    );
  }
  return ["--ServerApp.default_url=/lab"];
}

/**
 * Kernels' sockets are files, in the home or where that has no room for them in a folder of this user's alone
 * (`python/tessera_server/sockets.py`). To ports other users of the machine could connect, and read what cells show;
 * there are ports where neither has room.
 */
function kernelOptions(runtime: string): string[] {
  return takesSockets(runtime) || takesSocketsElsewhere() ? ["--KernelManager.transport=ipc"] : [];
}

function takesSocketsElsewhere(): boolean {
  // With a name as long as that of the server's folder will be.
  const folder = Deno.makeTempDirSync({ prefix: "tessera-sockets-temporary-" });
  try {
    return takesSockets(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

async function main(args: string[]): Promise<number> {
  const isOnHub = takeOption(args, "--hub");
  if (isOnHub && !Deno.env.get("TESSERA_HOME")) {
    Deno.env.set("TESSERA_HOME", pathFrom("/", "~/tessera"));
  }
  requirePort(args);
  const named = takeName(args);
  // A wrong name makes no home.
  const place = findPlace(named ?? ".", findHome() ?? exercisesFolder);
  const home = findOrMakeHome();
  const env = environmentOf(home);
  // Where this is, Jupyter's server keeps a history; a home of an earlier version has none.
  Deno.mkdirSync(recordsFolder(home), { recursive: true });
  // A hub's learners see the list of assignments, which come and go by nbgrader's exchange.
  if (isOnHub) env.JUPYTER_CONFIG_PATH = settingsIn("hub");
  if (takeOption(args, "--teaching")) env.JUPYTER_CONFIG_PATH = settingsIn("teaching");
  const units = await unitsToUpdate(home, exercisesFolder);
  if (units.length > 0) {
    console.error(
      `The course has changed in ${
        units.join(", ")
      }: ./tessera update --dry-run shows what would ` +
        "come, and what you wrote is kept.",
    );
  }
  const page = place && `/tree/${place.split("/").map(encodeURIComponent).join("/")}`;
  const own = isOnHub
    ? hubOptions()
    : ["lab", "--ip=127.0.0.1", `--LabApp.default_url=/lab${page}`];
  return await foreground(isOnHub ? "jupyterhub-singleuser" : "jupyter", [
    ...own,
    ...kernelOptions(env.JUPYTER_RUNTIME_DIR),
    `--ServerApp.root_dir=${home}`,
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
    // A hub asks by SIGINT first, and waits for the end; at a terminal Ctrl-C reaches the server itself.
    endedBy: isOnHub ? ["SIGINT", "SIGTERM"] : [],
    // The server ends with this process (`python/tessera_server/ending.py`).
    env: { ...env, TESSERA_STARTER: `${Deno.pid}` },
  });
}

if (import.meta.main) await runCommand(main);
