/**
 * In grading: built-ins and the library's classes as they were before the first cell. A check that computes with
 * what a cell has put in their place would find what the cell wants it to find. They are not frozen, as packages
 * that are loaded later could not set what they inherit; they are put back while a check runs.
 */

// Private copies: what follows runs while cells' replacements are in place.
const { ownKeys, getOwnPropertyDescriptor, defineProperty, deleteProperty, getPrototypeOf } =
  Reflect;
const setPrototypeOf = Reflect.setPrototypeOf;

type Property = { key: PropertyKey; descriptor: PropertyDescriptor };

/** An object whose properties are kept. */
interface Kept {
  target: object;
  properties: Property[];
  /** Whether what was added since is taken away too: an absent option would be found there. */
  isClosed: boolean;
}

/** A property that was not as it should be, and how it was; undefined where it was not there. */
type Found = { target: object; key: PropertyKey; descriptor: PropertyDescriptor | undefined };

/** A method of an object that is there once, such as tfjs's engine, whichever of its classes has it. */
type Method = { target: object; key: PropertyKey; value: unknown };

/** An entry of tfjs's registries. */
interface Registered {
  config: Record<string, unknown>;
  /** The property of `config` that computes. */
  key: "kernelFunc" | "gradFunc";
  value: unknown;
  current: () => unknown;
  register: () => void;
  unregister: () => void;
}

// deno-lint-ignore no-explicit-any
type Namespace = Record<string, any>;

export interface BuiltIns {
  /** Puts all back; returns what puts in place again what was found. */
  restore(): () => void;
  /** Puts classes and built-ins back, and leaves single objects, which a running check may have changed itself. */
  restoreClasses(): void;
}

/** Keeps the built-ins, and what modules export; `tf` is tfjs. */
export function keepBuiltIns(tf: Namespace, ...modules: Namespace[]): BuiltIns {
  const kept = keptObjects([tf, ...modules]);
  const methods = [tf.engine(), tf.backend(), tf.backend()?.binding].flatMap(methodsOf);
  const registered = registeredIn(tf);
  const restoreKept = (found: Found[] | undefined) => {
    for (let i = 0; i < kept.length; i++) restoreObject(kept[i], found);
  };
  return {
    restore() {
      const found: Found[] = [];
      restoreKept(found);
      for (let i = 0; i < methods.length; i++) restoreMethod(methods[i], found);
      for (let i = 0; i < registered.length; i++) restoreRegistered(registered[i]);
      return () => {
        for (let i = found.length - 1; i >= 0; i--) {
          const { target, key, descriptor } = found[i];
          if (descriptor) defineProperty(target, key, descriptor);
          else deleteProperty(target, key);
        }
      };
    },
    restoreClasses: () => restoreKept(undefined),
  };
}

/** All that can be reached from the global object and the modules by prototypes and constructors. */
function keptObjects(modules: readonly Namespace[]): Kept[] {
  const seen = new Set<object>();
  const kept: Kept[] = [];
  const keep = (value: unknown, depth: number) => {
    if (value === null || (typeof value !== "object" && typeof value !== "function")) return;
    if (seen.has(value)) return;
    seen.add(value);
    const properties = propertiesOf(value);
    // The prototype of a plain function holds nothing but that.
    if (properties.some(({ key }) => key !== "constructor")) {
      kept.push({ target: value, properties, isClosed: value === Object.prototype });
    }
    keep(getPrototypeOf(value), depth);
    // A class's own prototype cannot be replaced, so that it is not among what is put back.
    keep(getOwnPropertyDescriptor(value, "prototype")?.value, 0);
    for (const { key, descriptor } of properties) {
      if (key === "constructor") keep(descriptor.value, 0);
      else if (depth > 0) keep(descriptor.value, depth - 1);
    }
  };
  // Object.prototype first: without it nothing else can be put back.
  keep(Object.prototype, 0);
  keepGlobals(keep, kept);
  for (const sample of hidden()) keep(getPrototypeOf(sample), 0);
  // Namespaces cannot be changed; what they hold can.
  for (const each of modules.flatMap((module) => Object.values(module))) keep(each, 1);
  return kept;
}

/** The global object's own built-ins, and what they are. */
function keepGlobals(keep: (value: unknown, depth: number) => void, kept: Kept[]): void {
  const names = new Set(
    `Object Function Array Number Boolean String Symbol BigInt Math JSON Reflect Proxy Promise Map Set WeakMap
    WeakSet WeakRef Date RegExp Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError
    ArrayBuffer SharedArrayBuffer DataView Atomics Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array
    Int32Array Uint32Array Float32Array Float64Array BigInt64Array BigUint64Array Iterator parseInt parseFloat isNaN
    isFinite structuredClone queueMicrotask setTimeout clearTimeout TextEncoder TextDecoder URL performance crypto
    console Deno`.split(/\s+/),
  );
  const properties = propertiesOf(globalThis).filter(({ key }) => names.has(String(key)));
  kept.push({ target: globalThis, properties, isClosed: false });
  for (const { descriptor } of properties) keep(descriptor.value, 1);
}

