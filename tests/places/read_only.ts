/** A whole installation that is someone else's: read-only, on a path with a space, for several people. */
import { dirname, join, relative } from "node:path";
import { exists } from "../../lib/platform/files.ts";
import { root } from "../../tools/command.ts";
import { afterThis } from "../afterwards.ts";

/** Runs a program to its end; throws with what it said where it fails. */
async function must(name: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(name, { args }).output();
  if (!success) throw new Error(`${name} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/**
 * Copies this installation as it lies here, without work and data; `copy` makes its files. Of packages, which nobody changes, the
 * copy shows the same files, and Python's are put right for their new place, as if they had been made there.
 * `removeInstallation` takes it away.
 */
export async function copyInstallation(folder: string, copy = copyFiles): Promise<void> {
  await copy(folder);
  const [links, copies] = [["-al", "-al", "-a"], ["-a", "-a", "-a"]];
  const copyPart = (name: string, ways: readonly string[], except?: string) =>
    copyTree(join(root, name), join(folder, name), ways, except);
  // Deno writes to the files of its caches while the tests run, but to none of a package's.
  await copyPart(".deno", copies, "npm");
  if (!await layOver(folder)) {
    for (const name of packages) await copyPart(name, links);
  }
  await relocate(folder);
}

/** The folders of packages: 60,000 files. */
const packages = [".venv", ".deno/npm"];

/** Where overlays keep what is not as in the installation that is tested. */
const changesOf = (folder: string) => `${folder}.changes`;
const upperOf = (folder: string) => packages.map((name) => join(changesOf(folder), name, "upper"));

/** What undoes the overlays of an installation, should this process end before it does. */
const undoing = new Map<string, AsyncDisposable>();

/**
 * Mounts this installation's packages in another by overlayfs, in place of links to each file, which take a minute
 * where the disk is busy, and as long to remove. False where that cannot be: without root, or in a container.
 */
async function layOver(folder: string): Promise<boolean> {
  const isMeant = Deno.build.os === "linux" && Deno.uid() === 0 && !/[,:\\]/.test(root + folder);
  if (!isMeant) return false;
  undoing.set(folder, afterThis(unmount, ...packages.map((name) => join(folder, name))));
  await Deno.mkdir(changesOf(folder), { mode: 0o700 });
  for (const name of packages) {
    const [upper, work] = ["upper", "work"].map((each) => join(changesOf(folder), name, each));
    for (const each of [upper, work, join(folder, name)]) {
      await Deno.mkdir(each, { recursive: true });
    }
    const options = `lowerdir=${join(root, name)},upperdir=${upper},workdir=${work}`;
    const args = ["-t", "overlay", "overlay", "-o", options, join(folder, name)];
    const { success } = await new Deno.Command("mount", { args }).output()
      .catch(() => ({ success: false }));
    if (success) continue;
    await removeOverlays(folder);
    for (const each of packages) await Deno.remove(join(folder, each)).catch(() => {});
    return false;
  }
  return true;
}

/** Also from below programs that still end. */
const unmount = 'for each; do mountpoint -q "$each" && umount --lazy "$each"; done; true';

async function removeOverlays(folder: string): Promise<void> {
  const watcher = undoing.get(folder);
  if (!watcher) return;
  await must("sh", "-c", unmount, "sh", ...packages.map((name) => join(folder, name)));
  undoing.delete(folder);
  await watcher[Symbol.asyncDispose]();
  await must("rm", "-rf", changesOf(folder));
}

/** Removes an installation that `copyInstallation` has made, or has begun to make. */
export async function removeInstallation(folder: string): Promise<void> {
  await removeOverlays(folder);
  await setWritable(folder, "+w").catch(() => {}); // who is not root removes nothing from a closed folder
  await must("rm", "-rf", folder); // quicker than Deno for 60,000 files
}

/**
 * Copies a folder, but for what has a name in it, in one of these ways of `cp`, the first that succeeds: other
 * programs use it, and remove temporary files of theirs while it is copied.
 */
async function copyTree(
  from: string,
  to: string,
  [way, ...others]: readonly string[],
  except = "",
): Promise<void> {
  const copy = 'mkdir "$2" && cd "$1" && ' +
    'find . -mindepth 1 -maxdepth 1 ! -name "$3" -exec cp "$4" -t "$2" {} +';
  try {
    await must("sh", "-c", copy, "sh", from, to, except, way);
  } catch (error) {
    if (others.length === 0) throw error;
    await Deno.remove(to, { recursive: true });
    await copyTree(from, to, others, except);
  }
}

/** Brings MNIST along, since users of their own may know of no place to fetch it from. */
export async function copyMnist(folder: string): Promise<void> {
  const fetching = ["run", "--quiet", "--allow-all", "--config", join(root, "deno.json")];
  await must(Deno.execPath(), ...fetching, join(root, "tools", "data.ts"), "mnist");
  const data = Deno.env.get("TESSERA_DATA") ?? join(root, "data");
  await Deno.mkdir(join(folder, "data"), { recursive: true });
  await must("cp", "-r", join(data, "mnist"), join(folder, "data", "mnist"));
}

/** Copies the files that git has or would take; the set-up has not been done there. */
export async function copyFiles(folder: string): Promise<void> {
  const listed = await must("git", "-C", root, "ls-files", "-z", "-co", "--exclude-standard");
  for (const file of listed.split("\0").filter((each) => each && exists(join(root, each)))) {
    await Deno.mkdir(dirname(join(folder, file)), { recursive: true });
    await Deno.copyFile(join(root, file), join(folder, file));
  }
}

/** Gives the Python programs, the kernel and the set-up's own stamp the new place. */
async function relocate(folder: string): Promise<void> {
  const venv = join(folder, ".venv");
  const places = ["bin", "pyvenv.cfg", "share/jupyter/kernels", "etc", "lib"];
  const found = await must(
    "sh",
    "-c",
    'cd "$0" && root=$1 && shift && grep -rIlF --include="*.pth" --include="*.json" --include="*.cfg" ' +
      '--include="activate*" --include="__editable__*.py" "$root" "$@" | cat; grep -lF "$root" bin/* 2> /dev/null | cat',
    ...[venv, root, ...places],
  );
  for (const file of new Set(found.trim().split("\n"))) {
    const path = join(venv, file);
    const { isFile, isSymlink } = await Deno.lstat(path);
    if (!isFile || isSymlink) continue;
    const text = (await Deno.readTextFile(path)).replaceAll(root, folder)
      // As installers write it where a path has a space.
      .replace(/^#!(.* .*)\n/, `#!/bin/sh\n'''exec' "$1" "$0" "$@"\n' '''\n`);
    await replaceFile(path, text, 0o755);
  }
  // What packages say of the sizes of files that name a place is true of the first one alone.
  const packages = await must(
    "sh",
    "-c",
    'cd "$0" && ls -d lib/python3*/site-packages/*/RECORD',
    venv,
  );
  for (const record of packages.trim().split("\n").map((each) => join(venv, each))) {
    const text = await Deno.readTextFile(record);
    const anySize = text.replace(/^((?:\.\.\/|__editable__)[^,\n]*),[^\n]*$/gm, "$1,,");
    if (anySize !== text) await replaceFile(record, anySize, 0o644);
  }
  // The set-up's own functions say what it would have noted down.
  const script = await Deno.readTextFile(join(folder, "tools", "set_up.sh"));
  const functions = script.split(/^if is_current/m)[0];
  await must(
    "sh",
    "-c",
    `${functions}\ninputs | write_stamp "$stamp"; note_sizes; name_for_homes`,
    "set_up.sh",
    folder,
  );
}

