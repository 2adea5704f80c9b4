/** Help while one types, in JupyterLab as `./tessera lab` opens it. Pictures are in `out/tests/typing`. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { findChromium } from "../chromium.ts";
import { Lab } from "../lab.ts";
import { openForTyping, typeAndLook } from "./in_lab.ts";
import { typedCells } from "./learners_cells.ts";
import type { Typist } from "./typist.ts";

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

/** What a mark says, in the box that comes up at it. */
async function markSays(typist: Typist, word: string, picture: string): Promise<void> {
  assertEquals(await typist.underlinedInTime(1, [word]), [word]);
  const said = await typist.pointAt(1, word, ".cm-tooltip-lint");
  assert(said.includes(`Cannot find name '${word}'`), said);
  await typist.lab.browser.screenshot(join(pictures, picture));
}

/** Escape closes the list of names and no more. */
async function escapeClosesTheList(typist: Typist, picture: string): Promise<void> {
  await typist.goTo(1);
  await typist.type("losses.pu");
  assertEquals(await typist.offered(), ["push"]);
  await typist.lab.browser.screenshot(join(pictures, picture));
  await typist.press("Escape");
  assertEquals([await typist.isOffered(), await typist.textOf(1)], [false, "losses.pu"]);
  assertEquals(await typist.lab.browser.evaluate("panel.content.mode"), "edit");
}

/** Sets the dark theme. The page takes no letter while it exchanges one theme's style sheet for another's. */
async function darken(lab: Lab): Promise<void> {
  const theme = "JupyterLab Dark";
  await lab.command("apputils:change-theme", { theme });
  await lab.until(`document.body.dataset.jpThemeName === ${JSON.stringify(theme)} &&
    document.getElementById("jupyterlab-splash") === null`);
}

/** How many answers two connections hear that ask by the same number. */
async function answersToTwo(lab: Lab): Promise<number[]> {
  return await lab.browser.evaluate(`(async () => {
    const address = location.origin.replace("http", "ws") + "/lsp/ws/deno";
    const ask = JSON.stringify({ jsonrpc: "2.0", id: 7, method: "workspace/symbol", params: {} });
    const all = [0, 1].map(() => ({ socket: new WebSocket(address), heard: 0 }));
    for (const each of all) {
      each.socket.onmessage = ({ data }) => { if (JSON.parse(data).id === 7) each.heard++; };
      await new Promise((resolve) => each.socket.onopen = resolve);
    }
    for (const { socket } of all) socket.send(ask);
    while (all.some(({ heard }) => heard === 0)) await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const { socket } of all) socket.close();
    return all.map(({ heard }) => heard);
  })()`);
}

Deno.test({
  name: "JupyterLab underlines, offers and explains while one types, and nothing else comes up",
  ignore,
  fn: async (test) => {
    await Deno.mkdir(pictures, { recursive: true });
    await using lab = await Lab.start(chromium!);
    const typist = await openForTyping(lab);
    await test.step("cells that are typed key by key", async () => {
      assert(some.length >= 7);
      for (const each of some) await typeAndLook(typist, each);
      await lab.browser.screenshot(join(pictures, "typed.png"));
    });
    await test.step("two windows on one home, one of them dark: each has its own marks", async () => {
      await using dark = await lab.another(chromium!);
      const second = await openForTyping(dark, true, "unit1/second.ipynb");
      await darken(dark);
      const typed = [[typist, "heigth"], [second, "widht"]] as const;
      await Promise.all(typed.map(async ([each, word]) => {
        await each.goTo(1);
        await each.type(`console.log(${word});`);
        assertEquals(await each.textOf(1), `console.log(${word});`);
        await each.untilRead(2, `undeclared_at_${word}`);
      }));
      await markSays(typist, "heigth", "mark.png");
      await markSays(second, "widht", "dark_mark.png");
      await escapeClosesTheList(second, "dark_offers.png");
      assertEquals(await answersToTwo(lab), [1, 1], "each hears its own answer alone");
    });
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
