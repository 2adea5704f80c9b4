/** Where in the user's code a call was made. */

const library = new URL(".", import.meta.url).href;

/** Remembers the present call, cheaply: the trace is put into words only when it is asked for. */
export class CallSite {
  readonly #trace: Error;

  constructor() {
    const limit = Error.stackTraceLimit;
    // tfjs puts many frames between an op and the line that asked for it.
    Error.stackTraceLimit = 60;
    this.#trace = new Error();
    Error.stackTraceLimit = limit;
  }

  /** `cell, line 12` or `lib/nn/linear.ts:31`; an empty string where the trace has no such frame. */
  toString(): string {
    for (const line of (this.#trace.stack ?? "").split("\n").slice(1)) {
      const match = line.match(
        /\(?((?:file:\/\/|https?:\/\/|<anonymous>|\w+:)[^()\s]*):(\d+):(\d+)\)?$/,
      );
      if (match === null) continue;
      const [, file, lineNumber] = match;
      if (file.startsWith(library) || /\/(node_modules|npm)\/|^(ext|node|jsr):/.test(file)) {
        continue;
      }
      if (!file.startsWith("file://")) return `the notebook's cell, line ${lineNumber}`;
      return `${
        file.replace(new URL("../../", library).href, "").replace("file://", "")
      }:${lineNumber}`;
    }
    return "";
  }
}
