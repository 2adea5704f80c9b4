/** What is tried on a card, in the order of what matters; each part within a time of its own. */
import { join, relative } from "node:path";
import { moduleOf } from "../../tools/cells.ts";
import { root } from "../../tools/command.ts";
import { notebooksIn, readNotebook, sourceFolder } from "../../tools/notebooks.ts";
import { withTemporaryFolder } from "../../tools/temporary_folder.ts";
import { tesseraEnvironment, tesseraWorker } from "../../bench/workers.ts";
import { Peer } from "../../bench/peer.ts";
import { endOf, linesOf, runFor, runProgram } from "./program.ts";
import { runTests } from "./tests.ts";

export interface PartContext {
  /** Until when the part has to be over, in seconds from now. */
  seconds: number;
  /** Whether a card computes; else the processor, to try the program out: with less of everything. */
  onCard: boolean;
  /** Keeps what is too long for the report. */
  tell(text: string): void;
  /** Where files go that come back whole. */
  folder: string;
}

export interface Part {
  /** What it finds out. */
  what: string;
  /** As long it may take. */
  seconds: number;
  /** Gives its lines of the report. */
  run(context: PartContext): Promise<string[]>;
}

const number = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? "none";

async function probe({ seconds, tell }: PartContext): Promise<string[]> {
  const ended = await runProgram(seconds, "tests/card/probe.ts");
  tell(ended.text);
  const lines = linesOf<Record<string, unknown>>(ended);
  // As the set-up leaves it: TensorFlow finds NVIDIA's libraries by where they lie.
  const plain = await runProgram(30, "tests/card/probe.ts", ["device"], { LD_LIBRARY_PATH: "" });
  tell(plain.text);
  return [
    ...lines.map((line) => `\`${JSON.stringify(line)}\``),
    endOf(ended),
    `without a path for libraries: ${
      linesOf<{ device: string }>(plain)[0]?.device ?? endOf(plain)
    }`,
  ];
}

async function tests({ seconds, onCard, tell }: PartContext): Promise<string[]> {
  const some = ["tests/tensor/precision_test.ts", "tests/nn/dropout_test.ts"];
  const { passed, ignored, failed, unfinished, left } = await runTests(
    seconds,
    tell,
    onCard ? undefined : some,
  );
  return [
    `${passed} passed, ${failed.length} failed, ${ignored} left out on this device.`,
    ...failed.map((name) => `failed: ${name}`),
    ...unfinished.map((name) => `not at its end: ${name}`),
    ...left.map((name) => `no time for: ${name}`),
  ];
}

/** A cluster of one process on the card. */
async function processes({ seconds, onCard, tell }: PartContext): Promise<string[]> {
  if (!onCard) return ["needs a card: tests/tensor/cluster is for processors"];
  const { passed, failed, unfinished } = await runTests(seconds, tell, [
    "tests/card/processes_test.ts",
  ]);
  return [`${passed} passed.`, ...[...failed, ...unfinished].map((name) => `failed: ${name}`)];
}

/** The benchmark at a batch size; `kinds` as the bench names them. */
function table(kinds: string, how: string, batchSize?: number): Part["run"] {
  return async ({ seconds, tell, folder }) => {
    const name = `table-${kinds.replace(",", "-")}${batchSize ? `-${batchSize}` : ""}`;
    const place = join(folder, name);
    const env: Record<string, string> = batchSize ? { TESSERA_BENCH_BATCH: `${batchSize}` } : {};
    const ended = await runProgram(seconds, "tests/card/table.ts", [place, kinds, how], env);
    tell(ended.text);
    const written = await Deno.readTextFile(join(place, "gpu.md")).catch(() =>
      "No row was measured."
    );
    return [...written.trimEnd().split("\n"), "", endOf(ended)];
  };
}

interface TrainingLine {
  epoch?: number;
  seconds?: number;
  imagesPerSecond?: number;
  accuracy?: number;
  test?: number;
  bits?: number;
}

interface Training {
  recipe: string;
  epochs: number;
  limit?: number;
  more?: readonly string[];
}

async function train(
  { seconds, tell }: Pick<PartContext, "seconds" | "tell">,
  { recipe, epochs, limit = 0, more = [] }: Training,
) {
  const args = [recipe, `${epochs}`, `${limit}`, ...more];
  const ended = await runProgram(seconds, "tests/card/train.ts", args);
  tell(ended.text);
  return { lines: linesOf<TrainingLine>(ended), end: endOf(ended) };
}

/** A whole training, and how long its epochs take. */
function training(recipe: string, onCardAlone: Omit<Training, "recipe">): Part["run"] {
  return async (context) => {
    const settings = context.onCard ? onCardAlone : { epochs: 1, limit: 256 };
    const { lines, end } = await train(context, { recipe, ...settings });
    return [
      ...lines.map(({ epoch, seconds, imagesPerSecond, accuracy, test }) =>
        epoch === undefined
          ? `test accuracy ${number(test, 4)}`
          : `epoch ${epoch}: ${number(seconds, 2)} s, ${number(imagesPerSecond, 0)} images/s, ` +
            `validation ${number(accuracy, 4)}`
      ),
      end,
    ];
  };
}

