/** Files get other names in a browser: nothing is lost by it. */
import { assertEquals, assertMatch } from "@std/assert";
import { findChromium } from "../chromium.ts";
import { siteOfUnit0 } from "./made_site.ts";
import { SiteInChromium } from "./site_in_chromium.ts";

const chromium = findChromium();

Deno.test({
  name: "a file's new name takes no other one's place, and is one by which it is found again",
  ignore: !chromium,
  async fn() {
    await using site = await SiteInChromium.start(chromium!, await siteOfUnit0());
    await site.enter();
    /** `renamed`, or the error with the status that JupyterLab asks for. */
    const rename = (from: string, to: string): Promise<string> =>
      site.browser.evaluate(
        `jupyterapp.serviceManager.contents.rename(${JSON.stringify(from)}, ${
          JSON.stringify(to)
        }).then(() => "renamed", (error) => error.message + " " + error.response?.status)`,
      );
    for (const name of ["one.txt", "two.txt", "runs/a/log.txt", "runs/b/log.txt"]) {
      await site.write(name, name);
    }

    assertEquals(await rename("one.txt", "two.txt"), "two.txt is there already. 409");
    assertEquals(await site.file("two.txt"), "two.txt");
    assertEquals(await site.file("one.txt"), "one.txt");
    // JupyterLab asks whether to overwrite, and then does so.
    await site.browser.evaluate(
      `jupyterapp.serviceManager.contents.overwrite("one.txt", "two.txt").then(() => 0)`,
    );
    assertEquals([await site.file("one.txt"), await site.file("two.txt")], [undefined, "one.txt"]);

    assertMatch(await rename("runs/a", "runs/b"), /^runs\/b is there already: .* 400$/);
    assertMatch(await rename("runs/a", "runs/a/inside"), /cannot be moved into itself. 400$/);
    assertEquals(await site.file("runs/b/log.txt"), "runs/b/log.txt");
    assertEquals(await rename("runs/a", "runs/c"), "renamed");
    assertEquals(await site.file("runs/c/log.txt"), "runs/a/log.txt");
    assertEquals(await site.file("runs/a/log.txt"), undefined);

    // What is written into a folder while its files are moved goes with it, by whatever name.
    for (let at = 0; at < 20; at++) await site.write(`runs/many/${at}.txt`, "");
    await site.browser.evaluate(`void (() => {
      const { contents } = jupyterapp.serviceManager;
      const write = (name) => {
        const path = "runs/many/" + name;
        return contents.save(path, { type: "file", format: "text", name, path, content: "late" });
      };
      // Files are moved in the order of their names.
      contents.fileChanged.connect(function late(_, { type }) {
        if (type !== "rename") return;
        contents.fileChanged.disconnect(late);
        globalThis.late = Promise.all(["0.txt", "19.txt", "9.txt", "late.txt"].map(write));
      });
      globalThis.early = write("5.txt");
    })()`);
    assertEquals(await rename("runs/many", "runs/moved"), "renamed");
    await site.browser.evaluate("Promise.all([early, late]).then(() => 0)");
    for (const name of ["0.txt", "5.txt", "9.txt", "19.txt", "late.txt"]) {
      assertEquals(await site.file(`runs/moved/${name}`), "late", name);
    }
    assertEquals(await site.file("runs/moved/1.txt"), "");
    assertEquals(await site.file("runs/many/late.txt"), undefined);

    // A notebook of the course gives way until somebody has worked on it.
    await site.write("mine.ipynb", JSON.stringify({ cells: [] }));
    const given = await site.file("unit0/first_steps.ipynb");
    assertEquals(await rename("mine.ipynb", "unit0/first_steps.ipynb"), "renamed");
    assertEquals(given === await site.file("unit0/first_steps.ipynb"), false);

    for (const name of ["50%.txt", "a%20b.txt"]) {
      assertMatch(await rename("two.txt", name), /a name cannot hold the sign %.* 400$/);
      const saved = await site.write(name, "text").then(() => "saved", ({ message }) => message);
      assertMatch(saved, /a name cannot hold the sign %/);
    }
    assertEquals(await site.file("two.txt"), "one.txt");
    const left = await site.browser.evaluate(
      `jupyterapp.serviceManager.contents.get("", { content: true })
      .then(({ content }) => content.map(({ path }) => path).sort())`,
    );
    assertEquals(left, ["runs", "two.txt", "unit0"]);
  },
});
