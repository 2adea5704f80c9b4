/** The names that cells share: properties of the global object, which is where functions look them up. */
import type { Kind } from "./cell.ts";

/** Of one cell, from its beginning to its end. */
export class DeclaredNames {
  /** What stood at names whose declaration was not reached yet. */
  readonly #before = new Map<string, PropertyDescriptor | undefined>();

  /** Declares a cell's names; its functions are there at once. */
  constructor(declared: ReadonlyMap<string, Kind>, functions: Record<string, unknown>) {
    for (const [name, kind] of declared) {
      const before = Object.getOwnPropertyDescriptor(globalThis, name);
      if (kind === "function") define(name, functions[name]);
      else if (kind === "var") {
        if (!before?.writable) define(name, before ? valueOf(before) : undefined);
      } else this.#announce(name, kind, before);
    }
  }

  /** Until its declaration is reached a name is what it was before; from then on what that says. */
  #announce(name: string, kind: "const" | "let", before: PropertyDescriptor | undefined): void {
    this.#before.set(name, before);
    Object.defineProperty(globalThis, name, {
      configurable: true,
      enumerable: true,
      get() {
        if (!before) throw new ReferenceError(`${name} is not defined`);
        return valueOf(before);
      },
      set: (value) => {
        this.#before.delete(name);
        define(name, value, kind === "let");
      },
    });
  }

  /** The cell has ended: names whose declaration was not reached are what they were before. */
  end(): void {
    for (const [name, before] of this.#before) {
      if (before) Object.defineProperty(globalThis, name, before);
      else delete (globalThis as Record<string, unknown>)[name];
    }
    this.#before.clear();
  }
}

function valueOf(descriptor: PropertyDescriptor): unknown {
  return descriptor.get ? descriptor.get.call(globalThis) : descriptor.value;
}

function define(name: string, value: unknown, writable = true): void {
  Object.defineProperty(globalThis, name, {
    ...{ value, writable },
    configurable: true,
    enumerable: true,
  });
}
