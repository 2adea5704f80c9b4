/** The site that this page belongs to. Others may share its origin, with its storage, locks and channels. */

/** Its folder, seen from where this script lies: `extensions/tessera-kernel/static`. */
export const site: string =
  new URL("../../../", (document.currentScript as HTMLScriptElement).src).href;

/** A name that no other site of the same origin has for the same. */
export const ofSite = (name: string): string => `${name} ${new URL(site).pathname}`;
