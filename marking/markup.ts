/** HTML from templates, in which every value is text unless it was made by another template. */

/** Text that is HTML already. */
export class Html {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

/** What may stand in a template. */
type Value = string | number | undefined | Html | readonly Value[];

/** A template's HTML; values are escaped. */
export function markup(strings: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(
    strings.map((text, index) => text + (index < values.length ? written(values[index]) : ""))
      .join(""),
  );
}

function written(value: Value): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(written).join("");
  return String(value).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
