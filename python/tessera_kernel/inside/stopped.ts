/** How Stop ends code from within, in the kernel of Deno and in that of a browser's tab alike. */

const { Object, Promise, queueMicrotask, Reflect, String, Symbol, TypeError } = globalThis;

/** What a stopped cell's awaits are rejected with. */
export class Stopped extends Error {
  override name = "Stopped";

  constructor() {
    super("The cell was stopped.");
    this.stack = "Stopped: The cell was stopped.";
  }
}

/** Settles as a value does, or is rejected by Stop. */
type Settling = <T>(value: T) => T | Promise<Awaited<T>>;

/** For `for await`: each step can be given up by what it is settled with, and the generator is told. */
export function stoppableSteps<T>(
  iterable: AsyncIterable<T> | Iterable<T>,
  settling: Settling,
): AsyncIterable<T> {
  const given = Object(iterable) as Partial<AsyncIterable<T> & Iterable<T>>;
  const isAsync = given[Symbol.asyncIterator] !== undefined;
  const iterate = given[Symbol.asyncIterator] ?? given[Symbol.iterator];
  if (typeof iterate !== "function") {
    const told = given === iterable ? "(intermediate value)" : String(iterable);
    throw new TypeError(`${told} is not async iterable`); // as V8 has it
  }
  const source: AsyncIterator<T> | Iterator<T> = Reflect.apply(iterate, iterable, []);
  const steps = {
    [Symbol.asyncIterator]: () => steps,
    async next(): Promise<IteratorResult<T>> {
      const step = source.next();
      try {
        const { done, value } = await settling(step) as IteratorResult<T>;
        return { done, value: isAsync ? value : await settling(value) } as IteratorResult<T>;
      } catch (error) {
        // One that Stop has left ends, with its `finally` blocks, after its running step.
        if (error instanceof Stopped) Promise.resolve(source.return?.()).catch(() => {});
        throw error;
      }
    },
    async return(value?: unknown): Promise<IteratorResult<T>> {
      await source.return?.(value as T);
      return { done: true, value: value as T };
    },
  };
  return steps;
}

/** For `await using`: what is awaited at the end of its block can be given up by what it is settled with. */
export function disposableBy<T>(value: T, settling: Settling): T {
  const method = Object(value) === value &&
    (value as Partial<AsyncDisposable>)[Symbol.asyncDispose];
  if (typeof method !== "function") return value;
  const own = Reflect.getOwnPropertyDescriptor(value as object, Symbol.asyncDispose);
  const isPut = Reflect.defineProperty(value as object, Symbol.asyncDispose, {
    configurable: true,
    value: () => settling(Reflect.apply(method, value, [])),
  });
  // The language takes it from the value now, and never again.
  if (isPut) {
    queueMicrotask(() => {
      Reflect.deleteProperty(value as object, Symbol.asyncDispose);
      if (own) Reflect.defineProperty(value as object, Symbol.asyncDispose, own);
    });
  }
  return value;
}
