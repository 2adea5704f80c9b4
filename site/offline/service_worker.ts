/**
 * The site's service worker: keeps the pages and what was opened, so that the course opens without a network.
 * It answers with the files of its own version alone, which it knows by their content; those of another
 * version, which the host may have by now, are refused. Learners' files lie elsewhere, and are not touched.
 */
import { policy } from "../policy.ts";
import {
  closed,
  isOfSite,
  type Kept,
  kernelStart,
  pathOf,
  type SiteFiles,
  type ToServiceWorker,
} from "./site_files.ts";

declare const siteFiles: SiteFiles; // written above this code by `list.ts`

/** As much of a service worker's global scope as is used; the project's types are those of pages. */
interface Scope {
  readonly registration: { scope: string; installing: unknown; waiting: unknown; active: unknown };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(name: string, listen: (event: Event & ServiceWorkerEvent) => void): void;
}

interface ServiceWorkerEvent {
  readonly request: Request;
  readonly data: ToServiceWorker;
  readonly ports: readonly MessagePort[];
  waitUntil(promise: Promise<unknown>): void;
  respondWith(answer: Promise<Response>): void;
}

const scope = globalThis as unknown as Scope;
const site = scope.registration.scope;
/**
 * This version's files by their addresses, each as it is handed out: an answer that is wrapped anew goes through this
 * script piece by piece, at every visit. Another site of the same origin has a cache of its own.
 */
const cachesOfSite = `tessera-files ${new URL(site).pathname} `;
const cacheName = `${cachesOfSite}${siteFiles.version}`;
/** Says what a kept answer holds: what has not changed since another version is not fetched again. */
const contentHeader = "x-tessera-sha256";
const atATime = 4;
let isKeeping = true;

/** A file's address. */
const keyOf = (path: string) =>
  new URL(path.split("/").map(encodeURIComponent).join("/"), site).href;

/** What is kept under an address; nothing where the browser refuses to say, and the host is asked. */
const keptAs = (key: string, options?: MultiCacheQueryOptions) =>
  caches.match(key, options).catch(() => undefined);

/** A file of this version, from the host or as another version kept it. Throws a TypeError where it cannot be had. */
async function fetchFile(path: string): Promise<Response> {
  const { sha256 } = siteFiles.files[path];
  const kept = await keptAs(keyOf(path));
  if (kept?.headers.get(contentHeader) === sha256) return ours(kept, sha256);
  // Asked anew each time: what the browser's own cache has may be of another version.
  const reply = await fetch(keyOf(path), { cache: "no-cache", integrity: `sha256-${sha256}` });
  if (!reply.ok) throw new TypeError(`${path}: ${reply.status}`);
  return ours(reply, sha256);
}

/** The same under this version's policy, also where the host sends none, or another version kept it. */
function ours(reply: Response, sha256: string): Response {
  const headers = new Headers(reply.headers);
  headers.set("content-security-policy", policy);
  headers.set(contentHeader, sha256);
  return new Response(reply.body, { status: reply.status, headers });
}

async function answer(path: string): Promise<Response> {
  if (path === kernelStart) return ownAnswer(200, "text/javascript", `import "./worker.js";`);
  if (!siteFiles.files[path]) return refusal(404, "There is no such file.");
  const kept = await keptAs(keyOf(path), { cacheName });
  if (kept) return kept;
  let reply: Response;
  try {
    reply = await fetchFile(path);
  } catch {
    return refusal(
      503,
      "This cannot be had: there is no network, or the site has a newer version. Close all tabs of the " +
        "course, and open it again.",
    );
  }
  // Where the storage is full it is not kept, and comes from the network.
  if (isKeeping) keepUsed(path, reply.clone()).catch(() => {});
  return reply;
}

/**
 * Keeps an answer where the cache is there: while a new version takes over this one still answers, and what the new
 * one removed must not come again. For the same reason caches are opened, which makes them, before what takes long.
 */
