/** A training as a program of its own: small_training.ts FOLDER [EPOCHS]. It goes on where it was. */
import { Checkpointing } from "../../lib/training/callbacks.ts";
import { stoppedExitCode } from "../../lib/training/interruption.ts";
import { AdamW } from "../../lib/training/optimizers.ts";
import { constant } from "../../lib/training/schedules.ts";
import { Trainer } from "../../lib/training/trainer.ts";
import { brighten, columns, scale, SmallNet } from "./small.ts";

/** Saved after so many seconds of an epoch: what a killed training may lose. */
export const maximumSecondsBetween = 0.05;

if (import.meta.main) {
  const [folder, epochs = "3", milliseconds = "0"] = Deno.args;
  const model = new SmallNet({ seed: 5 });
  const checkpoints = new Checkpointing(folder, { maximumSecondsBetween });
  const trainer = new Trainer({
    ...{ model, epochs: Number(epochs), train: columns(320), validation: columns(64, 2) },
    transforms: { train: brighten, evaluation: scale },
    optimizer: new AdamW(model),
    schedule: constant(0.01),
    batchSize: 16,
    callbacks: [{
      onStep: async ({ step }) => {
        if (step === 1) console.log("begun");
        await new Promise((resolve) => setTimeout(resolve, Number(milliseconds)));
      },
    }, checkpoints],
  });
  // Said once it is on the disk, so that a killed training can be asked for it.
  const save = trainer.save.bind(trainer);
  trainer.save = async (path) => {
    await save(path);
    console.log(`saved ${trainer.step}`);
  };
  const resumed = await checkpoints.resume(trainer);
  console.log(resumed ? `from step ${trainer.step}` : "from the beginning");
  await trainer.run();
  Deno.exit(trainer.epoch < trainer.epochs ? stoppedExitCode() : 0);
}
