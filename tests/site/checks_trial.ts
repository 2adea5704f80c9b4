/**
 * `deno task site-checks [PART OF A FILE'S NAME…]`: runs the tests of checks on native TensorFlow and in
 * Chromium, or in `--browser firefox` or `webkit`; says where one fails, and where a check says other words there than
 * here.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CommandError, runCommand } from "../../tools/command.ts";
import { starting } from "../browsers/starting.ts";
import {
  bundleChecks,
  differences,
  filesOfChecks,
  openChecks,
  triedHere,
  triedThere,
} from "./checks.ts";
import { tessera } from "./made_site.ts";
import { SiteInBrowser } from "./site_in_browser.ts";

async function main(args: string[]): Promise<number> {
  const { values, positionals: parts } = parseArgs({
    args,
    allowPositionals: true,
    options: { browser: { type: "string", default: "chromium" } },
  });
  const start = starting(values.browser);
  const files = (await filesOfChecks()).filter((file) =>
    parts.length === 0 || parts.some((part) => file.includes(part))
  );
  if (files.length === 0) throw new CommandError("no file of tests has such a name.");
  const folder = await Deno.makeTempDir({ prefix: "tessera-site-checks-" });
  try {
    const made = join(folder, "site");
    const { code, said } = await tessera(["site", "--units", "unit0", "--output", made]);
    if (code !== 0) throw new CommandError(`the site was not made:\n${said}`);
    await using _tests = await bundleChecks(made, files);
    const here = await triedHere(files);
    await using site = new SiteInBrowser(await start(), made);
    await site.enter();
    await openChecks(site);
    let [tests, verdicts, different] = [0, 0, 0];
    for (const file of files) {
      const begin = performance.now();
      const found = differences(here[file], await triedThere(site, file));
      const seconds = ((performance.now() - begin) / 1000).toFixed(0);
      tests += here[file].length;
      verdicts += here[file].flatMap(({ said }) => said).length;
      different += found.length;
      console.log(`${file}: ${here[file].length} tests, ${seconds} s, ${found.length} different`);
      for (const each of found) console.log(each.replace(/^/gm, "    "));
    }
    console.log(`${tests} tests, ${verdicts} messages of checks, ${different} different`);
    return different === 0 ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await runCommand(main);
