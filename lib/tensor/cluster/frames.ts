/**
 * Messages over a pipe: a header in JSON and bytes after it. A frame is two little-endian numbers of 32 bits, the
 * length of the header and the number of byte strings; then the length of each; then all of them.
 */

export interface Frame {
  header: Record<string, unknown>;
  payloads: readonly Uint8Array<ArrayBuffer>[];
}

const WORD = Uint32Array.BYTES_PER_ELEMENT;

/** Writes frames one after the other. */
export class FrameWriter {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;

  constructor(stream: WritableStream<Uint8Array<ArrayBuffer>>) {
    this.#writer = stream.getWriter();
  }

  /** Rejects where nobody reads any more. */
  async write({ header, payloads }: Frame): Promise<void> {
    const text = new TextEncoder().encode(JSON.stringify(header));
    const lengths = Uint32Array.from([
      ...[text.length, payloads.length],
      ...payloads.map(({ length }) => length),
    ]);
    const parts = [new Uint8Array(lengths.buffer), text, ...payloads];
    await Promise.all(
      parts.filter(({ length }) => length > 0).map((part) => this.#writer.write(part)),
    );
  }

  async close(): Promise<void> {
    await this.#writer.close();
  }
}

/** The frames that a stream brings, until it ends; one that is cut short is left out. */
export async function* frames(stream: ReadableStream<Uint8Array>): AsyncGenerator<Frame> {
  const bytes = new Bytes(stream);
  while (true) {
    const head = await bytes.take(2 * WORD);
    if (head === undefined) return;
    const [headerLength, count] = new Uint32Array(head.buffer);
    const lengths = await bytes.take(count * WORD);
    const text = await bytes.take(headerLength);
    if (lengths === undefined || text === undefined) return;
    const payloads = [];
    for (const length of new Uint32Array(lengths.buffer)) {
      const payload = await bytes.take(length);
      if (payload === undefined) return;
      payloads.push(payload);
    }
    yield { header: JSON.parse(new TextDecoder().decode(text)), payloads };
  }
}

/** A stream, so many bytes at a time. */
class Bytes {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** The next so many bytes, in memory of their own; undefined where the stream ends before. */
  async take(count: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const taken = new Uint8Array(count);
    for (let filled = 0; filled < count;) {
      if (this.#rest.length === 0) {
        const { value, done } = await this.#reader.read();
        if (done) return undefined;
        this.#rest = value;
      }
      const part = this.#rest.subarray(0, count - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return taken;
  }
}
