/** The site's Content-Security-Policy: whatever a notebook holds, no request leaves the site. */
import { join } from "node:path";

/**
 * Cells are compiled where they run, hence `unsafe-eval`; their modules are blobs; what cells show may have
 * scripts and styles of its own. A frame has the policy that its page comes with, and a host's own pages, such as that
 * for a missing file, may come with none: only pages made here, which have this one, stand in frames.
 */
export const policy: string = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self' data: blob:",
  "frame-src data: blob:",
  "form-action 'none'",
  "base-uri 'self'",
  "object-src 'none'",
].join("; ");

/** Writes the policy into every page of a site, for hosts that send no headers of their own. */
export async function closePages(site: string): Promise<void> {
  for await (const { name, isFile, isDirectory } of Deno.readDir(site)) {
    const path = join(site, name);
    if (isDirectory && name !== "course") await closePages(path);
    if (!isFile || !name.endsWith(".html")) continue;
    const page = await Deno.readTextFile(path);
    const closed = page.replace(
      /<head([^>]*)>/i,
      (head) => `${head}<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    );
    await Deno.writeTextFile(path, closed);
  }
}
