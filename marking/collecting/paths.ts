/** Whether a path is absolute, climbs, or is written so that a system would understand it otherwise. */
export function leadsOut(path: string): boolean {
  // deno-lint-ignore no-control-regex
  return /^([/\\]|[A-Za-z]:)|[\\\x00-\x1f]/.test(path) || path.split("/").includes("..");
}
