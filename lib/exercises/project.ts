import { join } from "node:path";

/** The path of something in the project's folder, wherever the program was started from. */
export function projectPath(...parts: string[]): string {
  return join(import.meta.dirname!, "..", "..", ...parts);
}
