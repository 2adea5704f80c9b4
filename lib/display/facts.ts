import { escapeHtml } from "../platform/last_value.ts";

/** Something in one line, and what there is to know of it, by name. Undefined facts are left out. */
export interface Facts {
  title: string;
  facts: Record<string, string | undefined>;
}

/** Lines of `name  value` below a title. */
export function factsText({ title, facts }: Facts): string {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...known.map(([name]) => name.length));
  return [title, ...known.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)].join("\n");
}

/** The same as a table whose rows have headings. */
export function factsHtml({ title, facts }: Facts): string {
  const cell = `style="text-align:left;vertical-align:top"`;
  const rows = Object.entries(facts).filter(([, value]) => value !== undefined).map(
    ([name, value]) =>
      `<tr><th scope="row" ${cell}>${escapeHtml(name)}</th><td ${cell}>${
        escapeHtml(value!)
      }</td></tr>`,
  );
  return `<div><b>${escapeHtml(title)}</b></div>\n<table>\n${rows.join("\n")}\n</table>`;
}
