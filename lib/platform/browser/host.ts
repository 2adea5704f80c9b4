/**
 * What the library asks of the worker that it runs in. The files of this folder stand in the browser where
 * those of the same names, one folder up, stand on Deno.
 */
import type { Kernel } from "../environment.ts";
import type { Chunk } from "../sizes.ts";

/** What the worker's file system knows of a file or folder. */
export interface Information {
  /** In bytes. */
  size: number;
  mtime: Date | null;
  isFile: boolean;
  isDirectory: boolean;
}

/** Files by whole paths: `/course/…` is what the site brings, `/home/…` the learner's own. */
export interface Files {
  /** Throws a {@link NotFound}. */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** The chunks one after the other. Returns once the browser has stored them; throws an Error that says why it could not. */
  write(path: string, chunks: readonly Chunk[]): Promise<void>;
  remove(path: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  /** The names in a folder. Throws a {@link NotFound}. */
  list(path: string): Promise<{ name: string; isFile: boolean; isDirectory: boolean }[]>;
  /** A small file's bytes at once, where this worker has read or written it. */
  inMemory(path: string): Uint8Array<ArrayBuffer> | undefined;
  /** At once; undefined where there is nothing. */
  information(path: string): Information | undefined;
}

export interface BrowserHost {
  readonly files: Files;
  readonly kernel: Kernel;
  /** The settings, as environment variables are elsewhere. */
  readonly environment: Readonly<Record<string, string>>;
  /** The folder in which cells run: `/home/unit1`. */
  readonly folder: string;
  /** Shows a line where the library is first imported: it is loaded before, while nothing runs. */
  introduce(line: string): void;
  /** The address of a package's file that the site brings. */
  packageFile(specifier: string): string;
}

/** There is no such file. */
export class NotFound extends Error {
  override readonly name = "NotFound";

  /** The kernel's worker and the library are bundled apart, each with this class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === "NotFound";
  }
}

/** The worker that this code runs in. */
export function host(): BrowserHost {
  return (globalThis as unknown as Record<symbol, BrowserHost>)[Symbol.for("tessera.browser")];
}
