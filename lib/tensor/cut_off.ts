/** TensorFlow.js's engine after Stop has cut code off within it. */
import * as tf from "tfjs";
import { kernelDoor } from "../platform/kernel_door.ts";

/** What the engine keeps of calls that are under way. */
interface EngineState {
  scopeStack: unknown[];
  gradientDepth: number;
  kernelDepth: number;
  activeTape: unknown[] | null;
  numDataMovesStack: number[];
  profiling: boolean;
}

/** By which all calls begin that the engine keeps something of. */
const beginnings = ["startScope", "startTape", "runKernelFunc", "makeTensor"] as const;
type Beginnings = Record<typeof beginnings[number], (...args: unknown[]) => unknown>;

/**
 * Has the scopes, tapes and ops closed that such code left open; the scopes' tensors are freed. Other code may come
 * to the engine before the door does, so its first call closes them too.
 */
export function closeWhatIsCutOff(): void {
  const door = kernelDoor();
  if (!door) return;
  const engine = tf.engine();
  const state = engine.state as unknown as EngineState;
  const methods = engine as unknown as Beginnings;
  let own: Partial<Beginnings> | undefined;
  const close = () => {
    if (!own) return;
    for (const name of beginnings) delete (methods as Partial<Beginnings>)[name];
    Object.assign(methods, own);
    own = undefined;
    while (state.scopeStack.length > 0) engine.endScope();
    Object.assign(state, { gradientDepth: 0, kernelDepth: 0, activeTape: null, profiling: false });
    state.numDataMovesStack.length = 0;
  };
  door.beforeCut.add(() => {
    if (own) return;
    const before: Partial<Beginnings> = own = {};
    for (const name of beginnings) {
      if (Object.hasOwn(methods, name)) before[name] = methods[name];
      methods[name] = (...args) => {
        close();
        return methods[name](...args);
      };
    }
  });
  door.afterCut.add(close);
}
