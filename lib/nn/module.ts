import * as tf from "../tensor/tf.ts";
import { guard } from "../tensor/compile.ts";
import { Random } from "../random.ts";

/**
 * A part of a model: parameters, other modules, and a `forward` that maps tensors to tensors.
 *
 * Parameters (`tf.Variable`) and submodules are found by walking the fields, arrays of them
 * included, and are named by their path: `blocks.0.attention.qkv.weight`. A field whose name begins
 * with `#` is private and is not walked.
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
      value: (...inputs: tf.Tensor[]) => tf.tidy(() => forward.apply(this, inputs)),
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
    const children = new Map<string, Module>();
    for (const [name, value] of Object.entries(this)) {
      if (value instanceof Module) children.set(name, value);
      else if (Array.isArray(value)) {
        value.forEach((item, index) => {
          if (item instanceof Module) children.set(`${name}.${index}`, item);
        });
      }
    }
    return children;
  }

  /** All variables of the module and its children, by path, trainable or not. */
  namedVariables(prefix = ""): Map<string, tf.Variable> {
    const variables = new Map<string, tf.Variable>();
    for (const [name, value] of Object.entries(this)) {
      if (value instanceof tf.Variable) variables.set(prefix + name, value);
    }
    for (const [name, child] of this.namedChildren()) {
      for (const [path, variable] of child.namedVariables(`${prefix}${name}.`)) {
        variables.set(path, variable);
      }
    }
    return variables;
  }

  /** The trainable variables, by path. */
  namedParameters(): Map<string, tf.Variable> {
    return new Map([...this.namedVariables()].filter(([, variable]) => variable.trainable));
  }

  /** The module's own sources of randomness and its children's, by path: `blocks.0.mlp.hiddenDropout.random`. */
  namedRandoms(): Map<string, Random> {
    const randoms = new Map<string, Random>();
    for (const [path, module] of this.namedModules()) {
      for (const [name, value] of Object.entries(module)) {
        if (value instanceof Random) randoms.set(path === "" ? name : `${path}.${name}`, value);
      }
    }
    return randoms;
  }

  /** The module's name and every descendant's with its path, parents first. */
  namedModules(prefix = ""): Map<string, Module> {
    const modules = new Map<string, Module>([[prefix, this]]);
    for (const [name, child] of this.namedChildren()) {
      const path = prefix === "" ? name : `${prefix}.${name}`;
      for (const [key, module] of child.namedModules(path)) modules.set(key, module);
    }
    return modules;
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
