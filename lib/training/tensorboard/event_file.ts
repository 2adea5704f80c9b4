/**
 * TensorBoard's event files: records of TensorFlow's TFRecord format, each an `Event` message
 * (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto).
 */
import { type GrowingFile, openAtEnd } from "../../platform/disk.ts";
import { processNumber } from "../../platform/programs.ts";
import { bytes, double, type Field, float, integer, message } from "./protobuf.ts";

/** A picture as the bytes of a PNG file. */
export interface EventImage {
  width: number;
  height: number;
  /** 1 for grey, 3 for colours, 4 with opacity. */
  channels: number;
  png: Uint8Array<ArrayBuffer>;
}

let files = 0;

/** Writes one run's events; every call is on disk when it returns. */
export class EventFile {
  readonly path: string;
  readonly #file: GrowingFile;

  /**
   * Opens a new file in `folder`, which is made where it is missing. TensorBoard forgets what
   * earlier files of the folder say about steps from `firstStep` on.
   */
  constructor(folder: string, firstStep = 0) {
    const seconds = Math.floor(Date.now() / 1000);
    const name = `events.out.tfevents.${seconds}.${processNumber}.${files++}.tessera`;
    this.path = `${folder}/${name}`;
    this.#file = openAtEnd(folder, name);
    this.#write(0, bytes(3, "brain.Event:2"));
    const started = integer(1, 1); // SessionLog.status = START
    this.#write(firstStep, bytes(7, message(started)));
  }

  scalar(tag: string, step: number, value: number): void {
    this.#summary(tag, step, float(2, value));
  }

  image(tag: string, step: number, { width, height, channels, png }: EventImage): void {
    const image = message(
      integer(1, height),
      integer(2, width),
      integer(3, channels),
      bytes(4, png),
    );
    this.#summary(tag, step, bytes(4, image));
  }

  /** A serialized `GraphDef`. */
  graph(definition: Uint8Array<ArrayBuffer>): void {
    this.#write(0, bytes(4, definition));
  }

  close(): void {
    this.#file.close();
  }

  #summary(tag: string, step: number, value: Field): void {
    this.#write(step, bytes(5, message(bytes(1, message(bytes(1, tag), value)))));
  }

  #write(step: number, what: Field): void {
    this.#file.write(frame(message(double(1, Date.now() / 1000), integer(2, step), what)));
  }
}

/** A TFRecord: length, its checksum, the data, their checksum. */
export function frame(data: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedChecksum(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedChecksum(data), true);
  return record;
}

/** CRC-32C by bytes, with the polynomial's bits reversed. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? value >>> 1 ^ 0x82f63b78 : value >>> 1;
  return value;
});

export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = table[(crc ^ byte) & 0xff] ^ crc >>> 8;
  return (crc ^ 0xffffffff) >>> 0;
}

/** TFRecords hold a checksum of data that may hold checksums themselves, hence the mask. */
function maskedChecksum(data: Uint8Array): number {
  const crc = crc32c(data);
  return ((crc >>> 15 | crc << 17) + 0xa282ead8) >>> 0;
}
