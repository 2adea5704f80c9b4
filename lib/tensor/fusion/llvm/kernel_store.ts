/**
 * Compiled kernels, kept between runs. They are machine code: they lie in a folder of the user's own, into which
 * nobody else can write, and a file that is not as it was written is made anew.
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { homeFolder, installationFolder, isHome } from "../../../platform/places.ts";
import type { Image } from "./object_file.ts";

const DIGEST_BYTES = 32;
const OWNER_ONLY = 0o700;
const WRITABLE_BY_OTHERS = 0o022, STICKY = 0o1000;
/** Beyond so many the oldest are removed: kernels of steps that are long forgotten. */
const MOST_FILES = 2000;

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();

export class KernelStore {
  readonly #folder: string | undefined;

  /** Keeps nothing without a folder, or where others can write into it, or into one that it lies in. */
  constructor(folder: string | undefined) {
    this.#folder = folder !== undefined && ownFolder(folder) ? folder : undefined;
  }

  /** The image that was kept under a key; undefined where there is none, or a damaged one. */
  read(key: string): Image | undefined {
    if (this.#folder === undefined) return undefined;
    try {
      const file = this.#file(key);
      if (!isOwn(Deno.lstatSync(file))) return undefined;
      return decoded(Deno.readFileSync(file));
    } catch {
      return undefined;
    }
  }

  /** Does what it can: where nothing can be written, the kernel is made anew next time. */
  write(key: string, image: Image): void {
    if (this.#folder === undefined) return;
    const temporary = join(this.#folder, `${crypto.randomUUID()}.partial`);
    try {
      Deno.writeFileSync(temporary, encoded(image), { createNew: true, mode: 0o600 });
      Deno.renameSync(temporary, this.#file(key));
      this.#removeOldest();
    } catch {
      // Full, over one's quota, or read-only by now.
      removeIfThere(temporary);
    }
  }

  /** What is made of a text by a version of the tools, for a processor. */
  static key(...parts: readonly string[]): string {
    const text = parts.map((part) => `${part.length} ${part}`).join("\n");
    return createHash("sha256").update(text).digest("hex");
  }

  #file = (key: string) => join(this.#folder!, `${key}.kernel`);

  #removeOldest(): void {
    const files = [...Deno.readDirSync(this.#folder!)].map(({ name }) => join(this.#folder!, name));
    if (files.length <= MOST_FILES) return;
    const age = new Map(files.map((file) => [file, Deno.statSync(file).mtime?.getTime() ?? 0]));
    files.sort((a, b) => age.get(a)! - age.get(b)!);
    files.slice(0, MOST_FILES / 2).forEach((file) => Deno.removeSync(file));
  }
}

/** Where a home keeps its kernels; undefined where the program runs somewhere that is no home, or is gone. */
export function kernelFolder(): string | undefined {
  try {
    const home = homeFolder();
    const isOurs = isHome(home) || home.startsWith(join(installationFolder(), "out"));
    return isOurs ? join(home, ".kernels") : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined; // the folder that it runs in
    throw error;
  }
}

function isOwn({ isSymlink, uid, mode }: Deno.FileInfo): boolean {
  return !isSymlink && uid === Deno.uid() && ((mode ?? 0) & WRITABLE_BY_OTHERS) === 0;
}

/** Makes the folder where it is not there, and says whether nobody else can change what lies in it. */
function ownFolder(folder: string): boolean {
  try {
    Deno.mkdirSync(dirname(folder), { recursive: true });
    makeOwn(folder);
    if (!isOwn(Deno.lstatSync(folder))) return false;
    return foldersAbove(Deno.realPathSync(folder)).every((above) => {
      const { uid, mode } = Deno.lstatSync(above);
      const isOthers = uid !== Deno.uid() && uid !== 0;
      // In a folder such as /tmp everybody can write, but can replace nobody else's.
      const isOpen = ((mode ?? 0) & WRITABLE_BY_OTHERS) !== 0 && ((mode ?? 0) & STICKY) === 0;
      return !isOthers && !isOpen;
    });
  } catch {
    return false;
  }
}

function removeIfThere(file: string): void {
  try {
    Deno.removeSync(file);
  } catch {
    // It was never made.
  }
}

function makeOwn(folder: string): void {
  try {
    Deno.mkdirSync(folder, { mode: OWNER_ONLY });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

function foldersAbove(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [] : [above, ...foldersAbove(above)];
}

// ---- The file: a digest of the rest, the length of a description, the description, the bytes ----

function encoded({ bytes, ...description }: Image): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(description));
  const rest = new Uint8Array(4 + text.length + bytes.length);
  new DataView(rest.buffer).setUint32(0, text.length);
  rest.set(text, 4);
  rest.set(bytes, 4 + text.length);
  const file = new Uint8Array(DIGEST_BYTES + rest.length);
  file.set(digest(rest));
  file.set(rest, DIGEST_BYTES);
  return file;
}

function decoded(file: Uint8Array<ArrayBuffer>): Image | undefined {
  const rest = file.subarray(DIGEST_BYTES);
  if (!digest(rest).equals(file.subarray(0, DIGEST_BYTES))) return undefined;
  const length = new DataView(rest.buffer, rest.byteOffset).getUint32(0);
  const description = new TextDecoder().decode(rest.subarray(4, 4 + length));
  return { ...JSON.parse(description), bytes: rest.slice(4 + length) };
}
