import * as tf from "../tensor/tf.ts";
import { atEnd } from "../platform/kernel_door.ts";
import { fieldsOf, Module } from "./module.ts";

/** One module of a model in a summary, or a parameter that lies beside modules, as a class token. */
export interface SummaryRow {
  /** `blocks.0.attention`; empty for the model itself. */
  path: string;
  /** The class's name, or `parameter`. */
  type: string;
  /** How many modules it lies inside. */
  depth: number;
  /** Values in the trainable variables of the module and all inside it. */
  parameters: number;
  /** The shape of the first input, or null where the module's `forward` was not called. */
  inputShape: readonly number[] | null;
  /** A parameter's own shape. */
  outputShape: readonly number[] | null;
}

/** A model's layers with their shapes and numbers of parameters; made by {@link summary}. */
export interface ModelSummary {
  /** The model, then its modules, parents first; a parent's own parameters come before its modules. */
  rows: SummaryRow[];
  parameters: number;
  /** Values of variables that are no parameters: running statistics, fixed positions. */
  buffers: number;
  /** Bytes of parameters and buffers. */
  bytes: number;
}

/**
 * The number of values in a module's trainable variables, those of all modules inside it included.
 *
 * ```ts
 * countParameters(new Linear(3, 4, { random: new Random(1) })); // 16
 * ```
 */
export function countParameters(module: Module): number {
  return sumSizes(module.namedParameters().values());
}

/**
 * The modules of a model with their parameters and, where an input shape is given (`[1, 28, 28, 1]`), the
 * shapes that go in and come out, found by one evaluation of zeros.
 */
export function summary(model: Module, inputShape?: readonly number[]): ModelSummary {
  const modules = model.namedModules();
  const shapes = inputShape ? shapesIn(model, inputShape) : new Map<Module, Shapes>();
  const rows = [...modules].flatMap(([path, module]): SummaryRow[] => {
    const depth = [...modules.keys()].filter((other) =>
      other !== path && (other === "" || path.startsWith(`${other}.`))
    ).length;
    const { inputShape, outputShape } = shapes.get(module) ??
      { inputShape: null, outputShape: null };
    const parameters = countParameters(module);
    const type = module.constructor.name;
    return [
      { path, type, depth, parameters, inputShape, outputShape },
      ...parametersBesideModules(module, path === "" ? "" : `${path}.`, depth + 1),
    ];
  });
  const variables = [...model.namedVariables().values()];
  const parameters = sumSizes(variables.filter((variable) => variable.trainable));
  const values = sumSizes(variables);
  return {
    rows,
    parameters,
    buffers: values - parameters,
    bytes: variables.reduce(
      (total, variable) => total + variable.size * tf.util.bytesPerElement(variable.dtype),
      0,
    ),
  };
}

type Shapes = Pick<SummaryRow, "inputShape" | "outputShape">;

/** What goes into each module and comes out while the model maps zeros of a shape. */
function shapesIn(model: Module, inputShape: readonly number[]): Map<Module, Shapes> {
  const modules = model.namedModules();
  const shapes = new Map<Module, Shapes>();
  const training = [...modules.values()].map((module) => module.training);
  const forwards = [...modules.values()].map((module) => module.forward);
  // Parents come first, so that each child's own setting is the last.
  const end = atEnd(() =>
    [...modules.values()].forEach((module, index) => {
      module.forward = forwards[index];
      module.setTraining(training[index]);
    })
  );
  try {
    model.setTraining(false);
    for (const module of modules.values()) {
      const forward = module.forward;
      module.forward = (...inputs) => {
        const output = forward.apply(module, inputs);
        shapes.set(module, { inputShape: inputs[0]?.shape ?? null, outputShape: output.shape });
        return output;
      };
    }
    tf.tidy(() => void model.forward(tf.zeros([...inputShape])));
  } finally {
    end();
  }
  return shapes;
}

/** Without these rows the parts of a module would not add up to it; a layer's weights need none. */
function parametersBesideModules(module: Module, prefix: string, depth: number): SummaryRow[] {
  if (module.namedChildren().size === 0) return [];
  return [...fieldsOf(module)]
    .filter((field): field is [string, tf.Variable] =>
      field[1] instanceof tf.Variable && field[1].trainable
    )
    .map(([name, { size, shape }]) => ({
      path: prefix + name,
      type: "parameter",
      depth,
      parameters: size,
      inputShape: null,
      outputShape: shape,
    }));
}

function sumSizes(variables: Iterable<tf.Variable>): number {
  let total = 0;
  for (const variable of variables) total += variable.size;
  return total;
}
