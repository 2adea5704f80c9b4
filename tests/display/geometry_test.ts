import { assertAlmostEquals, assertEquals } from "@std/assert";
import { parseHTML } from "linkedom";
import { ascent, descent, loadFont, textWidth } from "../../lib/display/text_metrics.ts";
import { boundingBox, type Box, overlap, type SvgNode } from "../../lib/display/geometry.ts";
import { categoryLabels, shorten, wrap } from "../../lib/display/frame.ts";

await loadFont();

function boxOf(markup: string, selector = "#it"): Box {
  const { document } = parseHTML(`<svg>${markup}</svg>`);
  return boundingBox(document.querySelector(selector) as unknown as SvgNode)!;
}

function assertBox(box: Box, left: number, top: number, right: number, bottom: number): void {
  const names = ["left", "top", "right", "bottom"] as const;
  names.forEach((name, index) =>
    assertAlmostEquals(box[name], [left, top, right, bottom][index], 1e-6, name)
  );
}

Deno.test("textWidth is the font's own", () => {
  // Advance widths of DejaVu Sans in units of 2048 to the em: n 1298, M 1767, 1 1303.
  assertAlmostEquals(textWidth("n", 2048), 1298, 1e-6);
  assertAlmostEquals(textWidth("M1", 1024), (1767 + 1303) / 2, 1e-6);
  assertEquals(textWidth("", 12), 0);
  assertEquals(textWidth("loss", 12, true) > textWidth("loss", 12), true);
});

Deno.test("boundingBox follows anchors, lines and sizes of text", () => {
  const width = textWidth("loss", 20);
  const style = 'style="font-size:20px"';
  assertBox(
    boxOf(`<text id="it" x="5" y="50" ${style}>loss</text>`),
    5,
    50 - 20 * ascent,
    5 + width,
    50 + 20 * descent,
  );
  const middle = boxOf(`<text id="it" x="100" y="50" text-anchor="middle" ${style}>loss</text>`);
  assertAlmostEquals((middle.left + middle.right) / 2, 100);
  const lines = boxOf(
    `<text id="it" x="5" y="50" ${style}><tspan class="line" dy="0em" x="5" y="50">loss</tspan>` +
      `<tspan class="line" dy="1.3em" x="5" y="50">x</tspan></text>`,
  );
  assertBox(lines, 5, 50 - 20 * ascent, 5 + width, 50 + 26 + 20 * descent);
});

Deno.test("boundingBox follows the transforms of an element and its parents", () => {
  const box = boxOf(
    '<g transform="translate(10,20) scale(2)"><g transform="rotate(90,1,1)">' +
      '<rect id="it" x="1" y="1" width="4" height="2"/></g></g>',
  );
  // Turned by a right angle about its corner (1, 1): 2 wide to the left and 4 high downwards.
  assertBox(box, 10 + 2 * -1, 20 + 2 * 1, 10 + 2 * 1, 20 + 2 * 5);
});

Deno.test("boundingBox reads paths, absolute and relative", () => {
  assertBox(boxOf('<path id="it" d="M1,2h10v-4L-3,5.5Z"/>'), -3, -2, 11, 5.5);
  assertBox(
    boxOf(
      '<g id="it"><circle cx="3" cy="4" r="2"/><defs><rect width="99" height="99"/></defs></g>',
    ),
    1,
    2,
    5,
    6,
  );
});

Deno.test("overlap needs a shared area", () => {
  const box = (left: number): Box => ({ left, right: left + 10, top: 0, bottom: 10 });
  assertEquals([overlap(box(0), box(9)), overlap(box(0), box(10)), overlap(box(0), box(9), 2)], [
    true,
    false,
    false,
  ]);
});

Deno.test("wrap and shorten keep within their width", () => {
  const text = "the quick brown fox jumps over the lazy dog";
  const lines = wrap(text, 100, 12);
  assertEquals(lines.join(" "), text);
  for (const line of lines) assertEquals(textWidth(line, 12) <= 100, true, line);
  assertEquals(wrap("one\ntwo", 100, 12), ["one", "two"]);
  const short = shorten(text, 100, 12);
  assertEquals(short.endsWith("…") && textWidth(short, 12) <= 100, true);
  assertEquals(shorten("dog", 100, 12), "dog");
});

Deno.test("categoryLabels breaks names before it turns them", () => {
  assertEquals(categoryLabels(["cat", "dog"], 60).angle, 0);
  const broken = categoryLabels(["frog & cat", "dog"], 50);
  assertEquals([broken.angle, broken.texts[0]], [0, "frog &amp;<br>cat"]);
  assertEquals(categoryLabels(["automobile", "dog"], 50).angle, -45);
});
