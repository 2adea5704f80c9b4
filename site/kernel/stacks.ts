/** Stacks of errors, which browsers write in two ways. */

/** A stack as Chromium writes it; other browsers' have places alone: `f@cell:3:2:8`, `f@` or `@`. */
export function stackOf({ name, message, stack = "" }: Error): string {
  const isChromiums = /^ +at /m.test(stack) ||
    !/^[\w$.*<>/ ]*@(?:\S+:\d+:\d+|\[native code\])?$/m.test(stack);
  if (stack !== "" && isChromiums) return stack;
  const places = [...stack.matchAll(/^(.*)@(.+):(\d+):(\d+)$/gm)];
  const frames = places.map(([, inside, file, line, column]) => {
    const place = `${file}:${line}:${column}`;
    return inside ? `    at ${inside} (${place})` : `    at ${place}`;
  });
  return [`${name}: ${message}`, ...frames].join("\n");
}