/** Writes a file anew, so that others that it is linked with stay as they are. */
async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  await Deno.remove(path);
  await Deno.writeTextFile(path, text, { mode });
}

/** Lets the installation's Python be one that everybody may run; false where there is none here. */
export async function takePythonForAll(folder: string, uid: number): Promise<boolean> {
  const bin = join(folder, ".venv", "bin");
  const version = /python3\.\d+/.exec(await must("ls", join(folder, ".venv", "lib")))![0];
  const own = await Deno.realPath(join(bin, "python"));
  for (const python of [own, `/usr/bin/${version}`, `/usr/local/bin/${version}`]) {
    // By a shell: setpriv itself still has root's rights when it looks for the program.
    const user = [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
    const { success } = await new Deno.Command("setpriv", {
      args: [...user, "sh", "-c", `exec ${python} -c "import venv"`],
    }).output().catch(() => ({ success: false }));
    if (!success) continue;
    await Deno.remove(join(bin, "python"));
    await Deno.symlink(python, join(bin, "python"));
    const settings = join(folder, ".venv", "pyvenv.cfg");
    const text = await Deno.readTextFile(settings);
    await replaceFile(settings, text.replace(/^home = .*$/m, `home = ${dirname(python)}`), 0o644);
    return true;
  }
  return false;
}

/** Takes all rights to write from an installation's folders and own files; `+w` gives them back. */
export async function setWritable(folder: string, to: "+w" | "-w"): Promise<void> {
  // What lies in an overlay or is linked with the installation that is tested keeps its rights.
  await must("find", folder, "-xdev", "-type", "d", "-exec", "chmod", `u${to}`, "{}", "+");
  const all = to === "+w" ? "u+w" : "a-w";
  await must(
    "find",
    folder,
    "-xdev",
    "-type",
    "f",
    "-links",
    "1",
    "-exec",
    "chmod",
    all,
    "{}",
    "+",
  );
}

/** When each file and folder below a folder was last changed, with its size, rights and owner. */
export async function snapshot(folder: string): Promise<Map<string, string>> {
  // A folder's time tells, too, whether something was made in it and removed again. That of a file's inode
  // would tell of links that others make to it.
  // In overlays all that was made, changed or removed leaves a file of its own.
  const places = undoing.has(folder) ? [folder, ...upperOf(folder), "-xdev"] : [folder];
  const listed = await must("find", ...places, "-printf", "%p\\t%T@ %s %m %U\\0");
  return new Map(
    listed.split("\0").filter((line) => line !== "").map((line) => {
      const [path, state] = line.split("\t");
      return [relative(folder, path) || ".", state];
    }),
  );
}

/** What is not as it was: paths that were added, removed or touched. */
export function differences(before: Map<string, string>, after: Map<string, string>): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
}