/** Two runs of one seed, and one that is saved after an epoch and goes on in another process. */
async function twice(context: PartContext): Promise<string[]> {
  const settings = { recipe: "mnist-vit", epochs: 2, limit: context.onCard ? 10_000 : 256 };
  return await withTemporaryFolder("card-twice", async (folder) => {
    const file = join(folder, "first.safetensors");
    const saved = train(context, { ...settings, more: ["save", file] }).then(() =>
      train(context, { ...settings, more: ["load", file] })
    );
    const runs = await Promise.all([train(context, settings), train(context, settings), saved]);
    const bits = runs.map(({ lines }) => lines.at(-1)?.bits);
    const [one, other, resumed] = bits;
    const verdict = (is: boolean) => is ? "the same bits" : "OTHER bits";
    if (bits.includes(undefined)) return runs.map(({ end }) => end);
    return [
      `two runs of one seed: ${verdict(one === other)}`,
      `a run that was saved and went on: ${verdict(one === resumed)}`,
    ];
  });
}

/** Each notebook's cells as one program, in quick mode, for where no Jupyter is. */
async function cells({ seconds, onCard, tell }: PartContext): Promise<string[]> {
  const end = performance.now() + seconds * 1000;
  const waiting = onCard ? notebooksIn(sourceFolder) : notebooksIn(join(sourceFolder, "unit0"));
  const results: string[] = [];
  await withTemporaryFolder("card-cells", async (folder) => {
    const runSome = async () => {
      for (let path = waiting.shift(); path; path = waiting.shift()) {
        const { text } = moduleOf(await readNotebook(path), path);
        const name = relative(sourceFolder, path);
        const home = join(folder, name.replaceAll("/", "-"));
        await Deno.mkdir(home, { recursive: true });
        const file = join(home, "cells.ts");
        await Deno.writeTextFile(file, `${text}\nDeno.exit(0);\n`);
        const ended = await runFor((end - performance.now()) / 1000, Deno.execPath(), [
          ...["run", "-A", "--quiet", "--no-check", "--config", join(root, "deno.json"), file],
        ], { TESSERA_QUICK: "1", TESSERA_HEADLESS: "1", TESSERA_HOME: home });
        tell(`== ${name}\n${ended.text}`);
        results.push(`${name}: ${endOf(ended)}`);
      }
    };
    await Promise.all(Array.from({ length: onCard ? 8 : 1 }, runSome));
  });
  return results.sort();
}

/** What is said where a batch is too large, and how much of the card each process takes. */
async function memory({ seconds, onCard, tell }: PartContext): Promise<string[]> {
  if (!onCard) return ["needs a card: a processor's memory belongs to others, too"];
  const used = async () => {
    const { text } = await runFor(10, "nvidia-smi", [
      "--query-gpu=memory.used",
      "--format=csv,noheader",
    ]);
    return text.trim();
  };
  const before = await used();
  const { command, args } = tesseraWorker({ name: "ViT, MNIST", kind: "step", mode: "compiled" });
  const env = tesseraEnvironment({ device: "gpu", precision: "float32" });
  const peers: Peer[] = [];
  const after: string[] = [];
  for (const name of ["first", "second"]) {
    peers.push(await Peer.start(name, command, args, { env }));
    after.push(await used());
  }
  await Promise.all(peers.map((peer) => peer.stop()));
  const ended = await runProgram(seconds, "tests/card/memory.ts");
  tell(ended.text);
  return [
    `memory in use: ${before}; with one training ${after[0]}, with two ${after[1]}`,
    `too large a batch: ${ended.text.trim().split("\n").at(-1)}`,
    endOf(ended),
  ];
}

export const parts: Record<string, Part> = {
  probe: {
    what: "the device, its precisions, what crosses over in a step",
    seconds: 90,
    run: probe,
  },
  tests: { what: "the library's tests", seconds: 200, run: tests },
  processes: {
    what: "a cluster of one process, which sums by NCCL",
    seconds: 60,
    run: processes,
  },
  table: {
    what: "Tessera and PyTorch, 128 images a step",
    seconds: 240,
    run: table("step,inference", "plain"),
  },
  unit1: { what: "unit 1's training", seconds: 90, run: training("mnist-vit", { epochs: 10 }) },
  twice: { what: "the same seed twice, and a resumed run", seconds: 60, run: twice },
  resnet18: {
    what: "unit 5's ResNet-18 on 20,000 images of CIFAR-10",
    seconds: 120,
    run: training("cifar-resnet18", { epochs: 15, limit: 20_000 }),
  },
  cells: { what: "every notebook's cells as one program, in quick mode", seconds: 200, run: cells },
  large: {
    what: "Tessera and PyTorch, 1,024 images a step",
    seconds: 180,
    run: table("step", "plain", 1024),
  },
  memory: {
    what: "a batch that is too large, two processes on the card",
    seconds: 60,
    run: memory,
  },
  compile: {
    what: "the table with torch.compile beside it",
    seconds: 240,
    run: table("step", "others"),
  },
};
