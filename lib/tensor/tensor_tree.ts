/** What a compiled step returns: tensors, alone or in an array or record. */
import * as tf from "tfjs";

export type TensorTree = tf.Tensor | readonly tf.Tensor[] | { readonly [name: string]: tf.Tensor };

/** The tensors of a tree, in order. */
export function leaves(tree: TensorTree): tf.Tensor[] {
  return tree instanceof tf.Tensor ? [tree] : Object.values(tree);
}

/** How a tree is built: a single tensor, an array of so many, or a record with these names. */
export type TreeShape = null | number | string[];

export function shapeOf(tree: TensorTree): TreeShape {
  if (tree instanceof tf.Tensor) return null;
  return Array.isArray(tree) ? tree.length : Object.keys(tree);
}

export function treeOf(shape: TreeShape, tensors: tf.Tensor[]): TensorTree {
  if (shape === null) return tensors[0];
  if (typeof shape === "number") return tensors;
  return Object.fromEntries(shape.map((name, index) => [name, tensors[index]]));
}

export function leafCount(shape: TreeShape): number {
  return shape === null ? 1 : typeof shape === "number" ? shape : shape.length;
}

/**
 * Runs a step and frees what it made on the way. The tensors that it returns are the caller's to free: one
 * that was there before, such as an input or a variable, is returned as a tensor of its own.
 */
export function ownTree<T extends TensorTree>(step: () => T, name: string): T {
  return tf.tidy(() => {
    const { id: firstNew } = tf.scalar(0); // numbers grow
    const tree = checkedTree(step(), name);
    const own = leaves(tree).map((leaf) => leaf.id < firstNew ? leaf.clone() : leaf);
    return treeOf(shapeOf(tree), own) as tf.TensorContainer;
  }) as T;
}

function checkedTree<T extends TensorTree>(tree: T, name: string): T {
  if (tree instanceof Promise) {
    throw new TypeError(`${name}: a compiled step must not be async or return a promise`);
  }
  const isTree = typeof tree === "object" && tree !== null &&
    leaves(tree).every((leaf) => leaf instanceof tf.Tensor);
  if (!isTree) {
    throw new TypeError(
      `${name}: a compiled step returns a tensor, or an array or record of tensors`,
    );
  }
  return tree;
}
