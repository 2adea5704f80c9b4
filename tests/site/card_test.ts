/** Trainings on a graphics card by WebGPU: on one that the processor plays, by Chromium's SwiftShader. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { largestDifference, tolerance } from "../../lib/tensor/webgpu/agreement.ts";
import { findChromium, softwareCard } from "../chromium.ts";
import { notebookOf, siteOfUnit0 } from "./made_site.ts";
import { SiteInChromium, wordsOf } from "./site_in_chromium.ts";

const chromium = findChromium();

/** Loss and gradients of a model, compiled, of other images in each call; the report says how far they lay apart. */
const gradientsOf = (model: string) =>
  `{
  const random = new Random(3), model = ${model};
  model.setTraining(true);
  const labels = tf.oneHot(tf.tensor1d([0, 2, 1], "int32"), 3);
  const step = compile((images: tf.Tensor) => {
    const loss = () => tf.losses.softmaxCrossEntropy(labels, model.forward(images)) as tf.Scalar;
    const { value, grads } = tf.variableGrads(loss, [...model.namedParameters().values()]);
    return { value, ...grads };
  }, { name: "step of gradients" });
  for (let call = 0; call < 4; call++) {
    const images = new Random(call).normal([3, 8, 8, 2]) as tf.Tensor4D;
    tf.dispose([images, await step(images)]);
  }
  const { onCard, largestDifference, allowedDifference, reason } = step.reports()[0];
  console.log(JSON.stringify({ onCard, largestDifference, allowedDifference, reason }));
}`;

const imports = `
  import * as tf from "@tensorflow/tfjs";
  import { AdamW, compile, constant, ImageDataset, PlainCnn, Random, Trainer, VisionTransformer } from "tessera";`;
const transformer =
  `new VisionTransformer({ imageSize: 8, channels: 2, patchSize: 4, classes: 3, width: 12, mlpWidth: 20, heads: 2,
    depth: 1, dropout: 0.1, random })`;
const convolutions =
  `new PlainCnn({ imageSize: 8, channels: 2, width: 5, classes: 3, normalised: true, random })`;

/** Trains by Adam, 20 steps an epoch, and says the loss of each. */
const training = (epochs: number) => `
  const random = new Random(3), model = ${transformer};
  const size = 120, images = Uint8Array.from({ length: size * 128 }, (_, at) => Math.imul(at, 2654435761) >>> 24);
  const labels = Array.from({ length: size }, (_, at) => at % 3);
  const train = new ImageDataset({ images, labels, imageShape: [8, 8, 2], classNames: ["a", "b", "c"] });
  const losses: number[] = [];
  const trainer = new Trainer({
    ...{ model, train, batchSize: 6, epochs: ${epochs}, seed: 1, progress: false },
    ...{ optimizer: new AdamW(model), schedule: constant(1e-3) },
    callbacks: [{ onStep: ({ loss }) => void losses.push(loss) }],
  });
  await trainer.run();
  console.log(JSON.stringify(losses));`;

/** Says how often the kernel's worker has fetched what computes on a card. */
const fetched = `{
  const addresses = performance.getEntriesByType("resource").map(({ name }) => name);
  console.log("fetched", addresses.filter((name) => /\\/parts\\/webgpu-[^/]*\\.js/.test(name)).length);
}`;

/** What a cell has shown; throws where it failed. */
async function said(site: SiteInChromium, index: number): Promise<string> {
  await site.runCell(index);
  const { outputs } = (await site.cells())[index];
  assertEquals(outputs.filter(({ output_type }) => output_type === "error"), [], wordsOf(outputs));
  return wordsOf(outputs);
}

const lossesIn = (words: string): number[] => JSON.parse(/^\[.*\]$/m.exec(words)![0]);

Deno.test("largestDifference: of the largest value, of NaN, and of whole numbers", () => {
  const pair = (label: string, expected: number[], actual: number[]) => ({
    ...{ label, expected: Float32Array.from(expected), actual: Float32Array.from(actual) },
  });
  const near = largestDifference([pair("a", [1, -4], [1.5, -4]), pair("b", [2], [2])]);
  assertEquals(near, { label: "a", relative: 0.125 });
  // Far smaller than the largest of all: rounding.
  const small = largestDifference([pair("a", [1000], [1000]), pair("b", [1e-5], [3e-5])]);
  assert(small.relative < 1e-4);
  assertEquals(largestDifference([pair("a", [1, 2], [1, NaN])]).relative, NaN);
  assertEquals(largestDifference([pair("a", [NaN, 2], [NaN, 2])]).relative, 0);
  assertEquals(largestDifference([pair("a", [1, 2], [1])]).relative, Infinity);
  const whole = { label: "a", expected: Int32Array.of(1000), actual: Int32Array.of(1001) };
  assertEquals(largestDifference([whole]).relative, Infinity);
});

Deno.test({
  name:
    "steps run on a graphics card with WASM's losses and gradients, and on WASM once it is lost",
  ignore: !chromium,
  async fn() {
    await using site = await SiteInChromium.start(chromium!, await siteOfUnit0(), softwareCard);
    // One that the processor plays is taken where it is asked for by name only.
    await site.enter();
    const without = notebookOf([imports, gradientsOf(transformer), training(4), fetched]);
    await site.openNotebook("unit0/without.ipynb", without);
    assertMatch(await said(site, 0), /in this browser, by tfjs \S+ \(WASM\): a training's step/);
    assertMatch(await said(site, 1), /"largestDifference":0,/);
    const losses = lossesIn(await said(site, 2));
    assertStringIncludes(await said(site, 3), "fetched 0");

    await site.enter("TESSERA_BACKEND=webgpu");
    const cells = [imports, gradientsOf(transformer), gradientsOf(convolutions), training(1)];
    await site.openNotebook("unit0/with.ipynb", notebookOf([...cells, fetched]));
    assertMatch(await said(site, 0), /tried on the graphics card \(WebGPU: .*swiftshader/);
    for (const at of [1, 2]) {
      const report = JSON.parse(/^\{"onCard.*$/m.exec(await said(site, at))![0]);
      assertEquals([report.onCard, report.reason], [true, ""]);
      assertEquals(report.allowedDifference, tolerance);
      const { largestDifference } = report;
      assert(largestDifference > 0 && largestDifference < 1e-4, `${largestDifference}`);
    }
    const trained = await said(site, 3);
    assertStringIncludes(trained, onCard);
    assertClose(lossesIn(trained), losses.slice(0, 20));
    assertStringIncludes(await said(site, 4), "fetched 1");

    // The card goes in the midst of a training, which goes on with WASM from the weights of its last step.
    await site.openNotebook("unit0/lost.ipynb", notebookOf([imports, training(4)]));
    await said(site, 0);
    const running = said(site, 1);
    await site.until(
      `JSON.stringify(testedNotebook.content.model.toJSON().cells[1].outputs).includes("${onCard}")`,
      120,
    );
    await site.browser.send("Browser.crashGpuProcess");
    const lost = await running;
    assertMatch(
      lost,
      /The training step runs on WASM, not on the graphics card: the card was lost/,
    );
    assertClose(lossesIn(lost), losses);
  },
});

/** What is said of a training that runs there. */
const onCard = "The training step runs on the graphics card, with WASM's values: it takes";

function assertClose(found: readonly number[], expected: readonly number[]): void {
  assertEquals(found.length, expected.length);
  const worst = Math.max(...found.map((loss, at) => Math.abs(loss - expected[at])));
  // Adam makes much of the rounding in small gradients.
  assert(worst < 1e-2, `off by ${worst}`);
}
