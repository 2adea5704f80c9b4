/** Stacks of errors as SpiderMonkey (Firefox) and JavaScriptCore (Safari, WebKitGTK) write them, read into frames. */

/** A call that had not ended. */
export interface StackFrame {
  /** The function's own name, without its class: `forward`, `get shape`, `#hidden`; empty where it has none. */
  name: string;
  /** Of a nameless function, where SpiderMonkey saw it go: `softmax` of `const softmax = named((x) => …)`. */
  goesInto: string;
  /** Whether what follows inside of it was called after an `await`, or by a timer. */
  isAwaited: boolean;
  /**
   * Where it went on, line and column from 1; undefined in built-in functions, in WASM, and, in JavaScriptCore, in
   * all that was evaluated. What was evaluated in a script by `eval` or `Function` has the address `<anonymous>`.
   */
  place?: { address: string; line: number; column: number };
}

/** `async*forward@https://…/linear.js:1:3012`, `f@[native code]`, `f@` */
const pattern =
  /^(?! )(?:([^@*]*)\*)?([^@]*)@(?:(.+):(\d+):(\d+)|\[\w+ code\]|.*wasm-function.*)?$/;

/** The frames of a stack, the innermost first; `undefined` for any other text, such as a stack of V8's. */
export function framesOf(stack: string): StackFrame[] | undefined {
  const lines = stack.split("\n").filter((line) => line !== "");
  const found = lines.map((line) => pattern.exec(line));
  if (found.includes(null)) return undefined;
  return found.map((match) => {
    const [, awaited, display, address, line, column] = match!;
    // `Block/this.norm`: what a function in Block is assigned to; `forward/<`: a nameless one in forward.
    const last = display.split("/").at(-1)!;
    const isNameless = last.endsWith("<") ||
      /^(?:anonymous|eval code|global code|module code)$/.test(last);
    return {
      name: isNameless ? "" : last.replace(/^this\./, ""),
      goesInto: last.endsWith("<") ? last.slice(0, -1).replace(/^this\./, "") : "",
      isAwaited: awaited !== undefined,
      place: address === undefined ? undefined : {
        // `https://…/worker.js line 1 > eval line 45 > Function`
        address: / line \d+ > /.test(address) ? "<anonymous>" : address,
        line: Number(line),
        column: Number(column),
      },
    };
  });
}
