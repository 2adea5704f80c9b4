/**
 * The site's service worker: keeps the pages and what was opened, so that the course opens without a network.
 * It answers with the files of its own version alone, which it knows by their content; those of another
 * version, which the host may have by now, are refused. Learners' files lie elsewhere, and are not touched.
 */
import { policy } from "../policy.ts";
import type { Kept, SiteFiles, ToServiceWorker } from "./site_files.ts";

declare const siteFiles: SiteFiles; // written above this code by `list.ts`

/** As much of a service worker's global scope as is used; the project's types are those of pages. */
interface Scope {
  readonly registration: { scope: string; active: unknown };
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
/** All versions' files, by their content: what has not changed is fetched once. */
const cacheName = "tessera-files";
/** Folders in which there is nothing but what the list names. */
const closed = /^(api|build|course|extensions|files|lab)\//;
const atATime = 4;
let isKeeping = true;

const root = new URL(scope.registration.scope);
const keyOf = (sha256: string) => new URL(`kept/${encodeURIComponent(sha256)}`, root).href;

/** The path in the site of an address; undefined outside it. */
function pathOf(address: string): string | undefined {
  const { origin, pathname } = new URL(address);
  if (origin !== root.origin || !pathname.startsWith(root.pathname)) return undefined;
  const path = decodeURIComponent(pathname.slice(root.pathname.length));
  return path === "" || path.endsWith("/") ? `${path}index.html` : path;
}

/** A file of this version. Throws a TypeError where it cannot be had. */
async function fetchFile(path: string): Promise<Response> {
  const { sha256 } = siteFiles.files[path];
  // Asked anew each time: what the browser's own cache has may be of another version.
  const address = new URL(path.split("/").map(encodeURIComponent).join("/"), root);
  const reply = await fetch(address, { cache: "no-cache", integrity: `sha256-${sha256}` });
  if (!reply.ok) throw new TypeError(`${path}: ${reply.status}`);
  return reply;
}

async function answer(path: string): Promise<Response> {
  const file = siteFiles.files[path];
  if (!file) return refusal(404, "There is no such file.");
  const cache = await caches.open(cacheName);
  const kept = await cache.match(keyOf(file.sha256));
  if (kept) return closedIn(kept);
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
  if (isKeeping) cache.put(keyOf(file.sha256), reply.clone()).catch(() => {});
  return closedIn(reply);
}

/** The same answer under the site's policy, also where the host sends none. */
function closedIn(reply: Response): Response {
  const headers = new Headers(reply.headers);
  headers.set("content-security-policy", policy);
  return new Response(reply.body, { status: reply.status, headers });
}

function refusal(status: number, text: string): Response {
  return new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}

/** Fetches what is always kept and is not there yet. Throws where something cannot be had or stored. */
async function keepAll(): Promise<void> {
  const cache = await caches.open(cacheName);
  const has = new Set((await cache.keys()).map(({ url }) => url));
  const missing = Object.entries(siteFiles.files).filter(([, { sha256, whenUsed }]) =>
    !whenUsed && !has.has(keyOf(sha256))
  );
  const next = async () => {
    for (let file = missing.pop(); file; file = missing.pop()) {
      if (!isKeeping) throw new Error("the learner's work needs the room");
      await cache.put(keyOf(file[1].sha256), await fetchFile(file[0]));
    }
  };
  await Promise.all(Array.from({ length: atATime }, next));
}

/** Removes files that this version does not have. */
async function removeOthers(): Promise<void> {
  const cache = await caches.open(cacheName);
  const own = new Set(Object.values(siteFiles.files).map(({ sha256 }) => keyOf(sha256)));
  for (const request of await cache.keys()) {
    if (!own.has(request.url)) await cache.delete(request);
  }
}

// The first version serves at once, and keeps when the page asks; a later one comes whole or not at all.
scope.addEventListener("install", (event) => {
  event.waitUntil(scope.registration.active ? keepAll() : scope.skipWaiting());
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(removeOthers().then(() => scope.clients.claim()));
});

scope.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  const path = pathOf(event.request.url);
  if (path === undefined || path.startsWith("course/data/")) return;
  if (siteFiles.files[path] || closed.test(path)) event.respondWith(answer(path));
});

scope.addEventListener("message", (event) => {
  if (event.data === "take over") return event.waitUntil(scope.skipWaiting());
  isKeeping = event.data === "keep";
  if (!isKeeping) return;
  const [port] = event.ports;
  event.waitUntil(
    keepAll().then(
      (): Kept => ({ version: siteFiles.version }),
      (error: Error): Kept => ({ problem: error.message }),
    ).then((kept) => port.postMessage(kept)),
  );
});
