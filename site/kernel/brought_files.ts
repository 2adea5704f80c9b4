/** What the site brings, fetched when it is read. Data sets are kept in the browser, as they are large. */
import { sha256 } from "../../lib/platform/browser/digests.ts";
import { progressLine } from "../../lib/platform/fetching/progress.ts";
import { describe } from "./data_sets.ts";
import type { Brought } from "../brought.ts";

const cacheName = "tessera-data";
const dataSets = "data/";
/** From this size on it is shown how far the fetching is. */
const shownFrom = 5e6;

export class BroughtFiles {
  readonly #course: string;
  readonly #brought: Brought;

  constructor(course: string, brought: Brought) {
    this.#course = course;
    this.#brought = brought;
  }

  /** A file's content by its path in the course's folder. Throws an Error where it cannot be had. */
  async read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const { gzip } = this.#brought[path];
    const bytes = path.startsWith(dataSets) ? await this.#dataSet(path) : await this.#fetch(path);
    // A host may unpack by itself what it knows as packed.
    if (!gzip || bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
  }

  #addressOf(path: string): string {
    return `${this.#course}${path}${this.#brought[path].gzip ? ".gz" : ""}`;
  }

  /** Kept by what it holds: another version of the site has it, too. */
  async #dataSet(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.#brought[path].sha256 ?? [];
    const keyOf = (sum: string) => `${this.#course}${dataSets}kept/${sum}`;
    const cache = await caches.open(cacheName).catch(() => undefined); // none in some private windows
    for (const sum of known) {
      const kept = await cache?.match(keyOf(sum));
      if (kept) return new Uint8Array(await kept.arrayBuffer());
    }
    const bytes = await this.#fetch(path);
    const sum = await sha256(bytes);
    // What did not arrive whole is refused by whoever reads it. A full storage keeps nothing.
    if (known.includes(sum)) await cache?.put(keyOf(sum), new Response(bytes)).catch(() => {});
    return bytes;
  }

  async #fetch(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const reply = await fetch(this.#addressOf(path)).catch(() => undefined);
    if (!reply?.ok) {
      const why = reply ? `${reply.status} ${await reply.text().catch(() => "")}` : "no network";
      throw new Error(`The site's ${path} cannot be fetched: ${why.slice(0, 300)}`);
    }
    const totalBytes = this.#brought[path].packed ?? this.#brought[path].size;
    try {
      if (totalBytes < shownFrom || !reply.body) return new Uint8Array(await reply.arrayBuffer());
      return await readShown(reply.body, describe(path), totalBytes);
    } catch (cause) {
      throw new Error(
        `The site's ${path} did not arrive whole: the network broke off. Run the cell again once there is one.`,
        { cause },
      );
    }
  }
}

async function readShown(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  name: string,
  totalBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const report = progressLine();
  const begin = performance.now();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let receivedBytes = 0;
  const say = (done: boolean) => {
    const elapsedSeconds = (performance.now() - begin) / 1000;
    report({ name, receivedBytes, totalBytes, elapsedSeconds, done });
  };
  const reader = body.getReader(); // WebKit's streams cannot be iterated
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    receivedBytes += part.value.length;
    say(false);
  }
  say(true);
  return await new Blob(chunks).bytes();
}
