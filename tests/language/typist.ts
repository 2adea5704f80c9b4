/** One who types in JupyterLab, key by key, and looks at what the language server shows. */
import type { Lab } from "../lab.ts";

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Typist {
  constructor(readonly lab: Lab) {}

  /** Puts the cursor into a cell, which is emptied. */
  async goTo(cell: number): Promise<void> {
    await this.lab.browser.evaluate(`
      panel.content.activeCellIndex = ${cell};
      panel.content.mode = "edit";
      panel.content.activeCell.model.sharedModel.setSource("");
      panel.content.activeCell.editor.focus()`);
  }

  /** Sets a cell's text at once, as by pasting. */
  async paste(cell: number, text: string): Promise<void> {
    await this.lab.browser.evaluate(
      `panel.content.widgets[${cell}].model.sharedModel.setSource(${JSON.stringify(text)})`,
    );
  }

  /** Types a text key by key, but for the spaces that the editor puts at the start of a line. */
  async type(text: string, millisecondsBetween = 20): Promise<void> {
    const { browser } = this.lab;
    let indented = 0;
    for (const key of text) {
      if (key === " " && indented > 0) {
        indented--;
        continue;
      }
      indented = 0;
      if (key === "\n") {
        // Enter takes the name that is offered; who wants a new line closes the list first.
        if (await this.isOffered()) await this.press("Escape");
        await browser.press("Enter");
        indented = await browser.evaluate(
          "panel.content.activeCell.editor.getCursorPosition().column",
        );
      } else {
        const down = { type: "keyDown", key, text: key, unmodifiedText: key };
        await browser.send("Input.dispatchKeyEvent", down);
        await browser.send("Input.dispatchKeyEvent", { type: "keyUp", key });
      }
      await wait(millisecondsBetween);
    }
  }

  async press(key: string): Promise<void> {
    await this.lab.browser.press(key);
  }

  /** What stands in a cell. */
  async textOf(cell: number): Promise<string> {
    return await this.lab.browser.evaluate(
      `panel.content.widgets[${cell}].model.sharedModel.getSource()`,
    );
  }

  /** The underlined texts of a cell, in order. */
  async underlined(cell: number): Promise<string[]> {
    return await this.lab.browser.evaluate(`(() => {
      const marks = panel.content.widgets[${cell}].node.querySelectorAll(".cm-lintRange");
      const texts = [];
      let last;
      for (const mark of marks) {
        const next = last && last.nextSibling === mark; // one mark in several pieces of syntax
        if (next) texts[texts.length - 1] += mark.textContent;
        else texts.push(mark.textContent);
        last = mark;
      }
      return texts;
    })()`);
  }

  /** The underlined texts once they are as wanted: each cell draws its marks a moment after the others. */
  async underlinedInTime(cell: number, wanted: readonly string[]): Promise<string[]> {
    let marks = await this.underlined(cell);
    for (let attempt = 0; attempt < 50 && `${marks}` !== `${wanted}`; attempt++) {
      await wait(200);
      marks = await this.underlined(cell);
    }
    return marks;
  }

  async isOffered(): Promise<boolean> {
    return await this.lab.browser.evaluate(
      `document.querySelector(".jp-Completer:not(.lm-mod-hidden) .jp-Completer-match") !== null`,
    );
  }

  /** The names that are offered, once some are. */
  async offered(seconds = 60): Promise<string[]> {
    const items =
      `[...document.querySelectorAll(".jp-Completer:not(.lm-mod-hidden) .jp-Completer-match")]
        .map((each) => each.textContent)`;
    await this.lab.until(`${items}.length > 0`, seconds);
    return await this.lab.browser.evaluate(items);
  }

  /** Points at a word of a cell, and gives what the box says that comes up. */
  async pointAt(cell: number, word: string, box = ".lsp-hover", seconds = 60): Promise<string> {
    const { browser } = this.lab;
    const [x, y] = await browser.evaluate(`(() => {
      const content = panel.content.widgets[${cell}].node.querySelector(".cm-content");
      const walker = document.createTreeWalker(content, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const at = walker.currentNode.textContent.indexOf(${JSON.stringify(word)});
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(walker.currentNode, at);
        range.setEnd(walker.currentNode, at + ${word.length});
        const { x, y, width, height } = range.getBoundingClientRect();
        return [x + width / 2, y + height / 2];
      }
    })()`);
    const text = `[...document.querySelectorAll(${
      JSON.stringify(box)
    })].map((each) => each.textContent).join("")`;
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      for (const shift of [9, 0]) {
        const move = { type: "mouseMoved", x: x - shift, y: y + shift };
        await browser.send("Input.dispatchMouseEvent", move);
        await wait(60);
      }
      // The editor waits a moment before it asks.
      for (let tries = 0; tries < 24; tries++) {
        const said: string = await browser.evaluate(text);
        if (said !== "") return said;
        await wait(50);
      }
    }
    return "";
  }

  /** Waits until the server has read all cells: it marks a name that nobody has declared. */
  async untilRead(cell: number, name: string, seconds = 120): Promise<void> {
    await this.paste(cell, `${name};`);
    await this.lab.until(
      `[...panel.content.widgets[${cell}].node.querySelectorAll(".cm-lintRange")]
        .some((each) => each.textContent === ${JSON.stringify(name)})`,
      seconds,
    );
  }
}
