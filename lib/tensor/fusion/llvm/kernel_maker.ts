/** Makes kernels of LLVM's intermediate representation, once for each text, processor and version. */
import { Llvm, type Target } from "./compiler.ts";
import { kernelFolder, KernelStore } from "./kernel_store.ts";
import { type Image, linked } from "./object_file.ts";
import { processorIdentity, targetOf } from "./processor.ts";

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

export class KernelMaker {
  readonly #library: LlvmLibrary;
  readonly #store: KernelStore;
  readonly #identity: string[];
  #llvm: { llvm: Llvm; target: Target } | undefined;

  constructor(library: LlvmLibrary, tensorflow: string, store = new KernelStore(kernelFolder())) {
    this.#library = library;
    this.#store = store;
    this.#identity = [library.version, tensorflow, processorIdentity()];
  }

  /** Whether LLVM was needed so far. */
  get hasLoadedLlvm(): boolean {
    return this.#llvm !== undefined;
  }

  /** Throws an Error where LLVM makes no code of the text. */
  imageOf(text: string): Image {
    const key = KernelStore.key(...this.#identity, text);
    const kept = this.#store.read(key);
    if (kept) return kept;
    if (this.#llvm === undefined) {
      const llvm = new Llvm(this.#library.path);
      this.#llvm = { llvm, target: targetOf(llvm.host()) };
    }
    const { llvm, target } = this.#llvm;
    const image = linked(llvm.objectOf(text, target));
    this.#store.write(key, image);
    return image;
  }
}
