/**
 * One of several machines: the first trains a small network until it is ended, and all say how it went.
 * `machine_program.ts ADDRESSES TASK PATIENCE_SECONDS [FOLDER [CARD]]`: with a folder it keeps
 * checkpoints there and goes on from them; programs of different cards do not fit together.
 */
import { followMachines } from "../../../lib/tensor/cluster/follow.ts";
import { leadMachines } from "../../../lib/tensor/cluster/machines.ts";
import { Checkpointing } from "../../../lib/training/callbacks.ts";
import { SGD } from "../../../lib/training/optimizers.ts";
import { constant } from "../../../lib/training/schedules.ts";
import { Trainer } from "../../../lib/training/trainer.ts";
import { columns, scale, SmallNet } from "../../training/small.ts";

const [cluster, number, patience, folder = "", card = "columns"] = Deno.args;
const addresses = cluster.split(","), task = Number(number);
const options = {
  ...{ addresses, task, card: { recipe: card }, threads: 1, trustNetwork: true },
  ...{ patienceSeconds: Number(patience), waitSeconds: 60, say: () => {} },
};

try {
  if (task > 0) {
    const onStop = (stop: () => void) => {
      Deno.addSignalListener("SIGTERM", stop);
      return () => Deno.removeSignalListener("SIGTERM", stop);
    };
    const outcome = await followMachines({ ...options, tell: console.log, onStop });
    console.log(outcome);
  } else {
    const cluster = await leadMachines(options);
    const model = new SmallNet();
    const checkpoints = folder ? new Checkpointing(folder) : undefined;
    const trainer = new Trainer({
      ...{ model, epochs: 1_000_000, train: columns(320), cluster, batchSize: 32, progress: false },
      transforms: { train: scale, evaluation: scale },
      optimizer: new SGD(model, {}),
      schedule: constant(0.001),
      callbacks: [
        ...(checkpoints ? [checkpoints] : []),
        {
          // After the checkpoint: what is said here is on the disk.
          onEpoch: ({ epoch }, { step }) => {
            console.log(`saved ${step}`);
            cluster.tell(`epoch ${epoch}`);
          },
        },
      ],
    });
    cluster.onStop((machine) => trainer.stop(`asked at ${machine}`));
    try {
      await checkpoints?.resume(trainer);
      console.log(`from ${trainer.step}`);
      await trainer.run();
      await cluster.close({ outcome: "stopped" });
    } catch (error) {
      await cluster.close({ outcome: "failed", message: (error as Error).message });
      throw error;
    }
    console.log(`after ${trainer.step} steps`);
  }
} catch (error) {
  console.log(`${(error as Error).name}: ${(error as Error).message}`);
  Deno.exit(1);
}
Deno.exit(0);
