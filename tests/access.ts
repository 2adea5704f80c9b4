/**
 * Exports executed notebooks as HTML and lets axe look at each page in Chromium:
 * `deno run -A tests/access.ts NOTEBOOK…`. Exit code 1 where a page breaks a rule or asks for a network.
 */
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { program } from "../tools/command.ts";
import { violations } from "./axe.ts";
import { Chromium, findChromium } from "./chromium.ts";

/** Writes each notebook's page into a folder, by nbconvert as anyone calls it; gives the pages' paths. */
export async function exportPages(notebooks: readonly string[], folder: string): Promise<string[]> {
  const { success, stderr } = await new Deno.Command(program("jupyter"), {
    args: ["nbconvert", "--to", "html", "--output-dir", folder, ...notebooks],
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return notebooks.map((path) => join(folder, basename(path).replace(/\.ipynb$/, ".html")));
}

/** What is wrong with a page, one line each. */
export async function complaintsOf(browser: Chromium, page: string): Promise<string[]> {
  const before = browser.requests.length;
  await browser.open(pathToFileURL(page).href);
  const broken = (await violations(browser)).flatMap(({ rule, elements }) =>
    elements.map((element) => `${rule}: ${element}`)
  );
  const asked = browser.requests.slice(before).filter((address) => /^https?:/.test(address))
    .map((address) => `asks for ${address}`);
  return [...broken, ...asked];
}

if (import.meta.main) {
  const chromium = findChromium();
  if (!chromium) {
    console.log("There is no Chromium here: no page is looked at.");
    Deno.exit(0);
  }
  const folder = await Deno.makeTempDir({ prefix: "tessera-pages-" });
  let count = 0;
  {
    await using browser = await Chromium.start(chromium);
    for (const page of await exportPages(Deno.args, folder)) {
      const complaints = await complaintsOf(browser, page);
      count += complaints.length;
      console.log(`${basename(page)}: ${complaints.length || "nothing"} wrong`);
      for (const each of complaints.slice(0, 10)) console.log(`  ${each}`);
    }
  }
  await Deno.remove(folder, { recursive: true });
  Deno.exit(count ? 1 : 0);
}
