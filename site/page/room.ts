/** The room that the browser gives this site: a learner's work goes before what can be fetched again. */

import { cacheNames, isOfSite, type ToServiceWorker } from "../offline/site_files.ts";
import { ofSite, site } from "./site.ts";

/** Which version of the site is kept whole, in the page's own storage. */
export const keptKey: string = ofSite("tessera:kept");

/** Bytes that the browser still gives this site. */
export async function room(): Promise<number> {
  const { quota = Infinity, usage = 0 } = await navigator.storage?.estimate?.() ?? {};
  return quota - usage;
}

/** Asks the browser to make no room by removing a learner's files; gives whether it promises that. */
export async function askToKeep(): Promise<boolean> {
  return await navigator.storage?.persist?.().catch(() => false) ?? false;
}

/** Removes what this site keeps for use without a network; gives whether there was anything. */
export async function makeRoom(): Promise<boolean> {
  localStorage.removeItem(keptKey);
  navigator.serviceWorker?.controller?.postMessage("keep nothing" satisfies ToServiceWorker);
  let removed = 0;
  for (const name of await caches.keys().catch(() => [])) {
    if (!cacheNames.test(name)) continue;
    // One by one: a cache that is removed as a whole takes its room until nobody has it open.
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (isOfSite(request.url, site) && await cache.delete(request)) removed++;
    }
  }
  return removed > 0;
}
