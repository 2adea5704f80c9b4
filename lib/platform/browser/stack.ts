import { fileAt, isBefore, type Script } from "./script_places.ts";
import { framesOf, type StackFrame } from "./stack_frames.ts";

/** The scripts by their address; each puts itself in. */
const scripts = (globalThis as { tesseraScripts?: Record<string, Script> }).tesseraScripts ??= {};

/** `at Linear.forward (https://…/linear.js:1:3012)` */
const frame = /^(\s*at .*?)(https?:\/\/[^\s()]*):(\d+):(\d+)(\)?)$/;

/**
 * An error's stack as V8 writes it, whatever the engine, but for the classes of a cell's methods, which V8 alone
 * knows. A place in a bundle is the one in the library's file that stands there.
 */
export function stackOf(error: unknown): string {
  const { name = "Error", message, stack } = (error ?? {}) as Partial<Error>;
  if (typeof stack !== "string") return "";
  const frames = framesOf(stack);
  const whole = frames
    ? [message ? `${name}: ${message}` : name, ...linesOf(frames)].join("\n")
    : stack;
  return whole.split("\n").map((text) => {
    const [, head, address, line, column, end] = frame.exec(text) ?? [];
    if (!address) return text;
    const file = fileAt(scripts[address], Number(line) - 1, Number(column) - 1);
    return `${head}${file ? new URL(file, address) : address}:${line}:${column}${end}`;
  }).join("\n");
}

/** Frames in V8's words; those without a place are left out. */
function linesOf(frames: readonly StackFrame[]): string[] {
  return frames.flatMap((frame, index) => {
    if (!frame.place) return [];
    const { address, line, column } = frame.place;
    const name = nameIn(frame, scripts[address], frames[index - 1]);
    const place = `${address}:${line}:${column}`;
    return `    at ${frame.isAwaited ? "async " : ""}${name ? `${name} (${place})` : place}`;
  });
}

/** What V8 calls a function of a script's, with its class; `called` is what it has called. */
function nameIn(
  { name, goesInto, place }: StackFrame,
  script: Script | undefined,
  called: StackFrame | undefined,
): string {
  if (!script) return name;
  // The bundler names functions, and so takes them from where SpiderMonkey would look.
  const known = name || goesInto;
  // tfjs names each of its operations when it makes it.
  const [, operation] = known === "f2" && /^(\w+)_\d*$/.exec(called?.name ?? "") || [];
  if (operation) return `${operation}__op`;
  const [line, column] = [place!.line - 1, place!.column - 1];
  const within = script.classes.findLast(([, first, begin, last, end]) =>
    isBefore(first, begin, line, column) && isBefore(line, column, last, end)
  )?.[0];
  if (!within || !/^[\w$]+$/.test(known)) return known;
  return known.replace(/^_|\d+$/g, "") === within ? `new ${within}` : `${within}.${known}`;
}
