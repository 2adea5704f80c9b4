import { join } from "node:path";

/**
 * The folder where a data set's files lie: `data/NAME` in the project, wherever the program was
 * started from, or `NAME` in the folder that TESSERA_DATA names.
 */
export function dataFolder(name: string): string {
  return join(Deno.env.get("TESSERA_DATA") || join(import.meta.dirname!, "..", "..", "data"), name);
}