/** Objects whose prototypes no name leads to. */
function hidden(): object[] {
  function* generator() {}
  async function* asyncGenerator() {}
  return [
    ...[[][Symbol.iterator](), new Map().entries(), new Set().values(), ""[Symbol.iterator]()],
    ...[generator, generator(), asyncGenerator, asyncGenerator(), async () => {}],
    ..."".matchAll(/./g) ? ["".matchAll(/./g)] : [],
  ];
}

/** What can be called, or leads to what can: numbers and texts of the library's own bookkeeping may change. */
function propertiesOf(target: object): Property[] {
  return ownKeys(target).flatMap((key) => {
    const descriptor = getOwnPropertyDescriptor(target, key);
    if (!descriptor?.configurable && !descriptor?.writable) return [];
    const { value } = descriptor;
    const isCode = typeof value === "function" || descriptor.get || descriptor.set ||
      key === "constructor" || (target === globalThis && typeof value === "object");
    // The door's own, which turns with what is asked of a trace.
    if (!isCode || (target === Error && key === "prepareStackTrace")) return [];
    setPrototypeOf(descriptor, null); // else an attribute that it lacks is looked for in Object.prototype
    return [{ key, descriptor }];
  });
}

function restoreObject({ target, properties, isClosed }: Kept, found: Found[] | undefined): void {
  if (isClosed) takeAdditionsAway(target, properties, found);
  for (let i = 0; i < properties.length; i++) {
    const { key, descriptor } = properties[i];
    const now = getOwnPropertyDescriptor(target, key);
    if (now && isSame(now, descriptor)) continue;
    note(found, target, key, now);
    defineProperty(target, key, descriptor);
  }
}

function takeAdditionsAway(target: object, known: Property[], found: Found[] | undefined): void {
  const keys = ownKeys(target);
  next: for (let i = 0; i < keys.length; i++) {
    for (let j = 0; j < known.length; j++) if (known[j].key === keys[i]) continue next;
    note(found, target, keys[i], getOwnPropertyDescriptor(target, keys[i]));
    deleteProperty(target, keys[i]);
  }
}

function note(
  found: Found[] | undefined,
  target: object,
  key: PropertyKey,
  descriptor: PropertyDescriptor | undefined,
): void {
  if (!found) return;
  if (descriptor) setPrototypeOf(descriptor, null);
  // Not `push`, which may not be what it was yet.
  defineProperty(found, found.length, {
    __proto__: null,
    value: { target, key, descriptor },
    writable: true,
    enumerable: true,
    configurable: true,
  } as PropertyDescriptor);
}

function isSame(now: PropertyDescriptor, before: PropertyDescriptor): boolean {
  setPrototypeOf(now, null);
  return now.value === before.value && now.get === before.get && now.set === before.set;
}

/** The methods of an object, its own and those of its classes. */
function methodsOf(target: object | undefined): Method[] {
  const methods = new Map<PropertyKey, Method>();
  for (let each = target; each && each !== Object.prototype; each = getPrototypeOf(each)!) {
    for (const { key, descriptor } of propertiesOf(each)) {
      const { value } = descriptor;
      if (typeof value !== "function" || key === "constructor" || methods.has(key)) continue;
      methods.set(key, { target: target!, key, value });
    }
  }
  return [...methods.values()];
}

function restoreMethod({ target, key, value }: Method, found: Found[]): void {
  const now = getOwnPropertyDescriptor(target, key);
  if (!now) return; // the class has it, which was put right
  setPrototypeOf(now, null);
  if (now.value === value) return;
  note(found, target, key, now);
  const descriptor = { __proto__: null, value, writable: true, enumerable: true };
  defineProperty(target, key, { ...descriptor, configurable: true } as PropertyDescriptor);
}

/** tfjs's kernels of the backend that runs, and their gradients. */
function registeredIn(tf: Namespace): Registered[] {
  const { getKernel, registerKernel, unregisterKernel } = tf;
  const { getGradient, registerGradient, unregisterGradient } = tf;
  return tf.getKernelsForBackend(tf.getBackend()).flatMap((config: Namespace) => {
    const { kernelName: name, backendName: backend } = config;
    const gradient = getGradient(name);
    const kernel: Registered = {
      ...{ config, key: "kernelFunc", value: config.kernelFunc },
      current: () => getKernel(name, backend),
      register: () => registerKernel(config),
      unregister: () => unregisterKernel(name, backend),
    };
    if (!gradient) return [kernel];
    return [kernel, {
      ...{ config: gradient, key: "gradFunc", value: gradient.gradFunc },
      current: () => getGradient(name),
      register: () => registerGradient(gradient),
      unregister: () => unregisterGradient(name),
    }];
  });
}

/** What a cell has registered in place of tfjs's own stays away: nobody replaces a kernel by accident. */
function restoreRegistered(each: Registered): void {
  const { config, key, value } = each;
  if (config[key] !== value) config[key] = value;
  const now = each.current();
  if (now === config) return;
  if (now) each.unregister();
  each.register();
}
