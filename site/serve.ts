/** Serves a site on this machine, as any static host does. */
import { extname, join, normalize } from "node:path";
import { policy } from "./policy.ts";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".ipynb": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
  ".ttf": "font/ttf",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};

/** Serves a folder at 127.0.0.1 until it is shut down; port 0 is any free one. */
export function serveSite(folder: string, port = 0): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    let path = join(folder, normalize(`/${decodeURIComponent(pathname)}`));
    try {
      if ((await Deno.stat(path)).isDirectory) {
        if (!pathname.endsWith("/")) {
          return new Response(null, { status: 301, headers: { location: `${pathname}/` } });
        }
        path = join(path, "index.html");
      }
      const { size, mtime } = await Deno.stat(path);
      const etag = `"${size.toString(36)}-${mtime?.getTime().toString(36)}"`;
      const headers = {
        "content-type": types[extname(path)] ?? "application/octet-stream",
        "cache-control": "no-cache",
        etag,
        // A worker obeys the policy of its own script, not that of the page.
        "content-security-policy": policy,
      };
      // What goes out packed has a mark (`W/`) before it.
      if (request.headers.get("if-none-match")?.replace(/^W\//, "") === etag) {
        return new Response(null, { status: 304, headers });
      }
      const { readable } = await Deno.open(path);
      return new Response(readable, { headers });
    } catch {
      return new Response("There is no such page.", { status: 404 });
    }
  });
}
