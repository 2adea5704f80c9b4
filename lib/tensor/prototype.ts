/**
 * `__proto__` of every object, as JavaScript has it outside of Deno, which takes it away: tfjs-data hands the
 * prototype of a class instance on by it, and without it an instance in a data set loses its methods.
 */
if (!("__proto__" in Object.prototype)) {
  Object.defineProperty(Object.prototype, "__proto__", {
    configurable: true,
    enumerable: false,
    get(this: unknown) {
      return Object.getPrototypeOf(this);
    },
    set(this: unknown, prototype: unknown) {
      const isObject = (value: unknown) => Object(value) === value;
      if (isObject(this) && (prototype === null || isObject(prototype))) {
        Object.setPrototypeOf(this, prototype as object | null);
      }
    },
  });
}
