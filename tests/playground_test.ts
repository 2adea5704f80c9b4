/** The playground's page: made from the committed weights, and used in a real browser. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as tf from "../lib/tensor/tf.ts";
import {
  attentionRollout,
  loadWeights,
  mnist,
  normalize,
  PlainCnn,
  Random,
  saveWeights,
  VisionTransformer,
} from "../lib/mod.ts";
import { type Playground, playground } from "../playground/mod.ts";
import { toMnistForm } from "../playground/page/digit_form.ts";
import { sizesOf } from "../playground/sizes.ts";
import { mnistVit } from "../recipes/mnist_vit.ts";
import { root } from "../tools/command.ts";
import { Chromium, findChromium } from "./chromium.ts";

const random = new Random(3);
const { test: testImages } = await mnist();

/** The bytes of a test image. */
function pixelsOf(index: number): Uint8Array {
  const { images, labels } = testImages.batch([index]);
  const pixels = Uint8Array.from(images.dataSync());
  tf.dispose([images, labels]);
  return pixels;
}

// ---- The form of MNIST's digits -------------------------------------------------------------

/** A picture of paper with a rectangle of ink. */
function rectangle(
  { left, top, width, height }: Record<"left" | "top" | "width" | "height", number>,
) {
  const values = new Uint8Array(280 * 280);
  for (let y = top; y < top + height; y++) {
    values.fill(255, y * 280 + left, y * 280 + left + width);
  }
  return { values, width: 280, height: 280 };
}

Deno.test("toMnistForm fits a drawing to 20 pixels, its mass in the middle, wherever it was", () => {
  assertEquals(toMnistForm(rectangle({ left: 0, top: 0, width: 0, height: 0 })), null);
  const expected = new Uint8Array(784);
  for (let row = 4; row < 24; row++) expected.fill(255, row * 28 + 12, row * 28 + 16);
  const places = [{ left: 0, top: 0 }, { left: 260, top: 180 }, { left: 93, top: 41 }];
  for (const place of places) {
    assertEquals(toMnistForm(rectangle({ ...place, width: 20, height: 100 })), expected);
  }
});

Deno.test("toMnistForm gives an edge within a pixel its part of grey", () => {
  // 20 pixels for 100: a bar of 22 is 4.4 pixels wide, and begins at a whole one.
  const form = toMnistForm(rectangle({ left: 50, top: 50, width: 22, height: 100 }))!;
  assertEquals([...form.slice(14 * 28 + 10, 14 * 28 + 18)], [0, 0, 255, 255, 255, 255, 102, 0]);
});

Deno.test("toMnistForm finds MNIST's own digits again in larger pictures of them", () => {
  const [side, left, top] = [28 * 13, 31, 17];
  for (let index = 0; index < 50; index++) {
    const pixels = pixelsOf(index);
    const values = new Uint8Array((side + left) * (side + top));
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const at = Math.floor(y / 13) * 28 + Math.floor(x / 13);
        values[(y + top) * (side + left) + x + left] = pixels[at];
      }
    }
    assertEquals(toMnistForm({ values, width: side + left, height: side + top }), pixels);
  }
});

// ---- What is refused ------------------------------------------------------------------------

const small = {
  ...{ imageSize: 28, channels: 1, classes: 10, patchSize: 7, width: 12, mlpWidth: 20 },
  ...{ heads: 3, depth: 2, random },
};

Deno.test("sizesOf reads a model's sizes, and refuses what the page cannot show", () => {
  const { random: _, imageSize, ...sizes } = small;
  assertEquals(sizesOf(new VisionTransformer({ ...small, positions: 20 })), {
    ...sizes,
    imageSize: [imageSize, imageSize],
    positions: 20,
  });
  const refused = (options: object, words: string) => {
    const model = new VisionTransformer({ ...small, ...options });
    assertThrows(() => sizesOf(model), TypeError, words);
    model.dispose();
  };
  refused({ pool: "mean" }, 'pools by "mean"');
  refused({ imageSize: 14 }, "takes 14×14×1");
  refused({ classes: 7 }, "the model 7 classes");
  class Other extends VisionTransformer {}
  const cnn = new PlainCnn({ classes: 10, random });
  assertThrows(() => sizesOf(cnn), TypeError, "PlainCnn");
  assertEquals(sizesOf(new Other(small)).depth, 2);
});

