/**
 * `./tessera docs`: makes browsable pages of the library, with a search, in `out/docs` of a home. They need no
 * network. JupyterLab's Help menu has it called, so pages that are those of this library are left as they are.
 */
import { dirname, join, relative } from "node:path";
import {
  readTextIfThere,
  writeFileAtomically,
  writeTextAtomically,
} from "../lib/platform/files.ts";
import { CommandError, lastingCommand, program, root, runCommand, shown } from "./command.ts";
import { home, useHome } from "./homes.ts";
import { dateName, writeBeside } from "./learner/dated_copy.ts";
import { bytesOf } from "./learner/pattern.ts";
import { recordsFolder } from "./learner/snapshots.ts";
import { withTemporaryFolder } from "./temporary_folder.ts";

/** What was made, noted down for the next time. */
interface Notes {
  /** Of the library that the pages are of. */
  library: string;
  /** The checksum of each page by its path. */
  pages: Record<string, string>;
}

async function checksum(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** The files below a folder, by path from there. */
function filesIn(folder: string, top = folder): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    return isDirectory ? filesIn(path, top) : [relative(top, path)];
  }).sort();
}

/** What changes with every change of the library, and with Deno, which makes the pages. */
async function fingerprint(): Promise<string> {
  const library = join(root, "lib");
  const texts = filesIn(library).map((path) =>
    path + "\n" + Deno.readTextFileSync(join(library, path))
  );
  return await checksum(new TextEncoder().encode([Deno.version.deno, ...texts].join("\n")));
}

/** Makes the pages in a folder of their own. */
async function makePages(folder: string): Promise<void> {
  const { success, stderr } = await lastingCommand(program("deno"), {
    args: ["doc", "--html", "--name=Tessera", `--output=${folder}`, join(root, "lib", "mod.ts")],
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  throw new CommandError(`the pages could not be made: ${new TextDecoder().decode(stderr).trim()}`);
}

/** Puts the pages in place. What a person wrote there stays; where a page takes its name, under the date. */
async function place(from: string, to: string, before: Notes | undefined): Promise<Notes["pages"]> {
  const pages: Notes["pages"] = {};
  for (const path of filesIn(from)) {
    const [made, target] = [await Deno.readFile(join(from, path)), join(to, path)];
    pages[path] = await checksum(made);
    const there = await bytesOf(target);
    const old = there && await checksum(there);
    if (old === pages[path]) continue;
    if (there && old !== before?.pages[path]) {
      const kept = await writeBeside(target, dateName(new Date()), there);
      console.log(`Another file was in its place: kept as ${shown(kept)}.`);
    }
    await writeFileAtomically(target, [made]);
  }
  for (const [path, sum] of Object.entries(before?.pages ?? {})) {
    const there = path in pages ? undefined : await bytesOf(join(to, path));
    if (there && await checksum(there) === sum) await Deno.remove(join(to, path));
  }
  return pages;
}

function notesOf(file: string): Notes | undefined {
  try {
    return JSON.parse(readTextIfThere(file) ?? "null") ?? undefined;
  } catch {
    return undefined; // damaged: then all that is there is taken for a person's
  }
}

async function main(args: string[]): Promise<void> {
  if (args.length > 0) throw new CommandError("usage: ./tessera docs", 2);
  useHome();
  const folder = join(home(), "out", "docs");
  const index = join(folder, "index.html");
  const file = join(recordsFolder(home()), "made", "docs.json");
  const before = notesOf(file);
  const library = await fingerprint();
  if (before?.library !== library || await bytesOf(index) === undefined) {
    await withTemporaryFolder("docs", async (made) => {
      await makePages(made);
      const pages = await place(made, folder, before);
      await Deno.mkdir(dirname(file), { recursive: true });
      await writeTextAtomically(file, JSON.stringify({ library, pages } satisfies Notes));
    });
  }
  console.log(`${shown(index)}: open it in a browser.`);
}

if (import.meta.main) await runCommand(main);
