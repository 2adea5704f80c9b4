/** `./tessera docs`, and Help → Library in JupyterLab. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { findChromium } from "../chromium.ts";
import { Lab } from "../lab.ts";

async function docs(home: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(join(root, "tessera"), {
    args: ["docs"],
    cwd: root,
    env: { TESSERA_HOME: home, NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals(code, 0, said);
  return said;
}

Deno.test("tessera docs makes pages of every export that need no network, and keeps what a person wrote", async () => {
  const home = await Deno.makeTempDir({ prefix: "tessera-docs-test-" });
  const folder = join(home, "out", "docs");
  try {
    assertStringIncludes(await docs(home), "index.html: open it in a browser.");
    const read = (path: string) => Deno.readTextFile(join(folder, path));
    assertStringIncludes(await read("~/patchify.html"), "Cuts images into square patches");
    assertStringIncludes(await read("search_index.js"), "AdamW");
    assert(!/<(script|link)[^>]+(src|href)="(https?:)?\/\//.test(await read("index.html")));

    // A page that is as it was made is made anew; what a person wrote in its place is kept.
    await Deno.writeTextFile(join(folder, "~", "patchify.html"), "mine");
    await Deno.writeTextFile(join(folder, "note.md"), "a note");
    await Deno.remove(join(folder, "index.html"));
    assertStringIncludes(await docs(home), "Another file was in its place: kept as");
    assertStringIncludes(await read("~/patchify.html"), "Cuts images into square patches");
    assertEquals(await read("note.md"), "a note");
    const kept = [...Deno.readDirSync(join(folder, "~"))].map(({ name }) => name)
      .filter((name) => /^patchify\.\d{4}/.test(name));
    assertEquals(kept.length, 1);
    assertEquals(await read(`~/${kept[0]}`), "mine");

    const { mtime } = await Deno.stat(join(folder, "index.html"));
    await docs(home);
    assertEquals((await Deno.stat(join(folder, "index.html"))).mtime, mtime, "made twice");
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

const chromium = findChromium();

Deno.test({
  name: "JupyterLab's Help menu leads to the library's pages, whose search finds a name",
  ignore: chromium === undefined,
  fn: async () => {
    await using lab = await Lab.start(chromium!);
    const { browser } = lab;
    await lab.openNotebook("unit0/first_steps.ipynb");
    await lab.command("helpmenu:open");
    await lab.until(`[...document.querySelectorAll(".lm-Menu-itemLabel")]
      .some(({ textContent }) => textContent === "Library")`);
    await browser.press("Escape");
    // In this tab, where it can be looked at; the notebook may not be saved yet, which nobody is asked about.
    await browser.evaluate(`window.open = (address) => location.assign(address);
      addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), true)`);
    await lab.command("tessera:docs").catch(() => {}); // the page goes away under it
    await lab.until(`document.title.startsWith("Tessera") && document.querySelector("#searchbar")`);
    await lab.until(`document.querySelector("#searchbar").style.display !== "none"`);
    await browser.evaluate(`document.querySelector("#searchbar").focus(), 0`);
    await browser.send("Input.insertText", { text: "patchify" });
    await browser.press("y");
    await lab.until(`[...document.querySelectorAll("#searchResults a")]
      .some(({ href }) => href.endsWith("/tessera/docs/~/patchify.html"))`);
  },
});
