/** Makes kernels of LLVM's intermediate representation, once for each text, processor and version. */
import { CompilerProcess } from "./compiler_process.ts";
import { kernelFolder, KernelStore } from "./kernel_store.ts";
import { type Image, linked } from "./object_file.ts";
import { processorIdentity } from "./processor.ts";

/** LLVM's library as the package llvmlite brings it. */
export interface LlvmLibrary {
  path: string;
  version: string;
}

/** Finds the library among Python's packages; undefined where it is not installed. */
export function findLlvm(sitePackages: string): LlvmLibrary | undefined {
  const extension = Deno.build.os === "darwin" ? "dylib" : "so";
  const path = `${sitePackages}/llvmlite/binding/libllvmlite.${extension}`;
  try {
    if (!Deno.statSync(path).isFile) return undefined;
    const names = [...Deno.readDirSync(sitePackages)].map(({ name }) => name);
    const version = names.find((name) => /^llvmlite-.*\.dist-info$/.test(name));
    return version === undefined ? undefined : { path, version };
  } catch {
    return undefined;
  }
}

/** To be counted up where a text becomes other code: LLVM's settings (`compiler.ts`), the layout (`object_file.ts`). */
const EDITION = "2";

/** Kernels take a few hundredths of a second, the largest some tenths: LLVM is not coming to an end. */
const MOST_SECONDS = 10;

/** Kernels of fewer letters in all take no longer than a second process takes to load LLVM. */
const LEAST_SHARED = 60_000;

export class KernelMaker {
  readonly #store: KernelStore;
  readonly #identity: string[];
  readonly #compilers: readonly CompilerProcess[];
  #isLlvmUsed = false;

  /** `seconds`: for how long LLVM may compute for one kernel. */
  constructor(
    library: LlvmLibrary,
    tensorflow: string,
    { store = new KernelStore(kernelFolder()), seconds = MOST_SECONDS } = {},
  ) {
    this.#store = store;
    const count = Math.min(2, navigator.hardwareConcurrency);
    this.#compilers = Array.from(
      { length: count },
      () => new CompilerProcess(library.path, seconds),
    );
    this.#identity = [EDITION, library.version, tensorflow, processorIdentity()];
  }

  /** Whether LLVM was needed so far. */
  get hasUsedLlvm(): boolean {
    return this.#isLlvmUsed;
  }

  /**
   * An image for each text; undefined where LLVM broke, or came to no end; the latter is kept as well. Throws an
   * Error where LLVM does not understand a text, or cannot be started.
   */
  async imagesOf(texts: readonly string[]): Promise<(Image | undefined)[]> {
    const keys = texts.map((text) => KernelStore.key(...this.#identity, text));
    const images = keys.map((key) => this.#store.read(key));
    const missing = images.flatMap((image, at) => image ? [] : [at]);
    if (missing.length > 0) {
      this.#isLlvmUsed = true;
      const length = missing.reduce((sum, at) => sum + texts[at].length, 0);
      const compilers = length < LEAST_SHARED ? this.#compilers.slice(0, 1) : this.#compilers;
      // The longest first, so that all processes come to their ends together.
      const waiting = missing.sort((one, other) => texts[other].length - texts[one].length)
        .values();
      await Promise.all(compilers.map(async (compiler) => {
        const taken: number[] = [];
        const take = (at: number) => {
          taken.push(at);
          return texts[at];
        };
        const objects = await compiler.objectsOf(waiting.map(take));
        objects.forEach((object, each) => {
          const at = taken[each];
          if (object === "broken") return;
          this.#store.write(keys[at], images[at] = object === "no end" ? none : linked(object));
        });
      }));
    }
    return images.map((image) => image?.bytes.length ? image : undefined);
  }
}

/** In the place of an image that LLVM came to no end with. */
const none: Image = { bytes: new Uint8Array(0), writableFrom: 0, symbols: {} };
