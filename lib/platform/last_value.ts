/**
 * How values show themselves: below a cell that ends with one, and where one is printed. A front end gets
 * HTML and words, a terminal words, and what lies inside another object a few words.
 */

/** One value in words and as HTML. */
export interface Shown {
  /** What a terminal, a headless run and a PDF show. */
  text: string;
  /** One short line, for a value inside another one. */
  brief: string;
  /** Default: the text as it is. */
  html?: () => string;
}

/** The method by which the Deno kernel asks a value for its output. */
const displaySymbol = Symbol.for("Jupyter.display");
/** The method by which `console.log` asks a value for its text. */
const inspectSymbol = Symbol.for("Deno.customInspect");
/** The same for a console that is not Deno's: with the levels that are left, and its settings. */
const otherInspectSymbol = Symbol.for("nodejs.util.inspect.custom");

/** Makes a class's values, or one function, show themselves as `describe` says. */
export function showAs<Value extends object>(
  kind: (abstract new (...settings: never[]) => Value) | Value,
  describe: (value: Value) => Shown,
): void {
  const owner = "prototype" in kind && kind.prototype ? kind.prototype as Value : kind as Value;
  const define = (symbol: symbol, value: unknown) =>
    Object.defineProperty(owner, symbol, { value, configurable: true, writable: true });
  define(displaySymbol, function (this: Value): Record<string, string> {
    const { text, html = () => `<pre>${escapeHtml(text)}</pre>` } = described(this, describe);
    return { "text/html": html(), "text/plain": text };
  });
  define(inspectSymbol, function (this: Value, _inspect: unknown, context: { seen?: unknown[] }) {
    const { text, brief } = described(this, describe);
    return context?.seen?.length ? brief : text;
  });
  define(otherInspectSymbol, function (this: Value, depth: number, settings: { depth?: number }) {
    const { text, brief } = described(this, describe);
    return depth < (settings.depth ?? depth) ? brief : text;
  });
}

/** One line for a value that shows itself ({@link showAs}); undefined for any other. */
export function inFewWords(value: object): string | undefined {
  const inspect = (value as Record<symbol, unknown>)[inspectSymbol];
  if (typeof inspect !== "function" || !(displaySymbol in value)) return undefined;
  return String(inspect.call(value, undefined, { seen: [value] }));
}

/** Printing must not fail, whatever is printed: a model may be half built, its weights freed. */
function described<Value extends object>(value: Value, describe: (value: Value) => Shown): Shown {
  try {
    return describe(value);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const text = `${value.constructor?.name} (it cannot be shown: ${why})`;
    return { text, brief: text };
  }
}

/** Text as HTML shows it. */
export function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");
}

/** A value as JSON within a page's script, which a text such as `</script>` must not end. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
