/**
 * `prune.ts LIBRARY ARCHITECTURE`: zeroes the code of other graphics cards in a library, so that it packs small;
 * says how much that was. ARCHITECTURE is a compute capability without its point: 90 for an H100 or H200.
 *
 * Everything stays where it is: the driver picks the machine code of its card and never reads the others. TensorFlow
 * 2.21's main library holds 240 MB of such code, 39 MB of it for 90.
 */

/** The sections of an ELF file that hold code for cards, with fat binaries one after the other. */
const sectionNames = [".nv_fatbin", "__nv_relfatbin"];
const CONTAINER = 0xba55ed50;
/** Of an entry: its kind, and PTX, which the driver would compile for any card. */
const PTX = 1;
const ENTRY_BYTES = 64;

export interface Section {
  offset: number;
  bytes: number;
}

/** Where the code for cards lies. Throws a TypeError where the file is no 64-bit ELF file. */
export function sectionsForCards(library: DataView): Section[] {
  if (library.getUint32(0) !== 0x7f454c46 || library.getUint8(4) !== 2) {
    throw new TypeError("this is no library for 64-bit Linux");
  }
  const table = Number(library.getBigUint64(0x28, true)), size = library.getUint16(0x3a, true);
  const headers = Array.from({ length: library.getUint16(0x3c, true) }, (_, index) => {
    const at = table + index * size;
    const [offset, bytes] = [0x18, 0x20].map((field) =>
      Number(library.getBigUint64(at + field, true))
    );
    return { name: library.getUint32(at, true), offset, bytes };
  });
  const names = headers[library.getUint16(0x3e, true)];
  const nameAt = (name: number) => {
    let text = "";
    for (let at = names.offset + name; library.getUint8(at) !== 0; at++) {
      text += String.fromCharCode(library.getUint8(at));
    }
    return text;
  };
  return headers.filter(({ name }) => sectionNames.includes(nameAt(name)));
}

/** Zeroes in a section what is for other architectures; gives the number of bytes. */
export function pruneSection(section: DataView, architecture: number): number {
  let zeroed = 0;
  for (let at = 0; at + 16 <= section.byteLength;) {
    if (section.getUint32(at, true) !== CONTAINER) {
      at += 8;
      continue;
    }
    const end = at + section.getUint16(at + 6, true) + Number(section.getBigUint64(at + 8, true));
    let entry = at + section.getUint16(at + 6, true);
    while (entry + ENTRY_BYTES <= end) {
      const kind = section.getUint16(entry, true), header = section.getUint32(entry + 4, true);
      const bytes = Number(section.getBigUint64(entry + 8, true));
      if (header < 32 || header > 4096 || entry + header + bytes > end) break;
      if (kind === PTX || section.getUint32(entry + 28, true) !== architecture) {
        new Uint8Array(section.buffer, section.byteOffset + entry + header, bytes).fill(0);
        zeroed += bytes;
      }
      entry += header + bytes;
    }
    at = end;
  }
  return zeroed;
}

if (import.meta.main) {
  const [path, architecture] = Deno.args;
  using file = Deno.openSync(path, { read: true, write: true });
  const read = ({ offset, bytes }: Section) => {
    const data = new Uint8Array(bytes);
    file.seekSync(offset, Deno.SeekMode.Start);
    for (let done = 0; done < bytes;) done += file.readSync(data.subarray(done)) ?? bytes;
    return data;
  };
  const whole = read({ offset: 0, bytes: file.statSync().size });
  let zeroed = 0;
  for (const section of sectionsForCards(new DataView(whole.buffer))) {
    const data = read(section);
    zeroed += pruneSection(new DataView(data.buffer), Number(architecture));
    file.seekSync(section.offset, Deno.SeekMode.Start);
    for (let done = 0; done < data.length;) done += file.writeSync(data.subarray(done));
  }
  console.log(`${path}: ${(zeroed / 1e6).toFixed(1)} MB of code for other cards zeroed`);
}
