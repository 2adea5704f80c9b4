/**
 * The way from this process to the door, and back: frames in a pipe, written before the call returns. So nothing
 * waits for the event loop, nothing overtakes anything, and a slow reader slows the writer.
 */
import { DataView, Error, TextDecoder, Uint8Array } from "./language.ts";

/** What a frame holds; `outputs.py` has the same numbers. */
export const kind = { stdout: 1, stderr: 2, message: 3, note: 4 } as const;
type Kind = typeof kind[keyof typeof kind];

/** Kind (1 byte), cell and length of the text (4 bytes each, little endian). */
const headerSize = 9;
const smallSize = 1 << 16;
const encoder = new TextEncoder();

export class Pipe {
  readonly #file: Deno.FsFile;
  /** For small frames, while none is being made: what the inspector serves in the midst of one may send too. */
  #spare: Uint8Array | undefined;

  /** Writes to a descriptor that the door has handed down. */
  constructor(descriptor: number) {
    this.#file = Deno.openSync(`/dev/fd/${descriptor}`, { write: true });
  }

  send(what: Kind, cell: number, text: string): void {
    const small = this.#spare ?? new Uint8Array(smallSize);
    this.#spare = undefined;
    let frame = small;
    let length: number;
    if (text.length * 3 + headerSize <= frame.length) {
      length = encoder.encodeInto(text, frame.subarray(headerSize)).written;
    } else {
      const bytes = encoder.encode(text);
      length = bytes.length;
      frame = new Uint8Array(headerSize + length);
      frame.set(bytes, headerSize);
    }
    const view = new DataView(frame.buffer);
    view.setUint8(0, what);
    view.setUint32(1, cell, true);
    view.setUint32(5, length, true);
    const end = headerSize + length;
    for (let sent = 0; sent < end;) sent += this.#file.writeSync(frame.subarray(sent, end));
    this.#spare = small;
  }
}

/** The way back: what the door answers is waited for, and nothing else runs meanwhile. */
export class Answers {
  readonly #file: Deno.FsFile;

  /** Reads from a descriptor that the door has handed down. */
  constructor(descriptor: number) {
    this.#file = Deno.openSync(`/dev/fd/${descriptor}`);
  }

  /** The next answer. */
  read(): string {
    const length = new DataView(this.#take(4).buffer).getUint32(0, true);
    return new TextDecoder().decode(this.#take(length));
  }

  #take(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    for (let taken = 0; taken < length;) {
      const more = this.#file.readSync(bytes.subarray(taken));
      if (more === null) throw new Error("The kernel's door has gone.");
      taken += more;
    }
    return bytes;
  }
}
