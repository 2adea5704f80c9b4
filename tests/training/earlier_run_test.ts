import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { Checkpointing } from "../../lib/training/callbacks.ts";
import { trainFromEarlierRun } from "../../lib/training/earlier_run.ts";
import { Stopped } from "../../lib/training/interruption.ts";
import { AdamW } from "../../lib/training/optimizers.ts";
import { constant } from "../../lib/training/schedules.ts";
import { Trainer } from "../../lib/training/trainer.ts";
import { freeFolder } from "../../lib/training/training_folder.ts";
import { FileError } from "../../lib/platform/files.ts";
import { run } from "../tensor/subprocess.ts";
import { brighten, columns, inFolder, printedBy, scale, SmallNet } from "./small.ts";

/** A trainer as a cell makes it anew each time that it runs; it stops itself after a step. */
function makeTrainer(
  folder: string,
  { stopAt = Infinity, epochs = 4, checkpoints = new Checkpointing(folder) } = {},
): Trainer {
  const model = new SmallNet();
  const onStep = ({ step }: { step: number }, trainer: Trainer) => {
    if (step === stopAt) trainer.stop("Stopped as you asked");
  };
  return new Trainer({
    ...{ model, epochs, train: columns(100), validation: columns(37, 2) },
    transforms: { train: brighten, evaluation: scale },
    optimizer: new AdamW(model),
    schedule: constant(0.01),
    batchSize: 16,
    progress: false,
    callbacks: [{ onStep }, checkpoints],
  });
}

Deno.test("trainFromEarlierRun goes on with a training that was stopped, and gives the best weights", async () => {
  await inFolder(async (folder) => {
    const straight = await trainFromEarlierRun(makeTrainer(`${folder}/straight`));
    const run = (settings = {}) => trainFromEarlierRun(makeTrainer(`${folder}/run`, settings));
    const lines = await printedBy(async () => {
      assertEquals((await run({ stopAt: 14 })).length, 2);
      const log = await run();
      assertEquals(
        log.map(({ train, validation }) => [train, validation]),
        straight.map(({ train, validation }) => [train, validation]),
      );
    });
    const stops = lines.filter((line) => line.startsWith("Stopped"));
    assertEquals(stops, [
      `Stopped as you asked: after step 14, epoch 3 of 4. It is saved in ${folder}/run: run this ` +
      "cell again, and it goes on.",
    ]);
    assertMatch(lines.join("\n"), /Goes on after epoch 2 of 4, which was saved in /);
  });
});

Deno.test("trainFromEarlierRun ends with one line, no stack, where it was stopped in its first epoch", async () => {
  await inFolder(async (folder) => {
    const trainer = makeTrainer(folder, { stopAt: 3 });
    let error: Stopped | undefined;
    const lines = await printedBy(async () => {
      error = await assertRejects(() => trainFromEarlierRun(trainer), Stopped, "first epoch");
    });
    const line = "Stopped as you asked: after step 3, epoch 1 of 4. Run this cell again, and the " +
      "training begins anew.";
    assertEquals(lines, [line]);
    assertEquals(error!.stack, `Stopped: ${error!.message}`);
    // The next run of the cell trains.
    await printedBy(async () => {
      assertEquals((await trainFromEarlierRun(makeTrainer(folder))).length, 4);
    });
  });
});

Deno.test("trainFromEarlierRun needs checkpoints and validation images", async () => {
  const model = new SmallNet();
  const parts = { model, train: columns(100), epochs: 1, batchSize: 16, schedule: constant(0.01) };
  const bare = new Trainer({ ...parts, optimizer: new AdamW(model) });
  await assertRejects(
    () => trainFromEarlierRun(bare),
    TypeError,
    "the trainer has no Checkpointing among its callbacks",
  );
});

Deno.test("Checkpointing keeps a second training out of its folder, also another program's", async () => {
  await inFolder(async (folder) => {
    const first = makeTrainer(folder);
    for await (const { epoch } of first.fit()) {
      if (epoch !== 1) continue;
      const second = makeTrainer(folder);
      const message = `Another training writes to ${folder}`;
      const { message: said } = await assertRejects(() => second.run(), FileError, message);
      assertStringIncludes(said, "stop it first, or give this one a folder of its own");
      const { output, errors } = await run(`
        import { takeLock } from "./lib/platform/lock.ts";
        console.log(await takeLock(${JSON.stringify(`${folder}/training.lock`)}));
      `);
      assertEquals(output, "null", errors);
    }
    // What the first has saved is as it left it, and the folder is free again.
    assertEquals(first.log.length, 4);
    assertEquals((await makeTrainer(folder, { epochs: 1 }).run()).length, 1);
  });
});

Deno.test("freeFolder gives a second training a folder beside that of the first, and says so", async () => {
  await inFolder(async (folder) => {
    const run = `${folder}/run`;
    assertEquals(await freeFolder(run), run);
    assertEquals([...Deno.readDirSync(folder)], []); // looking writes nothing
    const first = makeTrainer(run);
    for await (const { epoch } of first.fit()) {
      if (epoch !== 1) continue;
      let second = "";
      const lines = await printedBy(async () => {
        second = await freeFolder(run);
        await trainFromEarlierRun(makeTrainer(second, { stopAt: 14 }));
        // Once more: it goes on with its own training, not with that of the first.
        assertEquals((await trainFromEarlierRun(makeTrainer(await freeFolder(run)))).length, 4);
      });
      assertEquals(second, `${run}-2`);
      const said = "in another notebook or program: this one is kept in";
      assertEquals(lines[0], `Another training writes to ${run}, ${said} ${second}.`);
      assertMatch(lines.join("\n"), /Goes on after epoch 2 of 4, which was saved in .*run-2/);
    }
    assertEquals(first.log.length, 4);
    assertEquals(await freeFolder(run), run);
    await Deno.writeTextFile(`${run}/training.lock`, ""); // left by a program that was killed
    assertEquals(await freeFolder(run), run);
  });
});

Deno.test("Checkpointing in a free folder keeps others out before its training begins and after its end", async () => {
  await inFolder(async (folder) => {
    const run = `${folder}/run`;
    await makeTrainer(run, { stopAt: 14 }).run();
    const first = await Checkpointing.inFreeFolder(run);
    const lines = await printedBy(async () => {
      const second = await Checkpointing.inFreeFolder(run);
      assertEquals(second.folder, `${run}-2`);
      second.release();
    });
    assertMatch(lines.join("\n"), /this one is kept in .*run-2\.$/);
    assertEquals(await freeFolder(run), `${run}-2`);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["run"]); // nothing of the second
    const trainer = makeTrainer(run, { checkpoints: first });
    assertEquals(await first.resume(trainer), true);
    assertEquals(await freeFolder(run), `${run}-2`);
    await trainer.run();
    assertEquals(await freeFolder(run), `${run}-2`); // what is saved may be measured yet
    first.release();
    assertEquals(await freeFolder(run), run);
  });
});

Deno.test("a program that is killed leaves no lock behind", async () => {
  await inFolder(async (folder) => {
    const path = JSON.stringify(`${folder}/training.lock`);
    const lock = `
      import { takeLock } from "./lib/platform/lock.ts";
      console.log(await takeLock(${path}) !== null);
    `;
    assertEquals((await run(`${lock} Deno.kill(Deno.pid, "SIGKILL");`)).output, "true");
    assertEquals((await run(lock)).output, "true");
  });
});
