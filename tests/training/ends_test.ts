/** However a training ends, it goes on from there. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FileError } from "../../lib/platform/files.ts";
import { Checkpointing, readLog } from "../../lib/training/callbacks.ts";
import { readCheckpointInfo } from "../../lib/training/checkpoint.ts";
import { AdamW } from "../../lib/training/optimizers.ts";
import type { Position } from "../../lib/training/position.ts";
import { constant } from "../../lib/training/schedules.ts";
import { Trainer } from "../../lib/training/trainer.ts";
import { warningsOf } from "../warnings.ts";
import { brighten, columns, inFolder, scale, SmallNet, valuesOf } from "./small.ts";

const root = new URL("../../", import.meta.url).pathname;
const program = [
  ...["run", "--quiet", "--no-check", "--allow-all"],
  `${root}tests/training/small_training.ts`,
];

async function stepSaved(folder: string): Promise<number> {
  const { position } = await readCheckpointInfo(`${folder}/last.safetensors`);
  return (position as Position).step;
}

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  Deno.test(`a training in a terminal saves at ${signal}, though it comes twice in a moment`, async () => {
    await inFolder(async (folder) => {
      const child = new Deno.Command(Deno.execPath(), {
        args: [...program, folder, "50", "5"],
        ...{ stdout: "piped", stderr: "piped" },
      }).spawn();
      const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      let printed = "";
      while (!printed.includes("begun")) printed += (await reader.read()).value;
      child.kill(signal);
      if (signal !== "SIGINT") child.kill(signal);
      const [status, complaints] = await Promise.all([child.status, child.stderr.text()]);
      await reader.cancel();
      assertEquals(status.code, code, complaints);
      assertStringIncludes(complaints, "Stopping after this step");
      assert(await stepSaved(folder) > 0);
    });
  });
}

Deno.test("a training saves at a batch system's warning, and goes on", async () => {
  await inFolder(async (folder) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...program, folder, "30", "2"],
      ...{ stdout: "piped", stderr: "piped" },
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let printed = "";
    while (!printed.includes("begun")) printed += (await reader.read()).value;
    child.kill("SIGUSR1");
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      printed += part.value;
    }
    assertEquals((await child.status).code, 0, await child.stderr.text());
    assert(
      /Warned of an end soon: after step \d+\. Saved in .*\. The training goes on\./.test(printed),
    );
    assertStringIncludes(printed, "epoch 30/30");
  });
});

/** Runs a program in a terminal of its own, which is closed when it has printed a word; gives its exit code. */
const closedTerminal = `
import os, pty, sys
process, terminal = pty.fork()
if process == 0:
    os.execv(sys.argv[2], sys.argv[2:])
printed = b""
while sys.argv[1].encode() not in printed:
    printed += os.read(terminal, 1000)
os.close(terminal)
print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
`;

Deno.test("a training saves when its terminal is closed, though printing fails from then on", async () => {
  await inFolder(async (folder) => {
    const { stdout, stderr } = await new Deno.Command(`${root}.venv/bin/python`, {
      args: ["-c", closedTerminal, "begun", Deno.execPath(), ...program, folder, "50", "5"],
    }).output();
    const decoder = new TextDecoder();
    assertEquals(decoder.decode(stdout), "129\n", decoder.decode(stderr));
    assert(await stepSaved(folder) > 0);
  });
});

