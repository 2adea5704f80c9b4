import { join, relative } from "node:path";

/**
 * The path of something in the project's folder, wherever the program was started from: relative to
 * the folder that it runs in, so that what it prints is the same on every machine.
 */
export function projectPath(...parts: string[]): string {
  return relative(Deno.cwd(), join(import.meta.dirname!, "..", "..", ...parts)) || ".";
}
