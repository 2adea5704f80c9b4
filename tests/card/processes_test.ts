/** A cluster on a graphics card, as far as one card goes: a group of one process, which sums by NCCL. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { localCluster } from "../../lib/tensor/cluster/local.ts";
import { ClusterError } from "../../lib/tensor/cluster/cluster_error.ts";
import { graphicsCard, nativeBackend } from "../../lib/tensor/native.ts";
import "../../lib/tensor/tf.ts";
import { mnist } from "../../lib/datasets/mnist.ts";
import { VisionTransformer } from "../../lib/models/vision_transformer.ts";
import { warningsOf } from "../warnings.ts";
import { courseOf, distance, type Training } from "../training/cluster/sameness.ts";

const ignore = graphicsCard() === undefined;
if (ignore) console.warn("SKIPPED: a cluster on a graphics card, of which there is none here");

/** Where a network namespace cannot be had the card's machine is taken to be one's own. */
const alone = { trustNetwork: true };

Deno.test({
  name: "one process on a card, which sums by NCCL, trains as this program does",
  ignore,
  // The worker's end reaches over the test's.
  ...{ sanitizeOps: false, sanitizeResources: false },
  async fn() {
    const training: Training = {
      ...{ name: "ViT, MNIST", optimizer: "SGD", batchSize: 128, steps: 50 },
      data: (await mnist({ limit: 640 })).train,
      model: (random) =>
        new VisionTransformer({
          ...{ imageSize: 28, channels: 1, classes: 10, patchSize: 4, width: 64, mlpWidth: 128 },
          ...{ heads: 4, depth: 3, dropout: 0, positions: 64, random },
        }),
    };
    const here = await courseOf(training);
    const said = await warningsOf(async () => {
      await using cluster = await localCluster(1, alone);
      assertEquals(cluster.device, "gpu");
      const { loss, weight } = distance(await courseOf(training, { cluster }), here);
      assert(here.losses.at(-1)! < here.losses[0], "it learns");
      assert(loss <= 1e-4 && weight <= 1e-3, `losses differ by ${loss}, weights by ${weight}`);
    });
    assert(said.some((line) => line.includes("never run on a card")), said.join());
  },
});

Deno.test({
  name: "more processes than cards are refused",
  ignore,
  fn: async () => {
    const { cards } = nativeBackend()!.binding;
    const words = `${cards + 1} processes need a graphics card each`;
    await assertRejects(() => localCluster(cards + 1, alone), ClusterError, words);
  },
});
