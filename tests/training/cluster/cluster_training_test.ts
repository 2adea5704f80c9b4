import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import * as tf from "../../../lib/tensor/tf.ts";
import type { Cluster } from "../../../lib/tensor/cluster/cluster.ts";
import { ClusterError } from "../../../lib/tensor/cluster/cluster_error.ts";
import { Random } from "../../../lib/random.ts";
import { Conv2d } from "../../../lib/nn/convolution.ts";
import { Linear } from "../../../lib/nn/linear.ts";
import { Module } from "../../../lib/nn/module.ts";
import { BatchNorm2d } from "../../../lib/nn/normalization.ts";
import { Checkpointing } from "../../../lib/training/callbacks.ts";
import { Dropout } from "../../../lib/nn/dropout.ts";
import { AdamW, SGD } from "../../../lib/training/optimizers.ts";
import { Trainer } from "../../../lib/training/trainer.ts";
import type { TrainerOptions } from "../../../lib/training/trainer_options.ts";
import { clusterTest, clusterTests } from "../../tensor/cluster/groups.ts";
import { brighten, columns, scale, SmallNet, valuesOf } from "../small.ts";
import { smallTraining } from "./small_training.ts";

interface Settings {
  cluster?: Cluster;
  epochs?: number;
  /** Whether augmentation and dropout draw. */
  draws?: boolean;
}

function trainerOn({ cluster, epochs = 2, draws = false }: Settings): Trainer {
  const model = new SmallNet({ seed: 5 });
  if (!draws) model.dropout = new Dropout(0, { random: new Random(1) });
  return new Trainer(smallTraining(model, {
    ...{ epochs, validation: columns(1_010, 2), cluster, maximumGradientNorm: 1 },
    transforms: { train: draws ? brighten : scale, evaluation: scale },
    optimizer: new SGD(model, { momentum: 0.9, weightDecay: 0.01 }),
  }));
}

function assertClose(actual: Module, expected: Module): void {
  const others = valuesOf(expected);
  for (const [path, values] of Object.entries(valuesOf(actual))) {
    values.forEach((value, index) => assertAlmostEquals(value, others[path][index], 1e-5));
  }
}

clusterTest("processes draw differently, and the same in a second run", async (start) => {
  const losses = [];
  const cluster = await start(2);
  await cluster.begin();
  await assertRejects(() => trainerOn({ cluster }).run(), ClusterError, "trains already");
  cluster.end();
  for (const isShared of [true, true, false]) {
    const trainer = trainerOn({ cluster: isShared ? cluster : undefined, epochs: 1, draws: true });
    await trainer.run();
    losses.push(trainer.log[0].train.loss);
  }
  assertEquals(losses[0], losses[1]);
  assertNotEquals(losses[0], losses[2]);
});

/** Convolution, batch normalisation and a head, as somebody types them into a cell. */
class Typed extends Module {
  convolution: Conv2d;
  norm = new BatchNorm2d(4);
  head: Linear;

  constructor() {
    super();
    const random = new Random(3);
    this.convolution = new Conv2d(1, 4, { padding: 1, random });
    this.head = new Linear(4, 3, { random });
  }

  forward(images: tf.Tensor4D): tf.Tensor {
    const maps = tf.relu(this.norm.forward(this.convolution.forward(images)));
    return this.head.forward(tf.mean(maps, [1, 2]));
  }
}

clusterTests(3, {
  "three processes train as one does, with shares that differ": async (cluster) => {
    const alone = trainerOn({});
    const together = trainerOn({ cluster }); // 34 and the last 2 among 3
    const [expected, reports] = [await alone.run(), await together.run()];
    reports.forEach(({ train, validation }, epoch) => {
      assertAlmostEquals(train.loss, expected[epoch].train.loss, 1e-5);
      assertEquals(train.accuracy, expected[epoch].train.accuracy);
      assertEquals(train.examples, 70);
      assertAlmostEquals(validation!.loss, expected[epoch].validation!.loss, 1e-5);
      assertEquals(validation!.examples, 1_010);
    });
    assertClose(together.model, alone.model);
  },
  "batch normalisation over all processes is that of one process": async (cluster) => {
    const train = async (settings: Partial<TrainerOptions>) => {
      const model = new Typed();
      const trainer = new Trainer(smallTraining(model, settings));
      await trainer.run();
      return { model, loss: trainer.log[0].train.loss };
    };
    const alone = await train({});
    const shared = await train({ cluster, synchronizedBatchNorm: true });
    const apart = await train({ cluster });
    assertAlmostEquals(shared.loss, alone.loss, 1e-5);
    assertClose(shared.model, alone.model);
    assert(Math.abs(apart.loss - alone.loss) > 1e-4, "each share by itself is another training");
  },
  "a training that loses one of three processes goes on with two": async (three, start) => {
    const folder = await Deno.makeTempDir({ prefix: "tessera-cluster-" });
    const begin = (cluster: Cluster, onStep: (step: number) => void = () => {}) => {
      const model = new Typed();
      const checkpoints = new Checkpointing(folder);
      const trainer = new Trainer(smallTraining(model, {
        ...{ epochs: 3, train: columns(96), batchSize: 32, cluster },
        transforms: { train: brighten, evaluation: scale },
        optimizer: new AdamW(model),
        callbacks: [{ onStep: ({ step }) => onStep(step) }, checkpoints],
      }));
      return { trainer, checkpoints };
    };
    try {
      const lost = three.pids[1];
      const { trainer } = begin(three, (step) => {
        if (step === 4) Deno.kill(lost, "SIGKILL");
      });
      const error = await assertRejects(() => trainer.run(), ClusterError);
      assertStringIncludes(error.message, `process 1 (PID ${lost}) was ended by SIGKILL`);
      // Its own weights are of the last epoch, its position is not: neither is saved.
      await assertRejects(() => trainer.save(`${folder}/other.safetensors`), ClusterError);
      await assertRejects(() => trainer.run(), ClusterError);

      const { trainer: next, checkpoints } = begin(await start(2));
      assertEquals(await checkpoints.resume(next), true);
      assertEquals(next.step, 3);
      assertEquals((await next.run()).length, 3);
      assertEquals(next.step, 9);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

clusterTest("a process that is stopped ends the training with an error", async (start) => {
  const cluster = await start(2, { patienceSeconds: 2 });
  const [, pid] = cluster.pids;
  const trainer = trainerOn({ cluster });
  Deno.kill(pid, "SIGSTOP");
  await assertRejects(
    () => trainer.run(),
    ClusterError,
    `process 1 (PID ${pid}) has given no sign of life for 2 seconds`,
  );
});
