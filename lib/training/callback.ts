import type { EpochReport, StepReport } from "./report.ts";
import type { Trainer } from "./trainer.ts";

/** How a call of `fit` ended: all epochs done, stopped early, left by `break`, or by an error. */
export type Outcome = "finished" | "stopped" | "left" | "failed";

/** Does something of its own at certain moments of a training; a trainer calls all in their order. */
export interface Callback {
  /** Before the first step of a call of `fit`. */
  onStart?(trainer: Trainer): void | Promise<void>;
  /** After each step; keep it short. */
  onStep?(report: StepReport, trainer: Trainer): void | Promise<void>;
  /**
   * Whether `onStep` may be called while the next step runs already, which saves time on a graphics card: then
   * it does not look at the weights, nor stop the training after exactly this step.
   */
  readonly onStepMayBeLate?: boolean;
  /** After each epoch and its validation. */
  onEpoch?(report: EpochReport, trainer: Trainer): void | Promise<void>;
  /** Where a batch system warns that it will end the training soon: between two steps. */
  onWarning?(trainer: Trainer): void | Promise<void>;
  /** At the end of a call of `fit`, however it ends. */
  onEnd?(outcome: Outcome, trainer: Trainer): void | Promise<void>;
}
