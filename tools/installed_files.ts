/** Whether the installation's files are as its set-up has made them, by their sizes. */
import { dirname, join } from "node:path";
import { readTextIfThere } from "../lib/platform/files.ts";
import { root } from "./command.ts";

/** Where the set-up notes the sizes of what it has fetched for Deno, a line each: size and path. */
const packageSizes = join(root, ".deno", "tessera-sizes.txt");

/** The files of `.venv` and of Deno's packages that are missing or of another size, as paths. */
export function damagedFiles(): string[] {
  return [...pythonFiles(), ...denoFiles()].filter(({ path, size }) => sizeOf(path) !== size)
    .map(({ path }) => path);
}

interface Installed {
  path: string;
  size: number;
}

/** What the Python packages say that they consist of, in their RECORD files (PEP 376, PEP 627). */
function* pythonFiles(): Generator<Installed> {
  const lib = join(root, ".venv", "lib");
  for (const { name } of entries(lib).filter(({ name }) => name.startsWith("python"))) {
    const packages = join(lib, name, "site-packages");
    for (const { name } of entries(packages).filter(({ name }) => name.endsWith(".dist-info"))) {
      const record = readTextIfThere(join(packages, name, "RECORD")) ?? "";
      for (const line of record.split(/\r?\n/)) {
        // A path that has a comma stands in quotes; what was compiled has no size.
        const [, quoted, plain, size] = /^(?:"((?:[^"]|"")*)"|([^,]*)),[^,]*,(\d+)$/.exec(line) ??
          [];
        const path = quoted?.replaceAll('""', '"') ?? plain;
        // An editable package's is written once more after it was noted.
        if (!path || path.endsWith("direct_url.json")) continue;
        yield { path: join(packages, path), size: Number(size) };
      }
    }
  }
}

function* denoFiles(): Generator<Installed> {
  for (const line of (readTextIfThere(packageSizes) ?? "").split("\n")) {
    const [, size, path] = /^(\d+) (.+)$/.exec(line) ?? [];
    if (path) yield { path: join(dirname(packageSizes), path), size: Number(size) };
  }
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
  return success && damagedFiles().length === 0;
}
