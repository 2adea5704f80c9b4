/** A line without what a terminal would obey: names of files, and what cells print, are learners'. */
export function printable(line: string): string {
  // deno-lint-ignore no-control-regex
  return line.replace(/[\x00-\x1f\x7f-\x9f]/g, "\ufffd");
}
