/**
 * `./tessera bench --processes`: what training on several processes costs. On this machine two processes of one thread
 * against one of two, with several ways to exchange gradients; between simulated machines sums over networks of several
 * rates and delays, and from them, on paper, what more processes would take. Writes a section of docs/performance.md.
 */
import { join } from "node:path";
import { crossEntropyOfEach, ImageDataset, localCluster, Random } from "../lib/mod.ts";
import { Cluster } from "../lib/tensor/cluster/cluster.ts";
import { backendOfClusters } from "../lib/tensor/cluster/local.ts";
import { sumsOverProcesses } from "../lib/tensor/cluster/sums.ts";
import { WorkerGroup } from "../lib/tensor/cluster/worker_group.ts";
import { WorkerProcess } from "../lib/tensor/cluster/worker_process.ts";
import { compile } from "../lib/tensor/compile.ts";
import * as tf from "../lib/tensor/tf.ts";
import type { Exchange } from "../lib/training/shares.ts";
import { TrainingStep } from "../lib/training/training_step.ts";
import { Hosts, port } from "../tests/tensor/cluster/hosts.ts";
import { root } from "../tools/command.ts";
import { writeMarkedSection } from "../tools/marked_section.ts";
import { thisMachine } from "../tools/processor_settings.ts";
import { batchSize, type Case, caseOf } from "./cases.ts";
import { benchMachine, titleOf } from "./machine.ts";
import { fittedRing, type MeasuredSum, type Ring, ringSeconds } from "./ring.ts";
import { median } from "./statistics.ts";

const measured = ["ViT, MNIST", "ViT, CIFAR-10", "ResNet-18"].map(caseOf);
const section = {
  page: "docs/performance.md",
  name: "processes",
  command: "./tessera bench --processes",
};

/** Turns of each side, after those that warm up. */
const turns = { full: 7, quick: 2 }, warmUp = 2;
/** Numbers of a sum: a few, and the gradients of the ViTs and of ResNet-18. */
const sumSizes = [1e3, 1e5, 3.2e6, 11.2e6].map(Math.round);
const hostCounts = [2, 3, 4];
/** Gigabits a second (as fast as memory without), and microseconds more each way. */
const networks: { rate?: number; delay: number }[] = [
  { delay: 0 },
  { rate: 10, delay: 0 },
  { rate: 1, delay: 0 },
  { rate: 10, delay: 200 },
  { rate: 10, delay: 2000 },
];
const onPaper = [8, 64, 1024];

interface Row {
  name: string;
  parameters: number;
  aloneSeconds: number;
  togetherSeconds: number;
  /** For each of `exchanges`. */
  otherSeconds: number[];
  sumSeconds: number;
  megabytes: number[];
}

/** Other ways to exchange gradients than all at once, in full. */
const exchanges: { name: string; exchange: Exchange }[] = [
  { name: "in three parts", exchange: { parts: 3 } },
  { name: "half width", exchange: { type: "bfloat16" } },
  { name: "both", exchange: { parts: 3, type: "bfloat16" } },
];

/** A step of training on random images: alone, or on a cluster. */
function stepOf(work: Case, cluster?: Cluster, exchange?: Exchange) {
  const random = new Random(1);
  const model = work.model(random.fork("model"));
  model.setTraining(true);
  const [height, width, channels] = work.imageShape;
  const images = new Uint8Array(batchSize * height * width * channels);
  images.forEach((_, index) => images[index] = index * 2_654_435_761 >>> 24);
  const labels = Int32Array.from({ length: batchSize }, (_, index) => index % 10);
  const classNames = Array.from({ length: 10 }, (_, index) => `${index}`);
  const optimizer = work.optimizer(model);
  const dataset = new ImageDataset({ images, imageShape: work.imageShape, labels, classNames });
  const step = new TrainingStep({
    ...{ model, random, cluster, exchange, compile: true, loss: crossEntropyOfEach },
    ...{ dataset, optimizer },
    transform: ({ images, labels }) => ({ images: tf.div(images, 255) as tf.Tensor4D, labels }),
  });
  const indices = Int32Array.from({ length: batchSize }, (_, index) => index);
  return {
    /** Runs it; gives the seconds that it took. */
    async run(): Promise<number> {
      const begun = performance.now();
      await step.run(indices, 1e-4);
      return (performance.now() - begun) / 1000;
    },
    dispose() {
      for (const each of [step, optimizer, model, dataset, random]) each.dispose();
    },
  };
}

