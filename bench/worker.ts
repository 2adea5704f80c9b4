/**
 * Tessera's side of the benchmark: a process that does as much work as a line asks for, and answers with
 * the time of each piece. `worker.ts CASE KIND MODE`, with KIND step, epoch or inference and MODE compiled
 * or eager.
 */
import process from "node:process";
import { TextLineStream } from "@std/streams";
import {
  backendReport,
  compile,
  crossEntropy,
  permutation,
  Random,
  valueAndGradients,
} from "../lib/mod.ts";
import * as tf from "../lib/tensor/tf.ts";
import { batchSize, caseOf } from "./cases.ts";

const [caseName, kind, mode, epochImages] = Deno.args;
const work = caseOf(caseName);
const enabled = mode === "compiled";
const random = new Random(1);
const model = work.model(random.fork("model"));
const parameters = [...model.namedParameters().values()];

/** Milliseconds of each of `count` pieces of work. */
type Runner = (count: number) => Promise<number[]>;

async function timed(count: number, piece: () => Promise<void>): Promise<number[]> {
  const milliseconds: number[] = [];
  for (let index = 0; index < count; index++) {
    const begun = performance.now();
    await piece();
    milliseconds.push(performance.now() - begun);
  }
  return milliseconds;
}

const lossOf = (images: tf.Tensor, labels: tf.Tensor1D) =>
  tf.mean(crossEntropy(model.forward(images) as tf.Tensor2D, labels) as tf.Tensor) as tf.Scalar;

function trainingRunner(): Runner {
  model.setTraining(true);
  const optimizer = work.optimizer(model);
  const images = random.normal([batchSize, ...work.imageShape]);
  const labels = random.integers([batchSize], 0, 10) as tf.Tensor1D;
  const learningRate = tf.scalar(work.learningRate);
  const step = compile((images: tf.Tensor, labels: tf.Tensor, learningRate: tf.Tensor) => {
    const { value, gradients } = valueAndGradients(
      () => lossOf(images, labels as tf.Tensor1D),
      parameters,
    );
    optimizer.apply(gradients, learningRate as tf.Scalar);
    return value;
  }, { enabled });
  return (count) =>
    timed(count, async () => {
      const loss = await step(images, labels, learningRate);
      await loss.data();
      loss.dispose();
    });
}

function inferenceRunner(): Runner {
  model.setTraining(false);
  const images = random.normal([batchSize, ...work.imageShape]);
  const forward = compile((images: tf.Tensor) => model.forward(images), { enabled });
  return (count) =>
    timed(count, async () => {
      const logits = await forward(images);
      await logits.data();
      logits.dispose();
    });
}

async function epochRunner(): Promise<Runner> {
  const dataset = await work.dataset(Number(epochImages));
  model.setTraining(true);
  const optimizer = work.optimizer(model);
  const step = compile((indices: tf.Tensor, learningRate: tf.Tensor) => {
    const { images, labels } = work.transform(dataset.batch(indices as tf.Tensor1D), random);
    const { value, gradients } = valueAndGradients(
      () => lossOf(images, labels as tf.Tensor1D),
      parameters,
    );
    optimizer.apply(gradients, learningRate as tf.Scalar);
    return value;
  }, { enabled });
  let epoch = 0;
  return (count) =>
    timed(count, async () => {
      const order = permutation(dataset.size, epoch++);
      for (let start = 0; start + batchSize <= order.length; start += batchSize) {
        const indices = tf.tensor1d(order.slice(start, start + batchSize), "int32");
        const learningRate = tf.scalar(work.learningRate);
        const loss = await step(indices, learningRate);
        await loss.data();
        tf.dispose([loss, indices, learningRate]);
      }
    });
}

/** The most memory that the process has held, in megabytes; what it holds now where no Linux tells. */
function peakMegabytes(): number {
  if (Deno.build.os !== "linux") return Deno.memoryUsage().rss / 2 ** 20;
  const [, kilobytes] = Deno.readTextFileSync("/proc/self/status").match(/VmHWM:\s+(\d+)/)!;
  return Number(kilobytes) / 1024;
}

const runner = kind === "step"
  ? trainingRunner()
  : kind === "inference"
  ? inferenceRunner()
  : await epochRunner();
const [first] = kind === "epoch" ? [0] : await runner(1);
const parameterCount = parameters.reduce((sum, { size }) => sum + size, 0);
console.log(JSON.stringify({ first, parameterCount, version: backendReport.version }));

const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream());
for await (const line of lines) {
  const before = process.cpuUsage();
  const milliseconds = await runner(Number(line));
  const { user, system } = process.cpuUsage(before);
  const processorMilliseconds = (user + system) / 1000 / milliseconds.length;
  const answer = { milliseconds, processorMilliseconds, peakMegabytes: peakMegabytes() };
  console.log(JSON.stringify(answer));
}
Deno.exit(0);
