/** What each of the site's scripts is made of: files of the library, and where in the script one begins. */
export interface Script {
  files: readonly string[];
  /** Line and column from 0, and the file's index; -1 for what is none of the library's. In order. */
  begins: readonly (readonly [line: number, column: number, file: number])[];
}

/** The scripts by their address; each puts itself in. */
const scripts = (globalThis as { tesseraScripts?: Record<string, Script> }).tesseraScripts ??= {};

/** `at Linear.forward (https://…/linear.js:1:3012)`, or `forward@https://…/linear.js:1:3012` elsewhere than in V8. */
const frame = /^(?:(.*)@|(\s*at .*?))(https?:\/\/[^\s()]*):(\d+):(\d+)(\)?)$/;

/** An error's stack, in which a place in a bundle is the one in the library's file that stands there. */
export function stackOf(error: unknown): string {
  const stack = (error as Error | undefined)?.stack ?? "";
  return stack.split("\n").map((text) => {
    const [, name, head, address, line, column, end] = frame.exec(text) ?? [];
    if (!address) return text;
    const file = fileAt(scripts[address], Number(line) - 1, Number(column) - 1);
    const place = `${file ? new URL(file, address) : address}:${line}:${column}`;
    if (head !== undefined) return `${head}${place}${end}`;
    return name ? `    at ${name} (${place})` : `    at ${place}`;
  }).join("\n");
}

function fileAt(script: Script | undefined, line: number, column: number): string | undefined {
  const begin = script?.begins.findLast(([each, start]) =>
    each < line || each === line && start <= column
  );
  return begin && script!.files[begin[2]];
}
