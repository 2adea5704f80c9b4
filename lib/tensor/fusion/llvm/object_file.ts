/**
 * Reads an ELF object file and lays its sections out as one piece of memory, in which every reference is to
 * within the piece: it may then lie anywhere. ("Tool Interface Standard: Executable and Linking Format", 1995,
 * and the processors' supplements to the System V ABI.)
 */

/** Code and data that run wherever they lie, from the beginning of a page. */
export interface Image {
  bytes: Uint8Array<ArrayBuffer>;
  /** From here on memory is written to, if there is more; before it is code, and data that is only read. */
  writableFrom: number;
  /** Where functions and variables begin, by name. */
  symbols: Readonly<Record<string, number>>;
}

/** At least as large as any system's page. */
export const PAGE_BYTES = 16_384;

interface Section {
  name: string;
  type: number;
  flags: number;
  offset: number;
  size: number;
  /** Of relocations: the symbols, and the section that they change. */
  link: number;
  info: number;
  alignment: number;
  /** Where it comes to lie. */
  at?: number;
}

const SYMBOLS = 2, RELOCATIONS = 4, WITHOUT_BYTES = 8;
const WRITABLE = 1, LOADED = 2;
const X86_64 = 62, AARCH64 = 183;

const upTo = (number: number, multiple: number) => Math.ceil(number / multiple) * multiple;

/** Throws an Error where the file needs something from outside, or is of a kind that is not known. */
export function linked(file: Uint8Array<ArrayBuffer>): Image {
  return new ObjectFile(file).link();
}

class ObjectFile {
  readonly #view: DataView;
  readonly #file: Uint8Array<ArrayBuffer>;
  readonly #machine: number;
  readonly #sections: Section[];

  constructor(file: Uint8Array<ArrayBuffer>) {
    this.#file = file;
    this.#view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    if (this.#view.getUint32(0) !== 0x7f454c46) throw new Error("no ELF file");
    this.#machine = this.#view.getUint16(18, true);
    this.#sections = this.#readSections();
  }

  #number(at: number): number {
    return Number(this.#view.getBigUint64(at, true));
  }

  #text(at: number): string {
    return new TextDecoder().decode(this.#file.subarray(at, this.#file.indexOf(0, at)));
  }

  #readSections(): Section[] {
    const view = this.#view;
    const start = this.#number(40), bytes = view.getUint16(58, true);
    const headers = Array.from({ length: view.getUint16(60, true) }, (_, at) => start + at * bytes);
    const names = this.#number(headers[view.getUint16(62, true)] + 24);
    return headers.map((at) => ({
      name: this.#text(names + view.getUint32(at, true)),
      type: view.getUint32(at + 4, true),
      flags: this.#number(at + 8),
      offset: this.#number(at + 24),
      size: this.#number(at + 32),
      link: view.getUint32(at + 40, true),
      info: view.getUint32(at + 44, true),
      alignment: Math.max(1, this.#number(at + 48)),
    }));
  }

  link(): Image {
    const loaded = this.#sections.filter(({ flags, size, name }) =>
      (flags & LOADED) !== 0 && size > 0 && name !== ".eh_frame"
    );
    let end = 0;
    const place = (sections: Section[]) => {
      for (const section of sections) {
        section.at = upTo(end, section.alignment);
        end = section.at + section.size;
      }
    };
    place(loaded.filter(({ flags }) => (flags & WRITABLE) === 0));
    const codeEnd = end;
    const writableFrom = end = upTo(end, PAGE_BYTES);
    place(loaded.filter(({ flags }) => (flags & WRITABLE) !== 0));
    const bytes = new Uint8Array(end > writableFrom ? end : codeEnd);
    for (const { type, offset, size, at } of loaded) {
      if (type !== WITHOUT_BYTES) bytes.set(this.#file.subarray(offset, offset + size), at);
    }
    for (const section of this.#sections) {
      const target = this.#sections[section.info];
      if (section.type === RELOCATIONS && target.at !== undefined) this.#relocate(section, bytes);
    }
    return { bytes, writableFrom, symbols: this.#named() };
  }

  /** The symbols of a table, which relocations name by their place in it. */
  #symbol(table: Section, index: number): { name: string; at: number | undefined } {
    const entry = table.offset + 24 * index;
    const section = this.#sections[this.#view.getUint16(entry + 6, true)];
    const name = this.#text(
      this.#sections[table.link].offset + this.#view.getUint32(entry, true),
    );
    const start = section?.at;
    return { name, at: start === undefined ? undefined : start + this.#number(entry + 8) };
  }

  #named(): Record<string, number> {
    const named: Record<string, number> = {};
    for (const table of this.#sections.filter(({ type }) => type === SYMBOLS)) {
      for (let index = 0; index < table.size / 24; index++) {
        const { name, at } = this.#symbol(table, index);
        if (name !== "" && at !== undefined) named[name] = at;
      }
    }
    return named;
  }

  #relocate(section: Section, bytes: Uint8Array<ArrayBuffer>): void {
    const target = this.#sections[section.info], table = this.#sections[section.link];
    const memory = new DataView(bytes.buffer);
    for (let entry = section.offset; entry < section.offset + section.size; entry += 24) {
      const place = target.at! + this.#number(entry);
      const type = this.#view.getUint32(entry + 8, true);
      const symbol = this.#symbol(table, this.#view.getUint32(entry + 12, true));
      if (symbol.at === undefined) {
        throw new Error(`a kernel calls ${symbol.name || "the unknown"}`);
      }
      const value = symbol.at + Number(this.#view.getBigInt64(entry + 16, true));
      if (this.#machine === X86_64) relocateX86(memory, { place, type, value });
      else if (this.#machine === AARCH64) relocateArm(memory, { place, type, value });
      else throw new Error(`code of an unknown processor (${this.#machine})`);
    }
  }
}

/** A place in memory that is to hold a value, in the way that the type says. */
interface Relocation {
  place: number;
  type: number;
  value: number;
}

function relocateX86(memory: DataView, { place, type, value }: Relocation): void {
  const PC32 = 2, PLT32 = 4, PC64 = 24;
  if (type === PC32 || type === PLT32) memory.setInt32(place, value - place, true);
  else if (type === PC64) memory.setBigInt64(place, BigInt(value - place), true);
  else throw new Error(`a relocation of type ${type} is not known`);
}

/** By how many bits an instruction shifts the lower twelve bits of an address. */
const scaledBy = new Map([[277, 0], [278, 0], [284, 1], [285, 2], [286, 3], [299, 4]]);

function relocateArm(memory: DataView, { place, type, value }: Relocation): void {
  const PREL32 = 261, ADR = 274, PAGE = 275, JUMP = 282, CALL = 283;
  const instruction = memory.getUint32(place, true);
  const set = (bits: number) => memory.setUint32(place, (instruction | bits) >>> 0, true);
  const scale = scaledBy.get(type);
  if (scale !== undefined) set(((value & 0xfff) >> scale) << 10);
  else if (type === PREL32) memory.setInt32(place, value - place, true);
  else if (type === JUMP || type === CALL) set(((value - place) >> 2) & 0x3ffffff);
  else if (type === PAGE || type === ADR) {
    const distance = type === ADR ? value - place : (value >> 12) - (place >> 12);
    set(((distance & 3) << 29) | (((distance >> 2) & 0x7ffff) << 5));
  } else throw new Error(`a relocation of type ${type} is not known`);
}
