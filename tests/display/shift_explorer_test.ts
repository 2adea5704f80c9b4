import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { displaySymbol } from "../../lib/display/live.ts";
import { pictureAt } from "../../lib/display/png.ts";
import { shiftDifferences, shiftExplorer } from "../../lib/display/shift_explorer.ts";
import * as tf from "../../lib/tensor/tf.ts";

const shifts = [0, 1, 2, 4];

/** One image `[4, 8]` in several positions, moved to the right with what comes out going in again. */
function positions(): tf.Tensor {
  const image = Array.from(
    { length: 4 },
    (_, y) => Array.from({ length: 8 }, (_, x) => (3 * x + y * y) % 7),
  );
  return tf.tensor(
    shifts.map((shift) => image.map((row) => row.map((_, x) => row[(x - shift + 8) % 8]))),
  );
}

Deno.test("shiftDifferences: nothing for what moves along, the share of the spread for what stays", () => {
  const images = positions();
  assertEquals(shiftDifferences(images, shifts, 8), [0, 0, 0, 0]);
  assertEquals(shiftDifferences(tf.expandDims(images, 3), shifts, 8), [0, 0, 0, 0]);

  // Means of pairs of columns move along by whole pairs only.
  const pooled = tf.mean(tf.reshape(images, [4, 4, 4, 2]), 3);
  const [still, one, two, four] = shiftDifferences(pooled, shifts, 8);
  assertEquals([still, two, four], [0, 0, 0]);
  assert(one > 0.1, `${one}`);

  // A result that stays: rows of 0 1 0 1 against 1 0 1 0, spread 1/4.
  const stays = tf.tile(tf.tensor3d([[[0, 1, 0, 1]]]), [2, 1, 1]);
  assertAlmostEquals(shiftDifferences(stays, [0, 1], 4)[1], 2);
});

Deno.test("shiftExplorer shows layers and networks, as a page and still", async () => {
  const images = tf.div(tf.expandDims(positions(), 3), 10);
  const explorer = shiftExplorer(images, {
    shifts,
    layers: [
      { name: "what <moves>", maps: positions() },
      { name: "what stays", maps: tf.tile(tf.slice(positions(), [0, 0, 0], [1, 4, 8]), [4, 1, 1]) },
    ],
    networks: { net: tf.softmax(tf.tensor2d([[1, 2], [2, 1], [0, 0], [5, 1]])) },
    classNames: ["cat", "dog"],
    caption: "Moved & compared.",
  });
  const bundle = await explorer[displaySymbol]();
  const html = bundle["text/html"] as string;
  assertEquals(html, explorer.toHtml());
  for (
    const words of ["what &lt;moves>", "Moved &amp; compared.", 'type="range" min="0" max="3"']
  ) {
    assertStringIncludes(html, words);
  }
  assertStringIncludes(html, '"differences":[0,0,0,0]');
  assertStringIncludes(html, '"probabilities":[[0.2689,0.7311]');
  // The last picture of a layer is the difference: black throughout for what moves along.
  const addresses = [...html.matchAll(/"(data:image\/png[^"]+)"/g)].map(([, address]) => address);
  assertEquals(addresses.length, 4 + 2 * 4 * 3);
  const colors = (address: string) => pictureAt(address).data.filter((_, at) => at % 4 !== 3);
  assert(colors(addresses[4 + 3 * 3 + 2]).every((value) => value === 0));
  assert(colors(addresses[4 + 4 * 3 + 3 * 3 + 2]).some((value) => value > 100));
  assertStringIncludes(bundle["image/svg+xml"] as string, "<svg");
  assertStringIncludes(bundle["text/plain"] as string, "Here it is moved by 4 pixels.");
  assertStringIncludes(
    bundle["text/plain"] as string,
    "what stays, its result, result, moved, difference",
  );
});

Deno.test("shiftExplorer's page stays whole, whatever a class or a network is called", async () => {
  const evil = "</script><script>alert(1)</script><!--";
  const explorer = shiftExplorer(tf.div(tf.expandDims(positions(), 3), 10), {
    shifts,
    layers: [{ name: evil, maps: positions() }],
    networks: { [evil]: tf.softmax(tf.tensor2d([[1, 2], [2, 1], [0, 0], [5, 1]])) },
    classNames: [evil, "dog"],
    caption: evil,
  });
  const html = (await explorer[displaySymbol]())["text/html"] as string;
  assertEquals(html.match(/<\/?script/gi)?.length, 2);
  assertEquals(html.includes("<!--"), false);
});

Deno.test("shiftExplorer refuses what does not fit", () => {
  const images = tf.zeros([4, 4, 8, 1]);
  const layers = [{ name: "layer", maps: positions() }];
  assertThrows(
    () => shiftExplorer(images, { shifts: [1, 2, 3, 4], layers }),
    RangeError,
    "first shift is 0",
  );
  assertThrows(
    () => shiftExplorer(images, { shifts: [0, 1], layers }),
    RangeError,
    "4 images for shifts 0, 1",
  );
  assertThrows(
    () => shiftExplorer(images, { shifts, layers: [{ name: "layer", maps: tf.zeros([3, 4, 8]) }] }),
    RangeError,
    "not [3,4,8]",
  );
  assertThrows(
    () => shiftExplorer(images, { shifts, layers, networks: { net: tf.zeros([4, 3]) } }),
    RangeError,
    "net gives [4,3]",
  );
});
