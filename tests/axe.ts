/** What axe finds wrong on a page that Chromium shows. */
import type { Chromium } from "./chromium.ts";

/** One broken rule, and the elements that break it. */
export interface Violation {
  rule: string;
  help: string;
  elements: string[];
}

export interface AxeOptions {
  /** What of the page is looked at: a CSS selector. Default: all. */
  within?: string;
  /** Rules that are passed over. */
  without?: readonly string[];
}

let source: Promise<string> | undefined;

async function readAxe(): Promise<string> {
  // Importing something of the package makes its other files known (and fetches it if need be).
  await import("axe-core/package.json", { with: { type: "json" } });
  return await Deno.readTextFile(new URL(import.meta.resolve("axe-core/axe.min.js")));
}

/** The rules that the page breaks, of WCAG 2.2 up to AA and of axe's own best practices. */
export async function violations(
  browser: Chromium,
  { within, without = [] }: AxeOptions = {},
): Promise<Violation[]> {
  await browser.evaluate(`${await (source ??= readAxe())}; 0`);
  const rules = Object.fromEntries(without.map((name) => [name, { enabled: false }]));
  return await browser.evaluate(
    `axe.run(${JSON.stringify(within ?? null)} ?? document, { rules: ${JSON.stringify(rules)} })
      .then(({ violations }) => violations.map(({ id, help, nodes }) => ({
        rule: id,
        help,
        elements: nodes.map(({ html, failureSummary }) =>
          html.slice(0, 300) + " -- " + failureSummary.slice(0, 300)),
      })))`,
  );
}