async function keepUsed(path: string, reply: Response): Promise<void> {
  if (await caches.has(cacheName)) await (await caches.open(cacheName)).put(keyOf(path), reply);
}

function refusal(status: number, text: string): Response {
  return ownAnswer(status, "text/plain; charset=utf-8", text);
}

/** An answer of this script's own. */
function ownAnswer(status: number, type: string, text: string): Response {
  const headers = { "content-type": type, "content-security-policy": policy };
  return new Response(text, { status, headers });
}

/** Fetches what is always kept and is not there yet. Throws where something cannot be had or stored. */
async function keepAll(): Promise<void> {
  const cache = await caches.open(cacheName);
  const has = new Set((await cache.keys()).map(({ url }) => url));
  const missing = Object.keys(siteFiles.files).filter((path) =>
    !siteFiles.files[path].whenUsed && !has.has(keyOf(path))
  );
  const next = async () => {
    for (let path = missing.pop(); path !== undefined; path = missing.pop()) {
      if (!isKeeping) throw new Error("the learner's work needs the room");
      await cache.put(keyOf(path), await fetchFile(path));
    }
  };
  await Promise.all(Array.from({ length: atATime }, next));
}

/**
 * Removes what other versions kept, of the caches of some names, but for files that were kept once they were used and
 * are this version's, too; those also where there is no room for them twice.
 */
async function removeOthers(names: readonly string[]): Promise<void> {
  const cache = await caches.open(cacheName).catch(() => undefined);
  for (const [path, { sha256, whenUsed }] of Object.entries(siteFiles.files)) {
    if (!whenUsed) continue;
    const kept = await keptAs(keyOf(path));
    if (kept?.headers.get(contentHeader) === sha256) {
      await cache?.put(keyOf(path), ours(kept, sha256)).catch(() => {});
    }
  }
  for (const name of names) {
    if (name.startsWith(cachesOfSite) && name !== cacheName) await caches.delete(name);
    if (name.startsWith("tessera-files-")) await removeOwn(name);
  }
}

/** Of a cache from before they were named by their sites. */
async function removeOwn(name: string): Promise<void> {
  const cache = await caches.open(name);
  for (const request of await cache.keys()) {
    if (isOfSite(request.url, site)) await cache.delete(request);
  }
  if ((await cache.keys()).length === 0) await caches.delete(name);
}

/** A version that was replaced may have kept a last answer meanwhile, in a cache of its own that was gone. */
async function removeLeftOver(): Promise<void> {
  // Listed before one looks for a newer version, so that what one keeps that comes meanwhile is not among them.
  const names = await caches.keys();
  const { installing, waiting } = scope.registration;
  if (!installing && !waiting) await removeOthers(names);
}

// The first version serves at once, and keeps all when the page asks; a later one comes whole or not at all.
scope.addEventListener("install", (event) => {
  event.waitUntil(scope.registration.active ? keepAll() : scope.skipWaiting());
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then(removeOthers).finally(() => scope.clients.claim()));
});

scope.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  const path = pathOf(event.request.url, site);
  if (path === undefined) return;
  // A frame of what the host says of a missing file, or of data, would have no policy.
  const isInFrame = /^(i?frame|embed|object)$/.test(event.request.destination);
  if (path.startsWith("course/data/") && !isInFrame) return;
  if (siteFiles.files[path] || closed.test(path) || isInFrame) event.respondWith(answer(path));
});

scope.addEventListener("message", (event) => {
  if (event.data === "take over") return event.waitUntil(scope.skipWaiting());
  isKeeping = event.data === "keep";
  if (!isKeeping) return;
  const [port] = event.ports;
  event.waitUntil(
    removeLeftOver().then(keepAll).then(
      (): Kept => ({ version: siteFiles.version }),
      (error: Error): Kept => ({ problem: error.message }),
    ).then((kept) => port.postMessage(kept)),
  );
});
