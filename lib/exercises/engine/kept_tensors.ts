/** Tensors that a module computes with and that are no part of it: neither saved with it, nor freed. */
import * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import { failure, shapeText } from "./check.ts";
import { given } from "./given.ts";
import { steps as tracedSteps } from "./trace.ts";

/**
 * Throws where a module's own forward pass computes with a tensor, of more than one number, that was made before and
 * that is none of its variables.
 */
export function assertKeepsVariables(name: string, module: Module, input: tf.Tensor): void {
  const held = new Set([...module.namedVariables().values()].map(({ id }) => id));
  const first = tf.tidy(() => tf.scalar(0).id);
  const copy = given(input);
  const { steps } = tracedSteps(() => module.forward(copy), { places: false });
  const bare = steps.flatMap(({ inputs }) => inputs).find(({ id, shape }) =>
    id < first && !held.has(id) && shape.some((size) => size > 1)
  );
  if (!bare) return;
  const fields = Object.entries(module);
  const field = fields.find(([, value]) => value instanceof tf.Tensor && value.id === bare.id)?.[0];
  // Another part's own check says so.
  if (field === undefined && module.namedChildren().size > 0) return;
  throw failure(
    `${name} computes with ${field ? `\`${field}\`` : "a tensor"} of shape ${
      shapeText(bare.shape)
    }, which is no part of the module.`,
    "It is neither saved nor freed with the others. Keep it in a field that is not private, as a variable that is not " +
      `trained: \`this.${field ?? "table"} = buffer(() => …)\`.`,
  );
}
