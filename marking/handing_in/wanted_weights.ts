/** Whether a hand-in has weights, and by which name. */
import { type Notebook, textOf } from "../../tools/notebook.ts";

export const weightsName = "best.safetensors";

/** Whether a unit's checks measure trained weights that may be handed in. */
export function wantsWeights(handedOut: readonly Notebook[]): boolean {
  return handedOut.some(({ cells }) =>
    cells.some((cell) => cell.cell_type === "code" && /\bcheckGate\(/.test(textOf(cell)))
  );
}
