/** What a service worker knows of the version of the site that it belongs to. */
export interface SiteFiles {
  version: string;
  /** By path: the content's SHA-256 in Base64, and whether it is kept only once it was used. */
  files: Record<string, { sha256: string; whenUsed?: true }>;
}

/** What the browser keeps of any site of the course. */
export const cacheNames = /^tessera-(files|data)\b/;

/** Folders in which a site has nothing but its own files. */
export const closed = /^(api|build|course|doc|extensions|files|lab)\//;

/** A script by which a kernel's worker begins: the service worker's own, and no file, so that it has the policy. */
export const kernelStart = "course/kernel.js";

/** The path in a site of an address; undefined outside of it. The site's address ends with a slash. */
export function pathOf(address: string, site: string): string | undefined {
  const { origin, pathname } = new URL(address);
  const root = new URL(site);
  if (origin !== root.origin || !pathname.startsWith(root.pathname)) return undefined;
  const path = decoded(pathname.slice(root.pathname.length));
  return path === "" || path.endsWith("/") ? `${path}index.html` : path;
}

/** A path without its escapes; as it is where those are none, which no file of a site has. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Whether a site has a file of this address, in one version or another; other sites may lie in folders of it. */
export function isOfSite(address: string, site: string): boolean {
  const path = pathOf(address, site);
  return path !== undefined && (closed.test(path) || !path.includes("/"));
}

/** What pages say to the service worker. */
export type ToServiceWorker =
  /** Keep all that is needed without a network; answered by the port that comes with it. */
  | "keep"
  /** Keep nothing more until the next page asks: the learner's work needs the room. */
  | "keep nothing"
  /** Take over from the version before: there is no other page of it. */
  | "take over";

/** What became of keeping. */
export type Kept = { version: string } | { problem: string };
