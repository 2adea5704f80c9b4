/**
 * `./tessera bundle [FILE]`: makes one archive of all that a set-up fetches, for machines without the
 * internet: the Python packages for this platform, Deno's packages and the data sets that are here. There,
 * `./tessera doctor --from FILE` sets up from it.
 */
import { dirname, join, relative, resolve } from "node:path";
import { exists, readTextIfThere, syncFolder } from "../lib/platform/files.ts";
import { callerFolder, captured, CommandError, root, runCommand, shown } from "./command.ts";
import { dataSets, look } from "./data_sets.ts";

/** What has been fetched for a bundle, so that one that was interrupted goes on. */
const workFolder = join(root, "out", "bundle");

/** The lock file of what is installed: that of the CPU, or of a card. */
function lockFile(): string {
  const device = readTextIfThere(join(root, ".venv", "tessera.stamp"))?.split("\n")[1];
  return join(root, device === "gpu" ? "requirements-gpu.txt" : "requirements.txt");
}

/** Those of all that is installed: with LLVM, where the set-up has fetched it. */
function lockFiles(): string[] {
  const stamp = readTextIfThere(join(root, ".venv", "tessera-fusion.stamp"));
  const hasLlvm = stamp !== undefined && !stamp.startsWith("without");
  return hasLlvm ? [lockFile(), join(root, "requirements-fusion.txt")] : [lockFile()];
}

/** Fetches the locked packages as files; pip passes over those that are there and whole. */
async function fetchWheels(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  // Environments that uv makes have no pip; one that Python makes has.
  const tools = join(workFolder, "pip");
  if (!exists(join(tools, "bin", "pip"))) {
    await requireRun([join(root, ".venv", "bin", "python"), "-c", makeEnvironment, tools]);
  }
  const options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"];
  const download = [
    ...[join(tools, "bin", "python"), "-m", "pip", "download", ...options],
    ...["--only-binary", ":all:", "--dest", folder],
    ...lockFiles().flatMap((file) => ["--requirement", file]),
  ];
  try {
    await requireRun(download);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.error(`${error.message}\ntrying once more …`);
    await requireRun(download); // a wrong checksum may be an accident on the way; pip names the package
  }
}

const makeEnvironment = `
import subprocess, sys
subprocess.run([sys._base_executable, "-m", "venv", "--clear", sys.argv[1]], check=True)`;

/** Runs a program to its end; throws a `CommandError` with the last thing that it said where it fails. */
async function requireRun([program, ...args]: string[], cwd = root): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd }).output();
  if (success) return new TextDecoder().decode(stdout);
  const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new CommandError(`the bundle is not made: ${said}`);
}

/** Files below a folder, as paths from it, in order. */
function* filesIn(folder: string, from = folder): Generator<string> {
  for (const { name, isDirectory } of [...Deno.readDirSync(folder)].sort(byName)) {
    const path = join(folder, name);
    if (isDirectory) yield* filesIn(path, from);
    else yield relative(from, path);
  }
}

const byName = (a: Deno.DirEntry, b: Deno.DirEntry) => a.name < b.name ? -1 : 1;

/** A part of the bundle: its folder there, and here the folder and what of it is taken. */
interface Part {
  name: string;
  folder: string;
  paths: string[];
}

function partsOf(wheels: string): Part[] {
  const parts: Part[] = [
    {
      name: "wheels",
      folder: wheels,
      paths: [...filesIn(wheels)].filter((path) => path.endsWith(".whl")),
    },
    {
      name: "deno",
      folder: join(root, ".deno"),
      paths: [...filesIn(join(root, ".deno", "npm"))].map((path) => `npm/${path}`),
    },
  ];
  for (const dataSet of dataSets) {
    const { place, missing } = look(dataSet);
    if (dataSet.megabytes === undefined) continue; // made on each machine
    if (missing.length > 0) {
      console.error(
        `Without ${dataSet.name}, which is not here: ./tessera data ${dataSet.name} fetches it.`,
      );
      continue;
    }
    const paths = [...filesIn(place)].filter((path) => !/\.(part|tgz)$/.test(path));
    parts.push({ name: `data/${dataSet.name}`, folder: place, paths });
  }
  return parts;
}

