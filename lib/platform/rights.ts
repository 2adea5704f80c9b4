/** What a user may do with a file, as the system itself answers. */
import { accessSync, constants } from "node:fs";
import { cLibrary } from "./c_library.ts";

type Access = (path: Uint8Array<ArrayBuffer>, how: number) => number;

let access: Access | undefined;

/** The C library's own; undefined where there is none that is known. */
function systemAccess(): Access | undefined {
  try {
    return Deno.dlopen(cLibrary, { access: { parameters: ["buffer", "i32"], result: "i32" } })
      .symbols.access;
  } catch {
    return undefined;
  }
}

/**
 * Throws as `accessSync` does where this user may not do with a path what `how` says (`constants.R_OK` and the like).
 * That one looks at a file's mode alone: it takes a member of a folder's group for a stranger, and knows no lists of
 * rights (ACL) and no disks from which no programs start. Root keeps to the mode, by which what was closed to all is
 * closed to root, too.
 */
export function requireAccess(path: string, how: number): void {
  if (Deno.uid() !== 0 || how === constants.X_OK) {
    access ??= systemAccess();
    if (access?.(new TextEncoder().encode(`${path}\0`), how) === 0) return;
    if (access) {
      Deno.statSync(path); // what is not there says so
      throw Object.assign(new Error(`EACCES: permission denied, access '${path}'`), {
        code: "EACCES",
      });
    }
  }
  accessSync(path, how);
}
