/**
 * A value that was given for another, as messages name it: a string in quotes, so that "2" is not taken for 2, and what
 * has to be awaited as that.
 */
export function given(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Promise) {
    value.catch(() => {}); // it may reject later, and unheard that would end the program
    return "a Promise (is `await` missing?)";
  }
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) {
    const name = value.constructor?.name ?? "Object";
    return name === "Object" ? "an object" : `an object of class ${name}`;
  }
  return String(value);
}

/** Throws a TypeError unless `value` is an object that has no fields but these: `owner` is what errors call it. */
export function requireFields(owner: string, value: unknown, fields: readonly string[]): void {
  const all = fields.join(", ");
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${owner} is ${given(value)}, must be an object with some of ${all}`);
  }
  const other = Object.keys(value).find((each) => !fields.includes(each));
  if (other !== undefined) throw new TypeError(`${owner} has no ${other}, but ${all}`);
}
