/** What a hand-in says of itself, in `manifest.json`. */
import { basename } from "node:path";
import type { Notebook } from "../../tools/notebook.ts";

export interface Manifest {
  format: 1;
  unit: string;
  /** The owner's id; of a group also its members' hand-in. */
  owner: string;
  group?: string;
  /** ISO 8601, by the learner's clock. */
  madeAt: string;
  /** The course's version that made it. */
  course: string;
  /** Names of the notebooks, in order, and of the PDF, without which it was made where it cannot be set. */
  notebooks: string[];
  pdf?: string;
  /** Every other file of the archive, by name. */
  files: Record<string, { sha256: string; bytes: number }>;
  /** How many hints were taken, by the check's name. */
  hints: Record<string, number>;
  /** What was missing, as the learner was told. */
  missing: string[];
}

export const manifestName = "manifest.json";

/** The manifest in a text; undefined where it is none. */
export function readManifest(text: string): Manifest | undefined {
  try {
    const value = JSON.parse(text) as Partial<Manifest>;
    const isNamed = typeof value.unit === "string" && typeof value.owner === "string";
    const hasFiles = typeof value.files === "object" && value.files !== null;
    return value.format === 1 && isNamed && hasFiles && Array.isArray(value.notebooks)
      ? value as Manifest
      : undefined;
  } catch {
    return undefined;
  }
}

/** SHA-256 of a file or bytes, as hexadecimal digits. */
export async function checksum(content: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof content === "string" ? await Deno.readFile(content) : content;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** The entries of files for a manifest. */
export async function describeFiles(paths: readonly string[]): Promise<Manifest["files"]> {
  const files: Manifest["files"] = {};
  for (const path of paths) {
    const { size } = await Deno.stat(path);
    files[basename(path)] = { sha256: await checksum(path), bytes: size };
  }
  return files;
}

/** Of the hints that were taken, those of the checks that the notebooks have run. */
export function hintsIn(
  taken: Record<string, number>,
  notebooks: readonly Notebook[],
): Record<string, number> {
  const outputs = JSON.stringify(notebooks.map(({ cells }) => cells.map(({ outputs }) => outputs)));
  const isNamed = ([check]: [string, number]) =>
    outputs.includes(JSON.stringify(check).slice(1, -1));
  return Object.fromEntries(Object.entries(taken).filter(isNamed));
}
