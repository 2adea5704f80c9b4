/**
 * The same run twice. On a card some of TensorFlow's kernels add in an order that chance decides; for most of
 * them it has others that do not, and it takes those when it is told to. The processor needs no telling.
 */
import { flag, variable } from "../platform/variables.ts";
import type { CApi } from "./c_api.ts";
import { TensorFlowError } from "./tensorflow_error.ts";

/** TensorFlow's number for what is not there. */
const UNIMPLEMENTED = 12;

type Switch = Pick<CApi, "enableDeterminism" | "isDeterminismEnabled">;

/** Whether `TESSERA_DETERMINISTIC=1` asks for it: then an op that cannot is an error. */
export function isDeterminismRequired(): boolean {
  return flag("TESSERA_DETERMINISTIC");
}

/** Makes TensorFlow take kernels that give the same twice, but where `TESSERA_DETERMINISTIC=0` forgoes it. */
export function startDeterminism(api: Switch): void {
  if (variable("TESSERA_DETERMINISTIC") && !isDeterminismRequired()) return;
  if (api.enableDeterminism) api.enableDeterminism(true);
  else Deno.env.set("TF_DETERMINISTIC_OPS", "1");
}

/** Whether TensorFlow refused an op because it has no kernel, or no seed, that gives the same twice. */
function isRefusal(error: unknown): error is TensorFlowError {
  return error instanceof TensorFlowError &&
    (error.code === UNIMPLEMENTED && /determinis/i.test(error.message) ||
      /when determinism is enabled/i.test(error.message));
}

/**
 * What to do where an op was refused: true to run it again. Where it was required that runs be the same, throws
 * an error that names the op; else they no longer are, and a line says so.
 */
export function isAllowedAgain(api: Switch, op: string, error: unknown): boolean {
  if (!isRefusal(error)) return false;
  if (isDeterminismRequired()) {
    throw new TensorFlowError(
      `${op} has no kernel for the graphics card that gives the same result twice; ` +
        "without TESSERA_DETERMINISTIC=1 it runs, or compute on the processor (TESSERA_DEVICE=cpu)",
      error.code,
    );
  }
  if (!api.enableDeterminism || !api.isDeterminismEnabled) {
    throw new TensorFlowError(
      `${op} has no kernel for the graphics card that gives the same result twice, and this TensorFlow cannot ` +
        "do without any more: TESSERA_DETERMINISTIC=0 before the start takes the kernels that it has",
      error.code,
    );
  }
  if (!api.isDeterminismEnabled()) return false;
  api.enableDeterminism(false);
  console.warn(
    `From here on two runs may differ: the graphics card has no kernel of ${op} that gives the same result ` +
      "twice. TESSERA_DETERMINISTIC=1 makes that an error.",
  );
  return true;
}
