/** Which of the library's files and classes stand where in a script that was bundled of them. */

/** What each of the site's scripts is made of: files of the library, and where in the script one begins. */
export interface Script {
  files: readonly string[];
  /** Line and column from 0, and the file's index; -1 for what is none of the library's. In order. */
  begins: readonly (readonly [line: number, column: number, file: number])[];
  /** The library's classes, and where each begins and ends, line and column from 0. In order of their beginning. */
  classes: readonly ClassPlace[];
}

export type ClassPlace = readonly [
  name: string,
  line: number,
  column: number,
  lastLine: number,
  end: number,
];

/** Whether a place comes before another one, or is it. */
export const isBefore = (line: number, column: number, otherLine: number, otherColumn: number) =>
  line < otherLine || line === otherLine && column <= otherColumn;

/** The library's file that stands at a place of a script, line and column from 0; undefined where none does. */
export function fileAt(
  script: Pick<Script, "files" | "begins"> | undefined,
  line: number,
  column: number,
): string | undefined {
  const begin = script?.begins.findLast(([each, start]) => isBefore(each, start, line, column));
  return begin && script!.files[begin[2]];
}