/** Seconds of the sum of so many numbers over a cluster's processes, beyond what asking for it takes. */
export async function sumSeconds(cluster: Cluster, size: number, count: number): Promise<number> {
  const row = tf.variable(tf.fill([size], 1e-3));
  const inputs = Array.from({ length: cluster.size }, () => [tf.scalar(1)] as [tf.Scalar]);
  const settings = { together: cluster };
  const summed = compile(
    (x: tf.Scalar) => tf.sum(sumsOverProcesses([tf.mul(row, x)])[0]),
    settings,
  );
  const unsummed = compile((x: tf.Scalar) => tf.sum(tf.mul(row, x)), settings);
  const time = async (step: typeof summed) => {
    const exported = await step.exported(inputs[0], () => Promise.resolve());
    const steps = inputs.map(() => exported);
    const seconds: number[] = [];
    for (let turn = -warmUp; turn < count; turn++) {
      const begun = performance.now();
      tf.dispose(await cluster.run(steps, inputs) as tf.Tensor[]);
      if (turn >= 0) seconds.push((performance.now() - begun) / 1000);
    }
    return median(seconds);
  };
  const [all, own] = [await time(summed), await time(unsummed)];
  for (const step of [summed, unsummed]) step.dispose();
  tf.dispose([row, ...inputs.flat()]);
  return Math.max(0, all - own);
}

/** What processes have held at most, in MB. */
function megabytesOf(pids: readonly number[]): number[] {
  return pids.map((pid) => {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024);
  });
}

/** Steps on a cluster: by the usual exchange, and by each of the others. */
const stepsOfAll = (work: Case, cluster: Cluster) =>
  [undefined, ...exchanges.map(({ exchange }) => exchange)]
    .map((exchange) => stepOf(work, cluster, exchange));

/** Median seconds of each step: in turns, so that what else the machine does meets all alike. */
async function inTurns(steps: { run(): Promise<number> }[], count: number): Promise<number[]> {
  const times: number[][] = steps.map(() => []);
  for (let turn = -warmUp; turn < count; turn++) {
    for (const [side, step] of steps.entries()) {
      const seconds = await step.run();
      if (turn >= 0) times[side].push(seconds);
    }
  }
  return times.map(median);
}

async function onThisMachine(work: Case, count: number): Promise<Row> {
  const parameters = parametersOf(work);
  const cluster = await localCluster(2, { threads: 1 });
  try {
    await cluster.begin();
    const sides = [stepOf(work), ...stepsOfAll(work, cluster)];
    await inTurns(sides.slice(0, 2), 0);
    // Before the other exchanges, each of which has a model of its own.
    const megabytes = megabytesOf(cluster.pids);
    const [aloneSeconds, togetherSeconds, ...otherSeconds] = await inTurns(sides, count);
    for (const each of sides) each.dispose();
    return {
      ...{ name: work.name, parameters, aloneSeconds, togetherSeconds, otherSeconds, megabytes },
      sumSeconds: await sumSeconds(cluster, parameters, count),
    };
  } finally {
    await cluster.close();
  }
}

/** Workers on simulated machines, which this program leads; relays make their network slower where asked. */
export async function clusterOn(hosts: Hosts, count: number, delay: number) {
  const relays: Deno.ChildProcess[] = [];
  // Ports of their own: a relay stands for another machine, and TensorFlow listens on its own port everywhere.
  const targets = Array.from({ length: count }, (_, host) => `${hosts.ipOf(host)}:${port + host}`);
  // Each machine reaches another at an address that is its own relay's.
  const addresses = delay > 0
    ? targets.map((_, host) => `10.78.0.${host + 1}:${port + host}`)
    : targets;
  for (let host = 0; delay > 0 && host < count; host++) {
    for (const [other, target] of targets.entries()) {
      await hosts.addAddress(host, addresses[other].split(":")[0]);
      if (other === host) continue;
      const relay = new URL("delay_relay.ts", import.meta.url).pathname;
      const [command, ...args] = [
        ...[...hosts.on(host), Deno.execPath(), "run", "--quiet", "--no-check", "--allow-all"],
        ...["--config", join(root, "deno.json"), relay, addresses[other], target, `${delay}`],
      ];
      const child = new Deno.Command(command, { args, stdout: "piped" }).spawn();
      relays.push(child);
      const reader = child.stdout.getReader();
      await reader.read(); // it is ready
      reader.cancel();
    }
  }
  const backend = backendOfClusters();
  const workers = targets.map((_, host) =>
    new WorkerProcess(host, hosts.on(host), { isApart: false })
  );
  const group = await WorkerGroup.across(
    { workers, addresses, threads: workers.map(() => 1) },
    {
      ...{ tensorflow: backend.binding.TF_Version, device: backend.binding.device },
      patienceSeconds: 60,
    },
  );
  const cluster = new Cluster(group, 1, backend);
  await cluster.begin();
  const close = async () => {
    await cluster.close();
    for (const relay of relays) {
      relay.kill("SIGKILL");
      await relay.status;
    }
  };
  return { cluster, close };
}

