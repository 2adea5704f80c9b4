/** The course's networks on several processes, small: `deno task cluster` tries them as they are. */
import { assert } from "@std/assert";
import { ImageDataset } from "../../../lib/datasets/image_dataset.ts";
import { smallResNet } from "../../../lib/models/resnet.ts";
import { VisionTransformer } from "../../../lib/models/vision_transformer.ts";
import { clusterTest } from "../../tensor/cluster/groups.ts";
import { courseOf, distance, type Training } from "./sameness.ts";

const side = 12, count = 26;

/** Noise of three classes, each brighter than the one before. */
function noise(): ImageDataset {
  const labels = Int32Array.from({ length: count }, (_, index) => index % 3);
  const images = Uint8Array.from({ length: count * side * side * 3 }, (_, index) => {
    const label = labels[Math.floor(index / (side * side * 3))];
    return 50 * label + ((index + 1) * 2_654_435_761 >>> 24) / 2;
  });
  const classNames = ["dark", "grey", "bright"];
  return new ImageDataset({ images, imageShape: [side, side, 3], labels, classNames });
}

clusterTest("the course's networks train on three processes as in one", async (start) => {
  const cluster = await start(3);
  const data = noise();
  const common = { data, optimizer: "SGD" as const, batchSize: count };
  const trainings: Training[] = [
    {
      ...{ name: "ResNet-8", ...common, steps: 4 },
      model: (random) => smallResNet({ depth: 8, classes: 3, random }),
    },
    {
      ...{ name: "ViT", ...common, steps: 8 },
      model: (random) =>
        new VisionTransformer({
          ...{ imageSize: side, channels: 3, classes: 3, patchSize: 4, width: 16 },
          ...{ mlpWidth: 32, heads: 2, depth: 1, dropout: 0, random },
        }),
    },
  ];
  for (const training of trainings) {
    const alone = await courseOf(training);
    const { loss, weight } = distance(await courseOf(training, { cluster }), alone);
    assert(alone.losses.at(-1)! < alone.losses[0], `${training.name} learns`);
    assert(loss <= 1e-4, `${training.name}: losses differ by ${loss}`);
    assert(weight <= 1e-3, `${training.name}: weights differ by ${weight}`);
  }
  data.dispose();
});