/** Checksums in the form of `sha256sum`, of files that lie elsewhere under their names in the bundle. */
async function checksums(parts: readonly Part[]): Promise<string> {
  let text = "";
  for (const { name, folder, paths } of parts) {
    for (let start = 0; start < paths.length; start += 500) {
      const some = paths.slice(start, start + 500);
      const [program, ...args] = Deno.build.os === "darwin"
        ? ["shasum", "-a", "256"]
        : ["sha256sum"];
      const sums = await requireRun([program, ...args, "--", ...some], folder);
      text += sums.replace(/^(\w+ [ *])/gm, `$1${name}/`);
    }
  }
  return text;
}

/** Adds files to a tar archive under another folder's name. */
async function append(archive: string, { name, folder, paths }: Part): Promise<void> {
  const list = join(workFolder, "list.txt");
  await Deno.writeTextFile(list, paths.map((path) => `${path}\n`).join(""));
  const rename = Deno.build.os === "darwin"
    ? ["-s", `,^,${name}/,`]
    : [`--transform=s,^,${name}/,`];
  await requireRun(["tar", "-rhf", archive, ...rename, "-C", folder, "-T", list]);
}

async function platform(): Promise<{ platform: string; python: string }> {
  const { stdout } = await captured("python", [
    "-c",
    "import sys; print('%d.%d' % sys.version_info[:2])",
  ]);
  const uname = async (option: string) => (await requireRun(["uname", option])).trim();
  return { platform: `${await uname("-s")} ${await uname("-m")}`, python: stdout.trim() };
}

export async function makeBundle(archive: string): Promise<{ megabytes: number; parts: Part[] }> {
  const wheels = join(workFolder, "wheels");
  console.error("Fetching the Python packages …");
  await fetchWheels(wheels);
  const parts = partsOf(wheels);
  const about = await platform();
  const lock = (await requireRun(["sh", "-c", 'cksum < "$0"', lockFile()])).trim();
  const partial = `${archive}.partial`;
  try {
    console.error("Computing checksums …");
    const own: Part = { name: ".", folder: workFolder, paths: ["bundle.txt", "checksums.txt"] };
    await Deno.writeTextFile(join(workFolder, "checksums.txt"), await checksums(parts));
    const version = JSON.parse(await Deno.readTextFile(join(root, "deno.json"))).version;
    await Deno.writeTextFile(
      join(workFolder, "bundle.txt"),
      `version ${version}\nplatform ${about.platform}\npython ${about.python}\nlock ${lock}\n`,
    );
    console.error("Packing …");
    await Deno.remove(partial).catch(() => {});
    for (const part of [own, ...parts]) await append(partial, part);
    await Deno.rename(partial, archive);
    await syncFolder(dirname(archive));
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw error;
  }
  return { megabytes: (await Deno.stat(archive)).size / 1e6, parts };
}

const usage = `usage: ./tessera bundle [FILE]

Makes one archive of what a set-up fetches, about a gigabyte: the Python packages for this platform,
Deno's packages, and the data sets that are here. ./tessera doctor --from FILE sets up from it elsewhere.`;

async function main(args: string[]): Promise<void> {
  if (args.includes("--help")) return console.log(usage);
  if (args.length > 1 || args[0]?.startsWith("-")) {
    throw new CommandError("bundle takes the name of a file and no more.", 2);
  }
  const { platform: name, python } = await platform();
  const own = `tessera-${name.toLowerCase().replace(" ", "-")}-python${python}.tar`;
  const archive = resolve(callerFolder, args[0] ?? own);
  if (exists(archive)) throw new CommandError(`${shown(archive)} is there already.`, 2);
  if (!exists(dirname(archive))) {
    throw new CommandError(`there is no folder ${shown(dirname(archive))}.`, 2);
  }
  const { megabytes, parts } = await makeBundle(archive);
  const contents = parts.map(({ name, paths }) => `${name} (${paths.length} files)`).join(", ");
  console.log(`${shown(archive)}, ${Math.round(megabytes).toLocaleString("en")} MB: ${contents}.`);
  console.log(
    `A machine with ${name} and Python ${python}, or uv with it, needs this file and a copy of the course's ` +
      `folder, and no network: ./tessera doctor --from ${shown(archive)}`,
  );
}

if (import.meta.main) await runCommand(main);
