/** Access: words for what is seen, keys for what is pointed at, contrast, dark theme, a zoom of 200 %. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { join } from "node:path";
import { program, root } from "../tools/command.ts";
import { complaintsOf, exportPages } from "./access.ts";
import { violations } from "./axe.ts";
import { Chromium, findChromium } from "./chromium.ts";
import { Lab } from "./lab.ts";

const chromium = findChromium();
const ignore = !chromium;
if (ignore) console.warn("There is no Chromium here: access is not tried out.");

const sample = join(root, "tests", "notebooks", "displays.ipynb");

Deno.test({
  name: "an exported page breaks no rule of access, and needs no network",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "tessera-access-test-" });
    try {
      const executed = join(folder, "displays.ipynb");
      const { success, stdout } = await new Deno.Command(program("python"), {
        args: [join(root, "tools", "execute.py"), sample, executed],
        env: { TESSERA_HEADLESS: "1", TESSERA_HOME: folder },
      }).output();
      assert(success, new TextDecoder().decode(stdout));
      const [page] = await exportPages([executed], folder);
      await using browser = await Chromium.start(chromium!);
      assertEquals(await complaintsOf(browser, page), []);
      const html = await Deno.readTextFile(page);
      assertStringIncludes(html, '<annotation encoding="application/x-tex">\\sqrt{x}</annotation>');
      assertMatch(html, /<math display="block"[\s\S]*?<mfrac>/);
      assertStringIncludes(html, "<code>$dollars$</code>");
      assertMatch(html, /<img alt="Loss\nloss against epoch/);
      assertMatch(html, /<img alt="3 images of 28×28 pixels\nfour, ✗ nine, seven/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "in JupyterLab outputs have words and keys, follow the theme, and stay readable at 200 %",
  ignore,
  fn: async () => {
    // High enough that all of the notebook is drawn.
    await using lab = await Lab.start(chromium!, { height: 6000 });
    const { browser } = lab;
    await Deno.copyFile(sample, join(lab.home, "displays.ipynb"));
    await lab.openNotebook("displays.ipynb");
    await lab.runAll();
    await lab.until(`document.querySelectorAll(".jp-RenderedPlotly[role]").length === 5`);
    // deno-lint-ignore no-explicit-any
    const read = (expression: string): Promise<any> => browser.evaluate(expression);

    // Words.
    const figures = `[...document.querySelectorAll(".jp-RenderedPlotly")]`;
    assertEquals(
      await read(`${figures}.map((each) => each.getAttribute("role")).join()`),
      "figure,figure,figure,figure,figure",
    );
    assertStringIncludes(
      await read(`${figures}[0].getAttribute("aria-label")`),
      "loss against epoch",
    );
    const grid = `document.querySelector(".jp-RenderedSVG svg")`;
    assertEquals(await read(`${grid}.getAttribute("role")`), "img");
    assertStringIncludes(await read(`${grid}.getAttribute("aria-label")`), "four, ✗ nine, seven");

    // Axe, in both themes; the charts change with the theme while they are looked at.
    const ink = `getComputedStyle(${figures}[0].querySelector(".gtitle")).fill`;
    const light = await read(ink);
    const changeTheme = async (theme: string) => {
      await lab.command("apputils:change-theme", { theme });
      await lab.until(`document.body.dataset.jpThemeName === ${JSON.stringify(theme)}`);
    };
    for (const theme of ["JupyterLab Light", "JupyterLab Dark"]) {
      await changeTheme(theme);
      await new Promise((resolve) => setTimeout(resolve, 500));
      assertEquals(await violations(browser, { within: ".jp-OutputArea" }), [], theme);
    }
    assertNotEquals(await read(ink), light);
    assertEquals(await read(ink), "rgb(255, 255, 255)");
    assertEquals(
      await read(`getComputedStyle(${grid}.querySelector("text")).fill`),
      "rgb(255, 255, 255)",
    );
    await changeTheme("JupyterLab Light");
    // JupyterLab may still be taking the keyboard back for the notebook.
    const focus = async (element: string) =>
      await lab.until(`${element}.focus() ?? document.activeElement === ${element}`);

    // The attention explorer by keys, in command mode, where the same keys choose cells.
    const explorer = `document.querySelector('figure[id^="attention-"]')`;
    await read(`${explorer}.scrollIntoView()`);
    await focus(`${explorer}.querySelector("svg")`);
    const active = await read("panel.content.activeCellIndex");
    await browser.press("ArrowDown", "ArrowRight", "ArrowDown");
    const looks = `${explorer}.querySelector("svg").getAttribute("aria-label")`;
    assertStringIncludes(await read(looks), "The patch in row 2, column 2 looks most at");
    assertEquals(await read("panel.content.activeCellIndex"), active);
    await browser.press("Home");
    assertStringIncludes(await read(looks), "The class token looks most at");

    // So does the shift explorer's slider.
    const shift = `document.querySelector('figure[id^="shift-"]')`;
    await focus(`${shift}.querySelector("input")`);
    const chosen = await read("panel.content.activeCellIndex");
    await browser.press("ArrowRight", "ArrowRight");
    const moved = `${shift}.querySelector("output").textContent`;
    assertEquals(
      await read(`[${moved}, document.activeElement.type].join()`),
      "2 pixels,range",
      "two keys after the slider was chosen",
    );
    assertEquals(await read("panel.content.activeCellIndex"), chosen);

    // A live chart tells values under the pointer.
    const live = `[...document.querySelectorAll(".jp-RenderedSVG")].at(-1)`;
    const told = `${live}.querySelector(".tessera-hover").innerText`;
    const values = "epoch 2\n training: 2\n validation: 2.2";
    // Where the page still scrolls, or has no styles yet, the chart is found again.
    for (let tries = 0; tries < 50 && await read(told) !== values; tries++) {
      const box = await read(`(({ x, y, width, height }) => ({ x, y, width, height }))(
        ${live}.querySelector("svg").getBoundingClientRect())`);
      for (const share of [0.52, 0.53]) {
        await browser.send("Input.dispatchMouseEvent", {
          ...{ type: "mouseMoved", x: box.x + share * box.width, y: box.y + 0.5 * box.height },
        });
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assertEquals(await read(told), values);

    // Words are not cut in the middle.
    const said = `document.querySelector(".jp-RenderedText pre")`;
    assertEquals(await read(`getComputedStyle(${said}).wordBreak`), "normal");

    // At 200 % charts are as wide as there is room, with letters of 13 pixels at least.
    await lab.setSize({ width: 1400, height: 2000, zoom: 2 });
    await lab.command("application:toggle-left-area");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    for (const chart of [`${figures}[0].querySelector(".plot-container")`, grid]) {
      // Plotly draws its letters anew for the new width.
      await lab.until(`${chart}?.querySelector("text")?.getBoundingClientRect().height > 0`);
      const [right, room, letters] = await read(`(() => {
        const chart = ${chart}, text = chart.querySelector("text");
        return [
          chart.getBoundingClientRect().right,
          document.querySelector(".jp-WindowedPanel-viewport").getBoundingClientRect().right,
          text.getBoundingClientRect().height * devicePixelRatio,
        ];
      })()`);
      assert(right <= room, `${chart}: ${right} > ${room}`);
      assert(letters >= 13, `${chart}: letters of ${letters} pixels`);
    }
  },
});
