/** Stacks of errors, which browsers write in two ways. */

/** A stack as Chromium writes it; other browsers' have places alone: `f@cell:3:2:8`, or `@`. */
export function stackOf({ name, message, stack = "" }: Error): string {
  const isChromiums = stack.startsWith(name) || /^ +at /m.test(stack);
  if (isChromiums || message !== "" && stack.includes(message)) return stack;
  const places = [...stack.matchAll(/^(.*)@(.+):(\d+):(\d+)$/gm)];
  const frames = places.map(([, inside, file, line, column]) => {
    const place = `${file}:${line}:${column}`;
    return inside ? `    at ${inside} (${place})` : `    at ${place}`;
  });
  return [`${name}: ${message}`, ...frames].join("\n");
}
