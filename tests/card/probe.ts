/**
 * What one process finds out about the device: how exact and fast products are in each precision, what crosses over
 * in a step with its data, and whether what has to be said is said. Prints a line of JSON for each; `probe.ts device`
 * the first alone.
 */
import { mainCases as cases } from "../../bench/cases.ts";
import { crossEntropy, Random } from "../../lib/mod.ts";
import { graphicsCard, nativeBackend } from "../../lib/tensor/native.ts";
import { inPrecision, type Precision } from "../../lib/tensor/precision.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { crossEntropyOfEach } from "../../lib/training/losses.ts";
import { TrainingStep } from "../../lib/training/training_step.ts";

const say = (facts: object) => console.log(JSON.stringify(facts));
const { api } = nativeBackend()!.binding;
const isOnCard = graphicsCard() !== undefined;

say({
  ...tf.backendReport,
  card: graphicsCard(),
  switches: {
    precision: api.enableTensorFloat32 !== null,
    determinism: api.enableDeterminism !== null,
  },
  deterministic: api.isDeterminismEnabled?.(),
});
if (Deno.args[0] === "device") Deno.exit(0);

const random = new Random(3);
const size = isOnCard ? 4096 : 512, repeats = 20;
const [a, b] = [random.normal([size, size]), random.normal([size, size])];
const [x, y] = [await a.data(), await b.data()];
let right = 0;
for (let k = 0; k < size; k++) right += x[k] * y[k * size];
for (const precision of ["float32", "tf32", "float32"] as Precision[]) {
  say(inPrecision(precision, () => {
    const value = tf.tidy(() => tf.matMul(a, b).slice([0, 0], [1, 1]).dataSync()[0]);
    const begun = performance.now();
    tf.tidy(() => {
      let product = a as tf.Tensor;
      for (let repeat = 0; repeat < repeats; repeat++) {
        product = tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D);
      }
      product.slice([0, 0], [1, 1]).dataSync();
    });
    const seconds = (performance.now() - begun) / 1000;
    return {
      precision,
      error: Math.abs(value - right),
      teraflops: repeats * 2 * size ** 3 / seconds / 1e12,
    };
  }));
}

for (const { name, model: make, optimizer, dataset, transform } of cases) {
  try {
    const model = make(random.fork(name));
    model.setTraining(true);
    const step = new TrainingStep({
      ...{ model, optimizer: optimizer(model), dataset: await dataset(512), transform, random },
      ...{ loss: crossEntropyOfEach, compile: true },
    });
    const batch = Int32Array.from({ length: isOnCard ? 128 : 8 }, (_, index) => index);
    const times: number[] = [];
    for (let count = 0; count < (isOnCard ? 40 : 3); count++) {
      const begun = performance.now();
      await step.run(batch, 1e-4);
      times.push(performance.now() - begun);
    }
    const { crossings, ...report } = step.report!;
    say({
      "a step with its data": name,
      milliseconds: times.sort((p, q) => p - q)[times.length >> 1],
      ...report,
      fused: undefined,
      crossings: crossings.map(({ op, to, bytes }) => `${op} to the ${to}, ${bytes} bytes`),
    });
    step.dispose();
    model.dispose();
  } catch (error) {
    say({ "a step with its data": name, error: (error as Error).message.split("\n")[0] });
  }
}

/** What is said of `wrong`, which has to be an error. */
async function errorOf(wrong: () => tf.Tensor): Promise<string> {
  try {
    return `no error: ${await wrong().data()}`;
  } catch (error) {
    return (error as Error).message;
  }
}
const labels = tf.tensor1d([1, 2, 3, 10], "int32");
say({ "a wrong label": await errorOf(() => crossEntropy(tf.zeros([4, 10]), labels)) });
const resize = (images: tf.Tensor) => tf.image.resizeBilinear(images as tf.Tensor4D, [9, 9]).sum();
say({
  "an op that has no deterministic kernel": await errorOf(() =>
    tf.grad(resize)(tf.ones([1, 4, 4, 1]))
  ),
});
Deno.exit(0);