const nameOf = ({ rate, delay }: { rate?: number; delay: number }) =>
  (rate ? `${rate} Gbit/s` : "no limit") + (delay ? `, ${delay / 1000} ms` : "");

interface Network {
  name: string;
  sums: MeasuredSum[];
  ring: Ring;
}

interface Step {
  name: string;
  network: string;
  seconds: number;
  /** For each of `exchanges`. */
  otherSeconds: number[];
  /** Of the sum alone. */
  share: number;
}

/** A step on machines whose network is limited, for each rate. */
async function stepsOn(
  hosts: Hosts,
  cluster: Cluster,
  work: Case,
  count: number,
): Promise<Step[]> {
  const steps = stepsOfAll(work, cluster);
  const found: Step[] = [];
  for (const network of networks.filter(({ rate, delay }) => rate !== undefined && delay === 0)) {
    for (let host = 0; host < cluster.size; host++) await hosts.setRate(host, network.rate);
    const [seconds, ...otherSeconds] = await inTurns(steps, Math.min(count, 3));
    const sum = await sumSeconds(cluster, parametersOf(work), Math.min(count, 3));
    const share = sum / seconds;
    found.push({ name: work.name, network: nameOf(network), seconds, otherSeconds, share });
  }
  for (const each of steps) each.dispose();
  return found;
}

