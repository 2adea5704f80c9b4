/** Stop in the site's cells. */
import { assertEquals } from "@std/assert";
import { notebookOf } from "./made_site.ts";
import { shownBy, type SiteInBrowser } from "./site_in_browser.ts";

/** Stop keeps the state, and ends a loop that never awaits as well as an await that never settles. */
export async function stopsCells(site: SiteInBrowser): Promise<void> {
  const endless = [
    "let turns = 1; while (true) turns++;",
    "try { await new Promise(() => {}) } finally { turns = -turns }",
    "turns < 0",
  ];
  await site.openNotebook("unit0/endless.ipynb", notebookOf(endless));
  for (const at of [0, 1]) {
    const running = site.runCell(at);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await site.stop();
    await running;
  }
  await site.runCell(2);
  const [loop, wait, state] = (await site.cells()).map(({ outputs }) => shownBy(outputs));
  const stopped = "Stopped: The cell was stopped.";
  assertEquals([loop, wait, state], [stopped, stopped, "true"]);
}
