/** A training whose batch no card holds: prints what is said of it. Not for a processor, whose memory others use. */
import { constant, ImageDataset, Random, Trainer } from "../../lib/mod.ts";
import { cases } from "../../bench/cases.ts";
import { graphicsCard } from "../../lib/tensor/native.ts";

const card = graphicsCard();
if (!card) throw new Error("there is no card here");
const { model: make, optimizer } = cases.find(({ name }) => name === "ViT, CIFAR-10")!;
// A block keeps at least 40 tensors of [65 tokens, 256] for each image: six blocks, 16 MB.
const size = Math.ceil(card.gigabytes * 2 ** 30 / 16e6) * 2;
const model = make(new Random(1));
const train = new ImageDataset({
  images: new Uint8Array(size * 32 * 32 * 3),
  imageShape: [32, 32, 3],
  labels: Array.from({ length: size }, (_, index) => index % 10),
  classNames: Array.from("abcdefghij"),
});
const trainer = new Trainer({
  model,
  train,
  optimizer: optimizer(model),
  schedule: constant(1e-4),
  epochs: 1,
  batchSize: size,
});
try {
  await trainer.run();
  console.log(`No error: the card holds a batch of ${size}.`);
} catch (error) {
  console.log((error as Error).message);
}
Deno.exit(0);
