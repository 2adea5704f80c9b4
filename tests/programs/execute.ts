/** Runs a program in each of the ways that must agree, and compares them. */
import { compile, type CompileReport } from "../../lib/tensor/compile.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { Choices } from "./choices.ts";
import type { Program } from "./program.ts";
import type { World } from "./statements.ts";

const CALLS = 3;

export interface Execution {
  /** Everything that the program gives and leaves, by what it is. */
  values: Map<string, Float32Array>;
  report: CompileReport;
  /** The compiled step's graph. */
  graphDef: Uint8Array<ArrayBuffer> | null;
  /** Tensors that are left behind. */
  leaked: number;
}

export interface Way {
  /** The one that the library has chosen, or plain JavaScript. */
  backend: "own" | "javascript";
  compiled: boolean;
  /** Whether the step draws its masks and noise itself. */
  draws: boolean;
  /** Values that the program starts from are off by this much of each, as the seed says. */
  rounding?: { by: number; seed: number };
}

const name = { own: tf.getBackend(), javascript: "cpu" };
const size = (shape: readonly number[]) => shape.reduce((product, each) => product * each, 1);

/** Calls the program's step a few times, from the values that belong to its seed. */
export async function execute(program: Program, way: Way): Promise<Execution> {
  const usual = tf.getBackend();
  await tf.setBackend(name[way.backend]);
  try {
    return await callsOf(program, way);
  } finally {
    await tf.setBackend(usual);
  }
}

async function callsOf(program: Program, way: Way): Promise<Execution> {
  const before = tf.memory().numTensors;
  const choices = new Choices(~program.seed);
  const noise = new Choices(way.rounding?.seed ?? 0);
  const normal = (shape: number[], scale = 1) => {
    const { by } = way.rounding ?? { by: 0 };
    const values = choices.normal(size(shape))
      .map((value) => value * scale * (1 + (noise.chance(0.5) ? by : -by)));
    return tf.tensor(values, shape);
  };
  const variables = (shapes: number[][]) => {
    return shapes.map((shape) => {
      const start = normal(shape, 0.8);
      const variable = tf.variable(start);
      start.dispose();
      return variable;
    });
  };
  const world: World = {
    variables: variables(program.variables),
    statistics: variables(program.statistics),
    constants: program.constants.map((shape) => normal(shape)),
    draws: [],
    indices: tf.tensor1d([], "int32"),
    random: way.draws ? new Random(program.seed) : null,
  };
  world.indices.dispose();
  const moments = program.variables.map((shape) =>
    [0, 1].map(() => tf.tidy(() => tf.variable(tf.zeros(shape))))
  );
  const changed = [...world.variables, ...world.statistics, ...moments.flat()];
  const step = compile((indices: tf.Tensor, ...inputs: tf.Tensor[]) => {
    const count = program.inputs.length;
    const here: World = {
      ...world,
      indices: indices as tf.Tensor1D,
      draws: inputs.slice(count),
    };
    return program.step(inputs.slice(0, count), here, moments);
  }, { enabled: way.compiled, name: `program ${program.seed}` });

  const values = new Map<string, Float32Array>();
  const note = async (what: string, tensor: tf.Tensor) =>
    void values.set(what, Float32Array.from(await tensor.data()));
  for (let call = 0; call < CALLS; call++) {
    const indices = tf.tensor1d(
      Array.from({ length: program.rows }, () => choices.integer(0, program.rows - 1)),
      "int32",
    );
    const inputs = program.inputs.map((shape) => normal(shape));
    const draws = program.draws.map(({ kind, shape }) => {
      if (kind === "noise") return normal(shape);
      return tf.tensor(
        Float32Array.from({ length: size(shape) }, () => +choices.chance(0.7)),
        shape,
      );
    });
    const outputs = await step(indices, ...inputs, ...draws);
    for (const [index, output] of outputs.entries()) {
      await note(index === 0 ? `value ${call}` : `gradient ${index - 1} of call ${call}`, output);
    }
    for (const [index, variable] of changed.entries()) {
      await note(`variable ${index} after call ${call}`, variable);
    }
    tf.dispose([indices, ...inputs, ...draws, ...outputs]);
    // Between steps a learner may set a variable.
    if (call === 0) tf.tidy(() => world.variables[0].assign(tf.mul(world.variables[0], 0.9)));
  }
  const [report] = step.reports(), graphDef = step.graphDef();
  step.dispose();
  tf.dispose([...changed, ...world.constants]);
  world.random?.dispose();
  const leaked = tf.memory().numTensors - before;
  return { values, report, graphDef, leaked };
}

/** The largest differences of two executions, each relative to what belongs together. */
export function differences(a: Execution, b: Execution): Map<string, number> {
  return new Map([...a.values].map(([what, expected]) => {
    const actual = b.values.get(what)!;
    const scale = Math.max(0.01, ...expected.map(Math.abs));
    // A NaN on one side alone is a difference without bounds, and is kept by Math.max.
    const difference = Math.max(
      ...expected.map((value, index) =>
        Object.is(value, actual[index]) ? 0 : Math.abs(value - actual[index])
      ),
    );
    return [what, Number.isNaN(difference) ? Infinity : difference / scale];
  }));
}
