/** TensorFlow.js's engine after Stop has cut code off within it. */
import * as tf from "tfjs";
import { kernelDoor } from "../platform/kernel_door.ts";

/** What the engine keeps of calls that are under way. */
interface EngineState {
  scopeStack: unknown[];
  gradientDepth: number;
  kernelDepth: number;
  activeTape: unknown[] | null;
}

/** Has the scopes, tapes and ops closed that such code left open; the scopes' tensors are freed. */
export function closeWhatIsCutOff(): void {
  kernelDoor()?.afterCut.add(() => {
    const engine = tf.engine();
    const state = engine.state as unknown as EngineState;
    while (state.scopeStack.length > 0) engine.endScope();
    Object.assign(state, { gradientDepth: 0, kernelDepth: 0, activeTape: null });
  });
}
