import { Module } from "./module.ts";

/**
 * A part of a model that can be replaced: a class, or a function that makes one. It is called with
 * its options once for every place that it stands in.
 */
export type Part<Options, M extends Module = Module> =
  | (new (options: Options) => M)
  | ((options: Options) => M);

/**
 * Makes a part from its class or function.
 *
 * Throws a `TypeError` where the part is neither, or does not make a `Module`.
 */
export function makePart<Options, M extends Module = Module>(
  owner: string,
  name: string,
  part: Part<Options, M>,
  options: Options,
): M {
  if (part instanceof Module) {
    throw new TypeError(
      `${owner}: ${name} is a module already made; pass its class, or a function that makes one, ` +
        "because every block needs weights of its own",
    );
  }
  if (typeof part !== "function") {
    throw new TypeError(`${owner}: ${name} is ${typeof part}, expected a class or a function`);
  }
  const made = isClass(part)
    ? new (part as new (options: Options) => M)(options)
    : (part as (options: Options) => M)(options);
  if (!(made instanceof Module)) {
    throw new TypeError(
      `${owner}: ${name} made no Module; did it forget "extends Module" or return?`,
    );
  }
  return made;
}

/** Whether a function is a class, whatever it extends: a class's `prototype` is fixed, a function's is not. */
function isClass(part: object): boolean {
  return Object.getOwnPropertyDescriptor(part, "prototype")?.writable === false;
}
