/** The list of a site's files, by which its service worker knows which version each of them has. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { SiteFiles } from "./site_files.ts";

const script = "service-worker.js";
const beginning = "const siteFiles = ";

/** Kept by the kernel itself, which shows how far it is. */
const dataSets = "course/data/";
/** Kept once they were used: trained weights, and what computes on a graphics card. */
const whenUsed = ["course/checkpoints/", "course/parts/webgpu-"];

/** Writes the list into the site's service worker, in its first line. */
export async function listFiles(site: string): Promise<void> {
  const files: SiteFiles["files"] = {};
  for (const path of (await pathsIn(site)).sort()) {
    if (path === script || path.startsWith(dataSets)) continue;
    const sha256 = createHash("sha256").update(await Deno.readFile(join(site, path)))
      .digest("base64");
    const isOnceUsed = whenUsed.some((start) => path.startsWith(start));
    files[path] = isOnceUsed ? { sha256, whenUsed: true } : { sha256 };
  }
  const version = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 12);
  const list: SiteFiles = { version, files };
  const code = await Deno.readTextFile(join(site, script));
  const rest = code.startsWith(beginning) ? code.slice(code.indexOf("\n") + 1) : code;
  await Deno.writeTextFile(join(site, script), `${beginning}${JSON.stringify(list)};\n${rest}`);
}

async function pathsIn(folder: string, inside = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${inside}${name}`;
    if (isDirectory) found.push(...await pathsIn(join(folder, name), `${path}/`));
    else found.push(path);
  }
  return found;
}
