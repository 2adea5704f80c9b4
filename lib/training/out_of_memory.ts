import { graphicsCard } from "../tensor/native.ts";
import { TensorFlowError } from "../tensor/tensorflow_error.ts";

/** The error as it is; where memory ran out, one that names the batch size and what to do. */
export function explainMemory(error: unknown, what: string, batchSize: number): unknown {
  if (!(error instanceof TensorFlowError) || !error.outOfMemory) return error;
  const card = graphicsCard();
  const place = card ? `The memory of ${card.name}` : "The memory";
  const others = card
    ? "or end other kernels that use the card (nvidia-smi lists them)"
    : "or end other kernels and programs";
  return new Error(
    `${place} is full: ${what.toLowerCase()} with batchSize ${batchSize} needs more. Take a smaller batchSize, ` +
      `such as ${Math.max(1, batchSize >> 1)}, ${others}.`,
    { cause: error },
  );
}
