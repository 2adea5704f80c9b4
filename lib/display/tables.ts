import { inFewWords } from "../platform/last_value.ts";
import { type Displayable, displaySymbol, type MimeBundle } from "./live.ts";
import { formatNumber } from "./numbers.ts";

/** What may stand in a table; numbers are rounded and stand at the right. */
export type Cell = string | number | boolean | null | undefined;

/** More values than these of a list are not all written into a cell. */
const mostItems = 8;
/** Nor are lists within lists within lists. */
const deepest = 2;

/** The columns and headings of a {@link table}. */
export interface TableOptions {
  /** The columns by the name that they have in the rows; default: all, in the order of the rows. */
  columns?: readonly string[];
  /** What stands above a column in place of its name in the rows. */
  headings?: Record<string, string>;
  /** How many significant digits numbers keep. Default: 4. */
  digits?: number;
  caption?: string;
}

/** Rows of named values as a table. Ending a notebook cell with it shows it. */
export function table(rows: readonly object[], options: TableOptions = {}): Table {
  if (!Array.isArray(rows)) {
    throw new TypeError('table: an array of rows is needed: table([{ name: "a", value: 1 }])');
  }
  return new Table(rows as readonly Record<string, Cell>[], options);
}

interface Column {
  heading: string;
  right: boolean;
  cells: string[];
}

/** A table in the forms that notebooks and documents read: HTML, Markdown and plain text. */
export class Table implements Displayable {
  readonly caption: string;
  readonly #columns: Column[];
  readonly #count: number;

  constructor(rows: readonly Record<string, Cell>[], options: TableOptions = {}) {
    const { headings = {}, digits = 4, caption = "" } = options;
    const names = options.columns ?? [...new Set(rows.flatMap((row) => Object.keys(row)))];
    this.caption = caption;
    this.#count = rows.length;
    this.#columns = names.map((name) => {
      const values = rows.map((row) => row[name]);
      return {
        heading: headings[name] ?? name,
        right: values.some((value) => typeof value === "number"),
        cells: values.map((value) => cellText(value, digits)),
      };
    });
  }

  /** Columns of text under a ruled heading. */
  toString(): string {
    const widths = this.#widths();
    const line = (texts: string[]) =>
      texts.map((text, at) => {
        const space = " ".repeat(widths[at] - [...text].length);
        return this.#columns[at].right ? space + text : text + space;
      }).join("  ").trimEnd();
    return [
      line(this.#columns.map(({ heading }) => heading)),
      widths.map((width) => "─".repeat(width)).join("  "),
      ...this.#rows().map(line),
      ...(this.caption ? ["", this.caption] : []),
    ].join("\n");
  }

  toMarkdown(): string {
    const line = (texts: string[]) => `| ${texts.map(escapeMarkdown).join(" | ")} |`;
    return [
      line(this.#columns.map(({ heading }) => heading)),
      // Pandoc gives the columns of a wide table widths in proportion to these dashes.
      `| ${
        this.#widths().map((width, at) => {
          const dashes = "-".repeat(Math.max(3, width));
          return this.#columns[at].right ? `${dashes}:` : `:${dashes}`;
        }).join(" | ")
      } |`,
      ...this.#rows().map(line),
      ...(this.caption ? ["", escapeMarkdown(this.caption)] : []),
    ].join("\n");
  }

  /** The longest text of each column, in characters. */
  #widths(): number[] {
    return this.#columns.map(({ heading, cells }) =>
      Math.max(...[heading, ...cells].map((text) => [...text].length))
    );
  }

  toHtml(): string {
    const cells = (texts: string[], tag: string) =>
      texts.map((text, at) => {
        const side = this.#columns[at].right ? "right" : "left";
        return `<${tag} style="text-align:${side}">${escapeHtml(text)}</${tag}>`;
      }).join("");
    const head = cells(this.#columns.map(({ heading }) => heading), "th");
    const body = this.#rows().map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n");
    const caption = this.caption
      ? `<caption style="caption-side:bottom;text-align:left">${
        escapeHtml(this.caption)
      }</caption>\n`
      : "";
    return `<table>\n${caption}<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>`;
  }

  [displaySymbol](): MimeBundle {
    return {
      "text/html": this.toHtml(),
      "text/markdown": this.toMarkdown(),
      "text/plain": this.toString(),
    };
  }

  #rows(): string[][] {
    return Array.from(
      { length: this.#count },
      (_, row) => this.#columns.map(({ cells }) => cells[row]),
    );
  }
}

/** A cell's words in one line; cells of other kinds, as the reports of a training have them, by what they hold. */
function cellText(value: unknown, digits: number, depth = 0): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return formatNumber(value, digits);
  if (typeof value !== "object") return inOneLine(String(value));
  const few = inFewWords(value);
  if (few !== undefined) return few;
  if (depth === deepest) return "…"; // which also ends where one holds itself
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = Array.from(value as ArrayLike<unknown>);
    const texts = items.slice(0, mostItems).map((each) => cellText(each, digits, depth + 1));
    return [...texts, ...(items.length > mostItems ? ["…"] : [])].join(", ");
  }
  const prototype = Object.getPrototypeOf(value);
  const isPlain = prototype === Object.prototype || prototype === null;
  if (!isPlain) return inOneLine(String(value));
  return Object.entries(value).map(([name, each]) => `${name} ${cellText(each, digits, depth + 1)}`)
    .join(", ");
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function escapeMarkdown(text: string): string {
  return inOneLine(text.replace(/[\\`*_[\]<>|$#~^]/g, "\\$&"));
}

const inOneLine = (text: string) => text.replace(/\s*\n\s*/g, " ");
