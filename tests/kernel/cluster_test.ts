/** Several processes that train what was typed into a cell. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { canStartClusters } from "../tensor/cluster/groups.ts";
import { cell, drive, textOf, valueOf } from "./driver.ts";
import { until } from "./processes.ts";

/** A network that is in no file, and a training of it on as many processes as there are. */
const definitions = `
import * as tf from "@tensorflow/tfjs";
import {
  AdamW, Checkpointing, constant, Conv2d, GlobalAveragePool, ImageDataset, Linear, localCluster, Module, Random,
  relu, Trainer,
} from "tessera";

class Typed extends Module {
  convolution = new Conv2d(1, 4, { padding: 1, random: new Random(3) });
  pool = new GlobalAveragePool();
  head = new Linear(4, 2, { random: new Random(4) });
  forward(images) {
    return this.head.forward(this.pool.forward(relu(this.convolution.forward(tf.mul(images, 1 / 255)))));
  }
}

const labels = Int32Array.from({ length: 96 }, (_, index) => index % 2);
const images = Uint8Array.from({ length: 96 * 16 }, (_, index) => labels[index >> 4] * 200 + index % 50);
const train = new ImageDataset({ images, imageShape: [4, 4, 1], labels, classNames: ["dark", "bright"] });

function begin(cluster, onStep) {
  const model = new Typed();
  const checkpoints = new Checkpointing("FOLDER");
  const trainer = new Trainer({
    model, train, cluster, epochs: 100_000, batchSize: 32, progress: false,
    optimizer: new AdamW(model), schedule: constant(0.01), callbacks: [{ onStep }, checkpoints],
  });
  return { trainer, checkpoints };
}
let last = 0;
const children = () =>
  [...Deno.readDirSync("/proc")].filter(({ name }) => {
    try {
      return /^PPid:\\s+(\\d+)$/m.exec(Deno.readTextFileSync("/proc/" + name + "/status"))[1] === String(Deno.pid);
    } catch {
      return false;
    }
  }).length;
`;

Deno.test({
  name:
    "a class in a cell trains on three processes, loses one, goes on with two, and stops at Stop",
  ignore: !canStartClusters,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "tessera-kernel-cluster-" });
    try {
      const { results } = await drive([
        cell(definitions.replace("FOLDER", folder)),
        // Stop comes while one begins, however fast that goes.
        cell("while (true) await (await localCluster(3, { threads: 1 })).close();", {
          stops: [0.3],
        }),
        cell(`
          for (let tries = 0; tries < 100 && children() > 0; tries++) {
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
          children()
        `),
        cell(`
          const three = await localCluster(3, { threads: 1 });
          const lost = begin(three, ({ step }) => step === 4 && Deno.kill(three.pids[1], "SIGKILL"));
          await lost.trainer.run();
        `),
        cell(`
          const two = await localCluster(2, { threads: 1 });
          const { trainer, checkpoints } = begin(two, ({ step }) => step === last && trainer.stop("Enough"));
          await checkpoints.resume(trainer);
          last = trainer.step + 4;
          const from = trainer.step;
          await trainer.run();
          [from, trainer.step, ...two.pids].join()
        `),
        cell("await trainer.run();", { stops: [3] }),
        cell(`
          last = trainer.step + 2;
          await trainer.run();
          trainer.step - last
        `),
      ]);
      const [defined, cut, left, failed, resumed, stopped, again] = results.map(({ cells }) =>
        cells[0]
      );
      assertEquals(defined.reply.status, "ok", JSON.stringify(defined.reply));
      assertEquals(cut.reply.ename, "Stopped", textOf(cut));
      assertEquals(valueOf(left), "0", "nothing is left of a cluster whose start was stopped");
      assertEquals(failed.reply.ename, "ClusterError", textOf(failed));
      assertMatch(failed.reply.evalue!, /^process 1 \(PID \d+\) was ended by SIGKILL/);
      assertEquals(resumed.reply.status, "ok", JSON.stringify(resumed.reply));
      const [from, step, ...pids] = valueOf(resumed)!.match(/\d+/g)!.map(Number);
      assertEquals([from, step, pids.length], [3, 7, 2]);
      assert(stopped.stop_ms! < 60_000, textOf(stopped));
      assertEquals(again.reply.status, "ok", JSON.stringify(again.reply));
      assertEquals(valueOf(again), "0");
      const isThere = (pid: number) => {
        try {
          return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
        } catch {
          return false;
        }
      };
      assert(await until(() => !pids.some(isThere), 30), "the processes end with the kernel");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
