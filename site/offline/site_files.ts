/** What a service worker knows of the version of the site that it belongs to. */
export interface SiteFiles {
  version: string;
  /** By path: the content's SHA-256 in Base64, and whether it is kept only once it was used. */
  files: Record<string, { sha256: string; whenUsed?: true }>;
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