Deno.test("a training under nohup takes no notice of a closed terminal", async () => {
  await inFolder(async (folder) => {
    const child = new Deno.Command("nohup", {
      args: [Deno.execPath(), ...program, folder, "20", "2"],
      ...{ stdout: "piped", stderr: "piped" },
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let printed = "";
    while (!printed.includes("begun")) printed += (await reader.read()).value;
    child.kill("SIGHUP");
    while (!(await reader.read()).done);
    assertEquals((await child.status).code, 0, await child.stderr.text());
  });
});

Deno.test("a training goes on though the reader of its output has ended", async () => {
  await inFolder(async (folder) => {
    const { stdout } = await new Deno.Command("bash", {
      args: [
        "-c",
        '"$@" 2>/dev/null | head -n 1; echo ${PIPESTATUS[0]}',
        ...["bash", Deno.execPath(), ...program, folder, "3", "2"],
      ],
    }).output();
    assertEquals(new TextDecoder().decode(stdout).trim().split("\n").at(-1), "0");
    assertEquals((await readLog(folder)).length, 3);
  });
});

// ---- Any moment between two writes ------------------------------------------------------------------

function makeTrainer(folder: string, { epochs = 3, seed = 5 } = {}) {
  const model = new SmallNet({ seed });
  const checkpoints = new Checkpointing(folder);
  const trainer = new Trainer({
    ...{ model, epochs, train: columns(64), validation: columns(37, 2), seed },
    transforms: { train: brighten, evaluation: scale },
    optimizer: new AdamW(model),
    schedule: constant(0.01),
    batchSize: 16,
    progress: false,
    callbacks: [checkpoints],
  });
  return { trainer, checkpoints, model };
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

/** Runs `use`, and copies a folder as it is before each change of a name in it and at the end. */
async function momentsOf(folder: string, copies: string, use: () => Promise<unknown>) {
  const { rename, remove } = Deno;
  const moments: string[] = [];
  const keep = async () => {
    const copy = `${copies}/${moments.length}`;
    await copyFolder(folder, copy);
    moments.push(copy);
  };
  Deno.rename = async (from, to) => {
    await keep();
    await rename(from, to);
  };
  Deno.remove = async (path, options) => {
    await keep();
    await remove(path, options);
  };
  try {
    await use();
    await keep();
  } finally {
    Object.assign(Deno, { rename, remove });
  }
  return moments;
}

const contentsOf = async (folder: string) => {
  const log = await readLog(folder);
  const { epoch, best } = await readCheckpointInfo(`${folder}/best.safetensors`);
  const withoutTimes = JSON.stringify(
    [log, best],
    (name, value) => name === "seconds" || name === "imagesPerSecond" ? undefined : value,
  );
  return { epoch, withoutTimes };
};

Deno.test("a training that ended between any two writes goes on to the same weights and log", async () => {
  await inFolder(async (folder) => {
    const straight = makeTrainer(`${folder}/run`);
    const moments = await momentsOf(
      `${folder}/run`,
      `${folder}/moments`,
      () => straight.trainer.run(),
    );
    assert(moments.length > 9);
    const expected = await contentsOf(`${folder}/run`);
    for (const moment of moments) {
      const { trainer, checkpoints, model } = makeTrainer(moment);
      await checkpoints.resume(trainer);
      await trainer.run();
      assertEquals(valuesOf(model), valuesOf(straight.model), moment);
      assertEquals(await contentsOf(moment), expected, moment);
      const left = [...Deno.readDirSync(moment)].map(({ name }) => name).sort();
      assertEquals(left, ["best.safetensors", "last.safetensors", "log.json"], moment);
    }
  });
});

Deno.test("a training begun anew keeps the one before until it is better or complete, whenever it ends", async () => {
  await inFolder(async (folder) => {
    const run = `${folder}/run`;
    const old = makeTrainer(run, { epochs: 4 });
    await old.trainer.run();
    const before = await contentsOf(run);
    const score = old.trainer.best!.validation!.accuracy;
    const anew = makeTrainer(run, { seed: 7, epochs: 2 });
    let better = Infinity;
    const moments = await momentsOf(run, `${folder}/moments`, async () => {
      for await (const { validation, epoch } of anew.trainer.fit()) {
        if (validation!.accuracy > score) better = Math.min(better, epoch);
      }
    });
    const after = await contentsOf(run);
    for (const moment of moments) {
      // What was there can be had: in place, or put back when the same training is asked for.
      const { trainer, checkpoints } = makeTrainer(moment, { epochs: 4 });
      const isThere = await checkpoints.resume(trainer).catch(() => false);
      const kept = await contentsOf(isThere ? moment : `${moment}/before`).catch(() => undefined);
      const done = await contentsOf(moment).catch(() => undefined);
      const isKept = JSON.stringify(kept) === JSON.stringify(before);
      const isDone = done &&
        (JSON.stringify(done) === JSON.stringify(after) || done.epoch! >= better);
      assert(isKept || isDone, moment);
    }
    assertEquals([...Deno.readDirSync(run)].some(({ name }) => name === "before"), false);
  });
});

Deno.test("a training begun anew that ends before it has saved leaves the one before as it was", async () => {
  await inFolder(async (folder) => {
    await makeTrainer(folder).trainer.run();
    const before = await contentsOf(folder);
    const { trainer } = makeTrainer(folder, { seed: 7 });
    const failing = { onStep: () => Promise.reject(new Error("for a test")) };
    (trainer.options.callbacks as unknown[]).push(failing);
    await assertRejects(() => trainer.run(), Error, "for a test");
    assertEquals(await contentsOf(folder), before);
  });
});

// ---- A folder that does not stay where it is ----------------------------------------------------------

/** Lets a training do something once, after its step of this number. */
function atStep(trainer: Trainer, wanted: number, use: () => Promise<unknown>): void {
  (trainer.options.callbacks as unknown[]).push({
    onStep: async ({ step }: { step: number }) => {
      if (step === wanted) await use();
    },
  });
}

for (
  const [harm, move] of Object.entries({
    moved: (folder: string) => Deno.rename(folder, `${folder}-elsewhere`),
    deleted: (folder: string) => Deno.remove(folder, { recursive: true }),
  })
) {
  Deno.test(`a training whose folder is ${harm} has it anew, says so, and goes on from there`, async () => {
    await inFolder(async (folder) => {
      const straight = makeTrainer(`${folder}/straight`, { epochs: 4 });
      await straight.trainer.run();
      const run = `${folder}/run`;
      const first = makeTrainer(run, { epochs: 4 });
      // In the second epoch, of four steps; it is stopped in the same one, before anything better is saved.
      atStep(first.trainer, 6, () => move(run));
      atStep(first.trainer, 7, () => Promise.resolve(first.trainer.stop("for a test")));
      const said = await warningsOf(() => first.trainer.run());
      assertEquals(said.length, 1, said.join("\n"));
      assertStringIncludes(said[0], "was moved or deleted");
      assertStringIncludes(said[0], run);
      assertEquals(await stepSaved(run), 7);
      assertEquals((await readLog(run)).length, 1);
      assertEquals((await readCheckpointInfo(`${run}/best.safetensors`)).epoch, 1);
      const { trainer, checkpoints, model } = makeTrainer(run, { epochs: 4 });
      assertEquals(await checkpoints.resume(trainer), true);
      await trainer.run();
      assertEquals(valuesOf(model), valuesOf(straight.model));
      assertEquals(await contentsOf(run), await contentsOf(`${folder}/straight`));
    });
  });
}

Deno.test("a training is saved beside one that began where its folder was", async () => {
  await inFolder(async (folder) => {
    const run = `${folder}/run`;
    const [first, other] = [makeTrainer(run), makeTrainer(run, { seed: 8 })];
    const others = other.trainer.fit();
    atStep(first.trainer, 6, async () => {
      await Deno.rename(run, `${folder}/elsewhere`);
      await others.next();
    });
    const error = await assertRejects(
      () => first.trainer.run(),
      FileError,
      "another one began there",
    );
    assertStringIncludes(error.message, `${run}-2`);
    for await (const _ of others);
    assertEquals(await stepSaved(`${run}-2`), 8);
    const { trainer, checkpoints, model } = makeTrainer(`${run}-2`);
    await checkpoints.resume(trainer);
    await trainer.run();
    const straight = makeTrainer(`${folder}/straight`);
    await straight.trainer.run();
    assertEquals(valuesOf(model), valuesOf(straight.model));
    assertEquals(await contentsOf(`${run}-2`), await contentsOf(`${folder}/straight`));
    assertEquals((await readLog(run)).length, 3);
  });
});

Deno.test("resuming names best weights that are gone or another training's", async () => {
  await inFolder(async (folder) => {
    for (
      const [fault, spoil] of Object.entries({
        "is missing": () => Deno.remove(`${folder}/a/best.safetensors`),
        "of another training": () =>
          Deno.copyFile(`${folder}/b/best.safetensors`, `${folder}/a/best.safetensors`),
        "cannot be read": () => Deno.truncate(`${folder}/a/best.safetensors`, 100),
      })
    ) {
      await makeTrainer(`${folder}/a`).trainer.run();
      await makeTrainer(`${folder}/b`, { seed: 8 }).trainer.run();
      // A step further, so that the best weights are not the last ones.
      const { trainer, checkpoints } = makeTrainer(`${folder}/a`, { epochs: 4 });
      await checkpoints.resume(trainer);
      (trainer.options.callbacks as unknown[]).push({
        onStep: (_report: unknown, trainer: Trainer) => trainer.stop("for a test"),
      });
      await trainer.run();
      await spoil();
      const next = makeTrainer(`${folder}/a`, { epochs: 4 });
      const error = await assertRejects(() => next.checkpoints.resume(next.trainer), FileError);
      assertStringIncludes(error.message, "/a/best.safetensors");
      assertStringIncludes(error.message, fault);
      await Deno.remove(`${folder}/a`, { recursive: true });
    }
  });
});

Deno.test("Checkpointing refuses a folder without a name", () => {
  for (const folder of ["", " ", undefined as unknown as string]) {
    const error = (() => {
      try {
        new Checkpointing(folder);
      } catch (error) {
        return error as Error;
      }
    })();
    assertStringIncludes(error!.message, "must have a name");
  }
});
