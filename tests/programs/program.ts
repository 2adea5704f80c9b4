/** A small random program: what a learner's training step might be. */
import * as ops from "../../lib/tensor/ops.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { clipByGlobalNorm } from "../../lib/training/gradients.ts";
import { Choices } from "./choices.ts";
import {
  type Author,
  type Live,
  randomStatement,
  type Statement,
  type World,
} from "./statements.ts";

/** How a program changes its variables. */
const updates = [
  "nothing",
  "assigned",
  "tf.train.sgd",
  "momentum",
  "nesterov",
  "adam",
  "clipped adam",
  "clipped, assigned",
] as const;

export interface Program {
  seed: number;
  /** The program, as a reader may follow it. */
  text: string;
  /** Shapes of what it needs. */
  inputs: number[][];
  variables: number[][];
  statistics: number[][];
  constants: number[][];
  draws: { kind: "mask" | "noise"; shape: number[] }[];
  rows: number;
  /** The step: gives its value and gradients, and changes the variables. */
  step(inputs: readonly tf.Tensor[], world: World, moments: tf.Variable[][]): tf.Tensor[];
}

/** The program that belongs to a seed. */
export function programOf(seed: number): Program {
  const choices = new Choices(seed);
  // Mostly as few as a reader can follow; else up to a little more than the longest vectors hold.
  const [rows, width] = [0, 0].map(() => choices.integer(1, choices.chance(0.6) ? 6 : 20));
  const inputs = [[rows, width], [choices.integer(1, 4), rows, 2]];
  const variables: number[][] = [], statistics: number[][] = [], constants: number[][] = [];
  const draws: Program["draws"] = [];
  const live: Live[] = inputs.map((shape, index) => ({
    ...{ shape, name: `x${index}`, get: (values) => values[index] },
  }));
  const author: Author = {
    ...{ choices, live, rows },
    variable(shape) {
      const at = variables.push(shape) - 1;
      return { shape, name: `w${at}`, get: (_, world) => world.variables[at] };
    },
    statistic(shape) {
      const at = statistics.push(shape) - 1;
      const of = (world: World) => world.statistics[at];
      return { shape, name: `s${at}`, of, get: (_, world) => of(world) };
    },
    constant(shape) {
      const at = constants.push(shape) - 1;
      return { shape, name: `c${at}`, get: (_, world) => world.constants[at] };
    },
    draw(kind, shape) {
      const at = draws.push({ kind, shape }) - 1;
      return { shape, name: `${kind}${at}`, get: (_, world) => drawn(world, { at, kind, shape }) };
    },
  };
  author.variable(inputs[0]);
  const statements: Statement[] = [];
  const length = choices.integer(2, 9);
  while (statements.length < length) {
    const statement = randomStatement(author);
    const at = inputs.length + statements.push(statement) - 1;
    live.push({ shape: statement.shape, name: `y${at}`, get: (values) => values[at] });
  }
  const update = choices.pick(updates);
  const byTfjs = choices.chance(0.3);
  const objective = (values: tf.Tensor[], world: World): tf.Scalar => {
    const all = [...values];
    for (const statement of statements) all.push(statement.run(all, world));
    const parts = all.slice(inputs.length).map((value, index) =>
      tf.mul(tf.mean(tf.tanh(value)), 1 + index / statements.length)
    );
    // So that the value depends on every variable.
    const used = world.variables.map((variable) => tf.mul(tf.mean(tf.tanh(variable)), 0.1));
    return [...parts, ...used].reduce((a, b) => tf.add(a, b)) as tf.Scalar;
  };
  const text = [
    `inputs ${inputs.map((shape) => `[${shape}]`).join(", ")}; ${rows} indices`,
    ...statements.map(({ text, shape }, at) => `y${inputs.length + at} = ${text}  [${shape}]`),
    `gradients by ${byTfjs ? "tf.variableGrads" : "ops.valueAndGradients"}; update: ${update}`,
  ].join("\n");
  return {
    ...{ seed, text, inputs, variables, statistics, constants, draws, rows },
    step(given, world, moments) {
      const objectiveHere = () => objective([...given], world);
      const { value, gradients } = byTfjs
        ? gradientsByTfjs(objectiveHere, world.variables)
        : ops.valueAndGradients(objectiveHere, world.variables);
      change(update, world.variables, gradients, moments);
      return [value, ...gradients];
    },
  };
}

/** This call's mask or noise: given to the program, or drawn in it. */
function drawn(
  { draws, random }: World,
  { at, kind, shape }: { at: number; kind: "mask" | "noise"; shape: number[] },
): tf.Tensor {
  if (random === null) return draws[at];
  return kind === "mask" ? tf.cast(random.bernoulli(shape, 0.7), "float32") : random.normal(shape);
}

function gradientsByTfjs(objective: () => tf.Scalar, variables: tf.Variable[]) {
  const { value, grads } = tf.variableGrads(objective, variables);
  return { value, gradients: variables.map(({ name }) => grads[name]) };
}

const rate = 0.05;
const sgd = tf.train.sgd(rate);

function change(
  update: typeof updates[number],
  variables: tf.Variable[],
  gradients: readonly tf.Tensor[],
  moments: tf.Variable[][],
): void {
  const taken = update.startsWith("clipped") ? clipByGlobalNorm(gradients, 0.3) : gradients;
  if (update === "tf.train.sgd") {
    sgd.applyGradients(
      Object.fromEntries(variables.map(({ name }, index) => [name, taken[index]])),
    );
  }
  variables.forEach((variable, index) => {
    const [first, second] = moments[index];
    if (update.endsWith("assigned")) {
      variable.assign(tf.sub(variable, tf.mul(taken[index], rate)));
    } else if (update === "momentum" || update === "nesterov") {
      ops.momentumUpdate(variable, first, taken[index], {
        ...{ learningRate: tf.scalar(rate), momentum: 0.9, nesterov: update === "nesterov" },
      });
    } else if (update.endsWith("adam")) {
      ops.adamUpdate(variable, first, second, taken[index], {
        ...{ learningRate: tf.scalar(rate), firstCorrection: tf.scalar(0.1) },
        ...{ secondCorrection: tf.scalar(0.01), beta1: 0.9, beta2: 0.99, epsilon: 1e-3 },
        weightDecay: 0.01,
      });
    }
  });
}