function parametersOf(work: Case): number {
  const random = new Random(1);
  const model = work.model(random);
  const sizes = Array.from(model.namedParameters().values(), ({ size }) => size);
  for (const each of [model, random]) each.dispose();
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function betweenMachines(count: number, say: (line: string) => void) {
  await using hosts = await Hosts.make(Math.max(...hostCounts));
  if (hosts === undefined) return { networks: [], steps: [] };
  const found = new Map(networks.map((each) => [each, [] as MeasuredSum[]]));
  const steps: Step[] = [];
  for (const processes of hostCounts) {
    for (const delay of new Set(networks.map(({ delay }) => delay))) {
      const { cluster, close } = await clusterOn(hosts, processes, delay);
      try {
        for (const network of networks.filter((each) => each.delay === delay)) {
          for (let host = 0; host < processes; host++) await hosts.setRate(host, network.rate);
          for (const size of sumSizes) {
            const seconds = await sumSeconds(
              cluster,
              size,
              size > 1e6 ? Math.min(count, 3) : count,
            );
            found.get(network)!.push({ processes, bytes: 4 * size, seconds });
          }
          say(
            `${processes} machines, ${nameOf(network)}: ${
              found.get(network)!.filter((each) => each.processes === processes)
                .map(({ bytes, seconds }) => `${megabytes(bytes)} ${milliseconds(seconds)}`).join(
                  ", ",
                )
            }`,
          );
        }
        if (processes === 2 && delay === 0) {
          for (const work of measured) steps.push(...await stepsOn(hosts, cluster, work, count));
        }
      } finally {
        await close();
      }
    }
  }
  const all = [...found].map(([network, sums]): Network => ({
    name: nameOf(network),
    // What other programs did meanwhile may have been more than a small sum.
    ...{ sums, ring: fittedRing(sums.filter(({ seconds }) => seconds > 1e-4)) },
  }));
  return { networks: all, steps };
}

const milliseconds = (seconds: number) =>
  `${(1000 * seconds).toLocaleString("en", { maximumSignificantDigits: 3 })} ms`;
const megabytes = (bytes: number) =>
  `${(bytes / 1e6).toLocaleString("en", { maximumSignificantDigits: 3 })} MB`;
const percent = (share: number) => `${Math.round(100 * share)} %`;
const table = (head: string[], rows: string[][]) =>
  [head, head.map((_, column) => column === 0 ? "---" : "---:"), ...rows]
    .map((row) => `| ${row.join(" | ")} |`).join("\n");

function machineTable(rows: readonly Row[]): string {
  return table(
    [
      ...["Step of 128 images", "Gradients", "1 × 2 threads", "2 × 1 thread", "Ratio"],
      ...["The sum alone", "Share", ...exchanges.map(({ name }) => name), "Memory a process"],
    ],
    rows.map((row) => [
      row.name,
      megabytes(4 * row.parameters),
      ...[row.aloneSeconds, row.togetherSeconds].map(milliseconds),
      (row.aloneSeconds / row.togetherSeconds).toFixed(2),
      milliseconds(row.sumSeconds),
      percent(row.sumSeconds / row.togetherSeconds),
      ...row.otherSeconds.map(milliseconds),
      `${Math.max(...row.megabytes)} MB`,
    ]),
  );
}

function networkTable(all: readonly Network[]): string {
  const head = hostCounts.flatMap((processes) =>
    sumSizes.filter((size) => size >= 1e5).map((size) => `${processes} × ${megabytes(4 * size)}`)
  );
  return table(
    ["Network", ...head, "Latency of a part", "Rate"],
    all.map(({ name, sums, ring }) => [
      name,
      ...sums.filter(({ bytes }) => bytes >= 4e5).map(({ seconds }) => milliseconds(seconds)),
      milliseconds(ring.latency),
      `${(8 * ring.bytesPerSecond / 1e9).toFixed(1)} Gbit/s`,
    ]),
  );
}

/** Each process computes what one of two does here; what remains of its time for that is the efficiency. */
function paperTable(rows: readonly Row[], all: readonly Network[]): string {
  return table(
    ["Sum, and what remains for computing", ...onPaper.map((count) => `${count} processes`)],
    all.slice(1).flatMap(({ name, ring }) =>
      rows.map(({ name: model, parameters, togetherSeconds, sumSeconds }) => [
        `${model}, ${name}`,
        ...onPaper.map((count) => {
          const seconds = ringSeconds(ring, count, 4 * parameters);
          const computing = Math.max(0, togetherSeconds - sumSeconds);
          return `${milliseconds(seconds)}, ${percent(computing / (computing + seconds))}`;
        }),
      ])
    ),
  );
}

/** Measures all, prints it, and, unless `isQuick`, writes it into docs/performance.md. */
export async function benchProcesses({ isQuick }: { isQuick: boolean }): Promise<void> {
  const begun = performance.now();
  const count = isQuick ? turns.quick : turns.full;
  const say = (line: string) => console.error(line);
  const rows: Row[] = [];
  for (const work of measured) {
    rows.push(await onThisMachine(work, count));
    say(`${work.name}: measured`);
  }
  const { networks, steps } = await betweenMachines(count, say);
  const machine = titleOf(await benchMachine(undefined, thisMachine().cores));
  const text = [
    `${machine}, ${new Date().toISOString().slice(0, 10)}. Medians of ${count} turns.`,
    machineTable(rows),
    ...(networks.length === 0
      ? ["This system allows no simulated machines (network namespaces)."]
      : [
        "A sum between simulated machines that share these cores, in a ring:",
        networkTable(networks),
        "A step on two of them, each with one thread:",
        table(
          ["Step", "Network", "Time", "The sum's share", ...exchanges.map(({ name }) => name)],
          steps.map(({ name, network, seconds, otherSeconds, share }) => [
            ...[name, network, milliseconds(seconds), percent(share)],
            ...otherSeconds.map(milliseconds),
          ]),
        ),
        "On paper, for more processes, each with 64 images a step and a machine of its own:",
        paperTable(rows, networks),
      ]),
  ].join("\n\n");
  console.log(text);
  say(`In ${((performance.now() - begun) / 1000).toFixed(0)} s.`);
  if (isQuick) return;
  await writeMarkedSection(section, text);
}
