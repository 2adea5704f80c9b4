import * as tf from "../tensor/tf.ts";
import { guard } from "../tensor/compile.ts";
import { Random } from "../random.ts";

/**
 * A part of a model: parameters, other modules, and a `forward` that maps tensors to tensors.
 *
 * Parameters (`tf.Variable`) and submodules are found by walking the fields, arrays (also of arrays) and
 * maps of them included, and are named by their path: `blocks.0.attention.qkv.weight`. One that stands in
 * several places, as a tied weight does, has the first path alone. A field whose name begins with `#` is
 * private and is not walked.
 *
 * What `forward` makes on its way is freed when it returns, but for its result; `tf.keep` saves a
 * tensor from that.
 */
export abstract class Module {
  #training = false;

  constructor() {
    const forward = this.forward;
    if (typeof forward !== "function") return; // a class that sets it as a field
    Object.defineProperty(this, "forward", {
      value: (...inputs: tf.Tensor[]) => {
        const output: unknown = tf.tidy(() => forward.apply(this, inputs));
        // Of an async method, which goes on when its tensors are freed: unheard, its error would end the process.
        if (output instanceof Promise) output.catch(() => {});
        return output;
      },
      writable: true,
      configurable: true,
    });
  }

  /** Whether layers such as dropout and batch normalisation behave as in training. */
  get training(): boolean {
    return guard(() => this.#training);
  }

  /** Maps input tensors to an output tensor. */
  abstract forward(...inputs: tf.Tensor[]): tf.Tensor;

  /** The module's children by field name: modules, and arrays of modules as `field.index`. */
  namedChildren(): Map<string, Module> {
    const isChild = (field: [string, unknown]): field is [string, Module] =>
      field[1] instanceof Module;
    return new Map([...fieldsOf(this)].filter(isChild));
  }

  /** All variables of the module and its children, by path, trainable or not. */
  namedVariables(): Map<string, tf.Variable> {
    return atFirstPaths(everyPathOf(this, tf.Variable));
  }

  /** The trainable variables, by path. */
  namedParameters(): Map<string, tf.Variable> {
    return new Map([...this.namedVariables()].filter(([, variable]) => variable.trainable));
  }

  /** The module's own sources of randomness and its children's, by path: `blocks.0.mlp.hiddenDropout.random`. */
  namedRandoms(): Map<string, Random> {
    return atFirstPaths(everyPathOf(this, Random));
  }

  /** The module's name and every descendant's with its path, parents first. */
  namedModules(): Map<string, Module> {
    return atFirstPaths(treeOf(this));
  }

  /** Sets training or evaluation behaviour for the whole tree. */
  setTraining(on: boolean): void {
    this.#training = on;
    for (const child of this.namedChildren().values()) child.setTraining(on);
  }

  /** Frees every variable and source of randomness of the module and its children. */
  dispose(): void {
    for (const variable of this.namedVariables().values()) variable.dispose();
    for (const random of this.namedRandoms().values()) random.dispose();
  }
}

/**
 * A module's own fields by name; of arrays, of those in arrays and of maps the items, as `field.index` and
 * `field.key`.
 */
export function* fieldsOf(module: Module): Generator<[name: string, value: unknown]> {
  for (const [name, value] of Object.entries(module)) yield* itemsOf(name, value);
}

function* itemsOf(name: string, value: unknown): Generator<[name: string, value: unknown]> {
  if (Array.isArray(value) || value instanceof Map) {
    for (const [key, item] of value.entries()) yield* itemsOf(`${name}.${key}`, item);
  } else yield [name, value];
}

/**
 * What a module and all inside it hold of one kind (`tf.Variable`), with its path; what stands in
 * several places comes once for each.
 */
export function* everyPathOf<Part>(
  module: Module,
  kind: abstract new (...options: never[]) => Part,
): Generator<[path: string, part: Part]> {
  for (const [path, each] of treeOf(module)) {
    for (const [name, value] of fieldsOf(each)) {
      if (value instanceof kind) yield [join(path, name), value];
    }
  }
}

/**
 * A module and all inside it, parents first; one that stands in several places comes once for each. Throws a
 * TypeError where a module is inside of itself.
 */
function* treeOf(
  module: Module,
  path = "",
  around: readonly Module[] = [],
): Generator<[path: string, module: Module]> {
  if (around.includes(module)) {
    throw new TypeError(
      `${module.constructor.name}: its field ${path} leads back to a module that it is in; a reference that is ` +
        "no part belongs in a private field, whose name begins with #",
    );
  }
  yield [path, module];
  for (const [name, child] of module.namedChildren()) {
    yield* treeOf(child, join(path, name), [...around, module]);
  }
}

function atFirstPaths<Part>(entries: Iterable<[path: string, part: Part]>): Map<string, Part> {
  const paths = new Map<Part, string>();
  for (const [path, part] of entries) if (!paths.has(part)) paths.set(part, path);
  return new Map(Array.from(paths, ([part, path]) => [path, part]));
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
