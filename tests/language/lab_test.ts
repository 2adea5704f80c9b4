/** Help while one types, in JupyterLab as `./tessera lab` opens it. Pictures are in `out/tests/typing`. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { findChromium } from "../chromium.ts";
import { Lab } from "../lab.ts";
import { openForTyping, typeAndLook } from "./in_lab.ts";
import { typedCells } from "./learners_cells.ts";

const chromium = findChromium();
const ignore = !chromium;
if (ignore) console.warn("There is no Chromium here: nobody types in JupyterLab.");

const pictures = join(root, "out", "tests", "typing");

/** All of them are `deno task typing`. */
const some = typedCells.filter(({ cell }) =>
  [
    "losses.push(0.5);",
    "const flat =",
    "console.log(heigth);",
    "images + images;",
    "def f(x)",
    "const open =",
  ]
    .some((start) => cell.startsWith(start)) || /^(const layer|import \{ Traner)/.test(cell)
);

Deno.test({
  name: "JupyterLab underlines, offers and explains while one types, and nothing else comes up",
  ignore,
  fn: async () => {
    await Deno.mkdir(pictures, { recursive: true });
    await using lab = await Lab.start(chromium!);
    const typist = await openForTyping(lab);
    assert(some.length >= 7);
    for (const each of some) await typeAndLook(typist, each);
    await lab.browser.screenshot(join(pictures, "typed.png"));
    // What a mark says, in the box that comes up at it.
    await typist.goTo(1);
    await typist.type("console.log(heigth);");
    await typist.untilRead(2, "undeclared_name_again");
    const said = await typist.pointAt(1, "heigth", ".cm-tooltip-lint");
    assert(said.includes("Cannot find name 'heigth'"), said);
    await lab.browser.screenshot(join(pictures, "mark.png"));
  },
});

Deno.test({
  name: "TESSERA_LANGUAGE_SERVER=0: no language server, and Tab asks the kernel as it did",
  ignore,
  fn: async () => {
    await using lab = await Lab.start(chromium!, { environment: { TESSERA_LANGUAGE_SERVER: "0" } });
    const typist = await openForTyping(lab, false);
    const { sessions } = await lab.browser.evaluate(
      `fetch("/lsp/status").then((answer) => answer.json())`,
    );
    assertEquals(sessions, {});
    await typist.goTo(1);
    await typist.type("Math.f");
    await typist.press("Tab");
    const names = await typist.offered();
    assert(names.includes("floor") && names.includes("fround"), names.join());
    assertEquals(await typist.underlined(0), []);
  },
});
