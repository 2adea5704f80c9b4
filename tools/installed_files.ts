/** Whether the installation's files are as its set-up has made them, by their sizes or in each byte. */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { readTextIfThere } from "../lib/platform/files.ts";
import { root } from "./command.ts";

/** Where the set-up notes what it has fetched for Deno, as `cksum` does, a line each: sum, size and path. */
const packageSums = join(".deno", "tessera-sums.txt");

/**
 * The files of `.venv` and of Deno's packages that are missing or of another size, as paths. With `inEachByte`
 * also those that have other contents, which takes some seconds for 2 GB.
 */
export async function damagedFiles(
  { inEachByte = false, folder = root }: { inEachByte?: boolean; folder?: string } = {},
): Promise<string[]> {
  const files = [...pythonFiles(folder), ...denoFiles(folder)];
  const { there = [], damaged = [] } = Object.groupBy(
    files,
    ({ path, size }) => sizeOf(path) === size ? "there" : "damaged",
  );
  if (inEachByte) damaged.push(...there.filter(isAltered), ...await alteredPackages(folder, there));
  return damaged.map(({ path }) => path);
}

interface Installed {
  path: string;
  size: number;
  /** Of Python's: SHA-256, in base64 for addresses. */
  sha256?: string;
  /** Of Deno's: its line. */
  sum?: string;
}

/** What the Python packages say that they consist of, in their RECORD files (PEP 376, PEP 627). */
function* pythonFiles(folder: string): Generator<Installed> {
  const lib = join(folder, ".venv", "lib");
  for (const { name } of entries(lib).filter(({ name }) => name.startsWith("python"))) {
    const packages = join(lib, name, "site-packages");
    for (const { name } of entries(packages).filter(({ name }) => name.endsWith(".dist-info"))) {
      const record = readTextIfThere(join(packages, name, "RECORD")) ?? "";
      for (const line of record.split(/\r?\n/)) {
        // A path that has a comma stands in quotes; what was compiled has no size.
        const [, quoted, plain, hash, size] =
          /^(?:"((?:[^"]|"")*)"|([^,]*)),([^,]*),(\d+)$/.exec(line) ?? [];
        const path = quoted?.replaceAll('""', '"') ?? plain;
        if (!path || isLeftOut(path)) continue;
        const [, sha256] = /^sha256=(.+)$/.exec(hash) ?? [];
        yield { path: join(packages, path), size: Number(size), sha256 };
      }
    }
  }
}

/** What the set-up removes, or writes once more after it was noted, as an editable package's. */
function isLeftOut(path: string): boolean {
  return path.startsWith("tensorflow/include/") || path.endsWith("direct_url.json");
}

function* denoFiles(folder: string): Generator<Installed> {
  const sums = join(folder, packageSums);
  for (const sum of (readTextIfThere(sums) ?? "").split("\n")) {
    const [, size, path] = /^\d+ (\d+) (.+)$/.exec(sum) ?? [];
    if (path) yield { path: join(dirname(sums), path), size: Number(size), sum };
  }
}

function isAltered({ path, sha256 }: Installed): boolean {
  if (!sha256) return false;
  const hash = createHash("sha256");
  using file = Deno.openSync(path);
  const part = new Uint8Array(1 << 20);
  for (let length = file.readSync(part); length; length = file.readSync(part)) {
    hash.update(part.subarray(0, length));
  }
  return hash.digest("base64url") !== sha256;
}

/** Those of Deno's files that `cksum` finds other than the set-up did. */
async function alteredPackages(folder: string, files: readonly Installed[]): Promise<Installed[]> {
  const noted = files.filter(({ sum }) => sum);
  if (noted.length === 0) return [];
  const { stdout } = await new Deno.Command("find", {
    args: ["npm", "-type", "f", "-exec", "cksum", "{}", "+"],
    cwd: join(folder, dirname(packageSums)),
    stderr: "null",
  }).output();
  const found = new Set(new TextDecoder().decode(stdout).split("\n"));
  return noted.filter(({ sum }) => !found.has(sum!));
}

function entries(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch {
    return [];
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch {
    return undefined;
  }
}

/** Has the set-up make anew what is damaged; gives whether all is well then. */
export async function repair(damaged: readonly string[]): Promise<boolean> {
  for (const path of damaged) {
    // Deno fetches a package that is not there at all.
    const [, folder] = /^(.*\/\.deno\/npm\/[^/]+\/(?:@[^/]+\/)?[^/]+\/[^/]+)\//.exec(path) ?? [];
    if (folder) await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
  const { success } = await new Deno.Command("/bin/sh", {
    args: [join(root, "tools", "set_up.sh"), root, "repair"],
  }).spawn().status;
  return success && (await damagedFiles({ inEachByte: true })).length === 0;
}