/** Runs `./tessera playground` and returns its exit code and what it said. */
async function command(...args: string[]): Promise<{ code: number; said: string }> {
  const process = new Deno.Command(join(root, "tessera"), {
    args: ["playground", ...args],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
  });
  const { code, stdout, stderr } = await process.output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

Deno.test("tessera playground says what is wrong with a checkpoint in one line", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tessera-playground-test-" });
  try {
    const other = join(folder, "other.safetensors");
    await saveWeights(new VisionTransformer(small), other);
    const [missing, wrong, option] = await Promise.all([
      command("--checkpoint", "mnist-vti"),
      command("--checkpoint", other, "--output", join(folder, "page.html")),
      command("--chekpoint", "mnist-vit"),
    ]);
    assertEquals([missing.code, wrong.code, option.code], [2, 1, 2]);
    assertStringIncludes(missing.said, 'no checkpoint "mnist-vti". Did you mean "mnist-vit"?');
    assertStringIncludes(wrong.said, "is of another model");
    assertEquals(wrong.said.trim().split("\n").length, 1);
    assertStringIncludes(option.said, "usage: ./tessera playground");
    await assertRejects(() => Deno.stat(join(folder, "page.html")), Deno.errors.NotFound);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

// ---- In a browser ---------------------------------------------------------------------------

const chromium = findChromium();
if (!chromium) console.warn("There is no Chromium here: the playground's page is not tried out.");

/** The course's model, and its page in a folder that goes away afterwards. */
async function withPage(
  body: (model: VisionTransformer, page: Playground) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tessera-playground-test-" });
  try {
    const model = mnistVit.model(random) as VisionTransformer;
    await loadWeights(model, join(root, "checkpoints", "mnist-vit", "best.safetensors"));
    const file = join(folder, "sub", "page.html");
    await body(model, await playground(model, { examples: testImages, file }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Native logits, last block's weights, and rollout of one image. */
function native(model: VisionTransformer, pixels: Uint8Array): Record<string, number[]> {
  return tf.tidy(() => {
    const images = tf.tensor4d(Float32Array.from(pixels), [1, 28, 28, 1]);
    const batch = normalize(0.1307, 0.3081)({ images, labels: tf.tensor1d([0]) }, random);
    const { output, weights } = model.forwardWithWeights(batch.images);
    return {
      logits: [...output.dataSync()],
      heads: [...weights.at(-1)!.dataSync()],
      mean: [...tf.mean(weights.at(-1)!, 1).dataSync()],
      rollout: [...attentionRollout(weights).dataSync()],
    };
  });
}

/** The same, of the page's network. */
const predict = (pixels: Uint8Array) =>
  `playground.predict([${pixels}]).then(({ logits, attention, milliseconds }) => ({
    logits: [...logits],
    heads: attention.heads.flatMap((head) => [...head]),
    mean: [...attention.mean],
    rollout: [...attention.rollout],
    milliseconds,
  }))`;

function assertSame(actual: Record<string, number[]>, expected: Record<string, number[]>): void {
  for (const [name, values] of Object.entries(expected)) {
    assertEquals(actual[name].length, values.length, name);
    const tolerance = name === "logits" ? 1e-3 : 1e-4;
    values.forEach((value, at) => assertAlmostEquals(actual[name][at], value, tolerance, name));
  }
}

Deno.test({
  name: "the page computes what native TensorFlow does, and follows a drawn digit",
  ignore: !chromium,
  fn: () =>
    withPage(async (model, page) => {
      assert(page.megabytes < 3, `${page.megabytes} MB`);
      await using browser = await Chromium.start(chromium!);
      const size = { width: 1000, height: 900, deviceScaleFactor: 1, mobile: false };
      await browser.send("Emulation.setDeviceMetricsOverride", size);
      const address = pathToFileURL(page.file).href;
      await browser.open(address);
      await browser.evaluate("playground.ready");
      const value = (id: string) =>
        browser.evaluate(`document.getElementById("${id}").textContent`);

      // The same model, on both engines that every browser has.
      const times: number[] = [];
      for (const backend of ["wasm", "cpu", "wasm"]) {
        await browser.evaluate(`(() => {
          const choice = document.getElementById("backend");
          choice.value = "${backend}";
          choice.dispatchEvent(new Event("change"));
        })()`);
        for (const index of backend === "cpu" ? [7] : [0, 1, 2, 8, 33]) {
          const pixels = pixelsOf(index);
          const there = await browser.evaluate(predict(pixels));
          assertSame(there, native(model, pixels));
          if (backend === "wasm") times.push(there.milliseconds);
        }
        assertEquals(await browser.evaluate(`document.getElementById("backend").value`), backend);
      }
      times.sort((a, b) => a - b);
      // A quiet machine needs 5 ms; this one may be busy.
      assert(times[times.length >> 1] < 200, `${times} ms`);

      // An example is shown to the network as it is in the data set.
      await browser.evaluate(`document.querySelectorAll("#examples button")[3].click()`);
      await until(browser, `playground.shown() !== null`);
      const example = Uint8Array.from(await browser.evaluate("[...playground.drawing()]"));
      const shown = await browser.evaluate("[...playground.shown().logits]");
      assertSame({ logits: shown }, { logits: native(model, example).logits });
      assertEquals(shown.indexOf(Math.max(...shown)), 3);
      assertMatch(await value("verdict"), /3/);
      await browser.evaluate(`document.getElementById("clear").click()`);
      await until(browser, `playground.shown() === null`);
      assertEquals(await value("verdict"), "Nothing drawn yet.");

      // A one, drawn by hand, moves the bars while the pen is down.
      const box = await browser.evaluate(
        `(({ x, y, width }) => ({ x, y, width }))(document.getElementById("pad").getBoundingClientRect())`,
      );
      const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.width] as const;
      await browser.evaluate(`globalThis.seen = new Set(); new MutationObserver(() =>
        seen.add(document.getElementById("bars").textContent)
      ).observe(document.getElementById("bars"), { subtree: true, childList: true })`);
      const line = Array.from({ length: 12 }, (_, step) => at(0.5, 0.2 + 0.05 * step));
      await browser.drag(line);
      await until(browser, `document.querySelector("#bars .best b")?.textContent === "1"`);
      assert(await browser.evaluate("seen.size") > 1, "the bars moved once only");
      assertEquals(await browser.evaluate(`document.getElementById("hint").hidden`), true);

      // Where it looks: another head, another patch, by mouse and by keys.
      const words = [await value("looks-at")];
      assertMatch(words[0], /the class token looks most at row \d, column \d \(\d/);
      await browser.evaluate(`document.querySelectorAll("#maps input")[2].click()`);
      words.push(await value("looks-at"));
      const look = await browser.evaluate(
        `(({ x, y, width }) => ({ x, y, width }))(document.getElementById("look").getBoundingClientRect())`,
      );
      await browser.send("Input.dispatchMouseEvent", {
        ...{
          type: "mouseMoved",
          x: look.x + look.width * 1.5 / 7,
          y: look.y + look.width * 4.5 / 7,
        },
      });
      words.push(await value("looks-at"));
      assertStringIncludes(words[2], "head 2: the patch in row 5, column 2 looks most at");
      await browser.evaluate(`document.getElementById("look").focus()`);
      await press(browser, "ArrowDown", "ArrowRight");
      words.push(await value("looks-at"));
      assertStringIncludes(words[3], "the patch in row 6, column 3 looks");
      assertEquals(new Set(words).size, words.length);

      // Drawing by keys alone.
      await browser.evaluate(`document.getElementById("pad").focus()`);
      await press(browser, "Delete");
      await until(browser, `playground.shown() === null`);
      await press(browser, " ", "ArrowDown", "ArrowDown", "ArrowDown", " ");
      await until(browser, `playground.shown() !== null`);
      assertNotEquals(await value("verdict"), "Nothing drawn yet.");

      assertEquals(browser.errors, []);
      assertEquals(browser.requests, [address]); // the file itself, and nothing more
    }),
});

Deno.test("a notebook's output holds the page in a frame of its own, and words for the PDF", () =>
  withPage((_, page) => {
    const output = page.output();
    assertMatch(output["text/html"], /^<iframe [^>]*sandbox="allow-scripts" srcdoc="&lt;!DOCTYPE/);
    // JupyterLab has no page at a file's path: the frame's own page opens in a tab.
    assert(!output["text/html"].includes("<a "), "a link to a file leads nowhere");
    assertMatch(output["text/html"], /<button type="button" id="(playground-\w+)-open">/);
    assertMatch(output["text/html"], /new Blob\(\[frame\.srcdoc\], { type: "text\/html" }\)/);
    assertMatch(output["text/plain"], /page\.html \(\d\.\d MB\)/);
    return Promise.resolve();
  }));

/** Waits for something to be so on the page. */
async function until(browser: Chromium, condition: string): Promise<void> {
  for (let attempt = 0; attempt < 1200; attempt++) {
    if (await browser.evaluate(condition)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`this did not come to be so: ${condition}`);
}

async function press(browser: Chromium, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    for (const type of ["keyDown", "keyUp"]) {
      await browser.send("Input.dispatchKeyEvent", { type, key });
    }
  }
}
