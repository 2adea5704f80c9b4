/** What a notebook's kernel refuses in words: to end because a cell says so, and to ask somebody at a keyboard. */
import { Error, Object, Promise, Set, Symbol } from "./language.ts";

const lost =
  "would end the kernel, and lose all that its cells have made: throw an error to end a cell, or choose " +
  "Kernel → Shut Down Kernel.";
const noKeyboard = "a notebook's kernel reads no keyboard. Write the answer into the cell.";
/** Those by which a stream of Node's begins to be read. */
const readingEvents = new Set<unknown>(["data", "readable", "keypress"]);

const refusing = (words: string) => (): never => {
  throw new Error(words);
};

/** Ends this process, as no cell can any more. */
export const { exit } = Deno;

/** Puts itself in front of what would end this process; others of Node's call these by their names. */
export function refuseExit(): void {
  Object.assign(Deno, { exit: refusing(`Deno.exit() ${lost}`) });
  // deno-lint-ignore no-process-global -- the one that cells find
  Object.assign(process, {
    exit: refusing(`process.exit() ${lost}`),
    abort: refusing(`process.abort() ${lost}`),
  });
  Object.assign(globalThis, { close: refusing(`close() ${lost}`) });
}

/** Puts itself in front of what would wait for a key without an end, or take the end of input for an answer. */
export function refuseInput(): void {
  Object.assign(globalThis, {
    prompt: refusing(`prompt() cannot ask here: ${noKeyboard}`),
    confirm: refusing(`confirm() cannot ask here: ${noKeyboard}`),
    alert: refusing("alert() opens no window here: console.log() prints below the cell."),
  });
  const refuse = refusing(`Standard input cannot be read here: ${noKeyboard}`);
  Object.assign(Deno.stdin, { readSync: refuse, read: () => new Promise(refuse) });
  Object.defineProperty(Deno.stdin, "readable", { get: refuse });
  // deno-lint-ignore no-process-global -- the one that cells find
  const { stdin } = process;
  const on = stdin.on.bind(stdin) as (event: unknown, listener: unknown) => unknown;
  const listen = (event: unknown, listener: unknown) =>
    readingEvents.has(event) ? refuse() : on(event, listener);
  Object.assign(stdin, {
    on: listen,
    addListener: listen,
    read: refuse,
    resume: refuse,
    pipe: refuse,
  });
  Object.defineProperty(stdin, Symbol.asyncIterator, { value: refuse });
}
