import type { EpochReport } from "../report.ts";
import { EventFile } from "./event_file.ts";

/**
 * Writes the curves of a finished training, as `readLog` and `loadTrained` give them, for TensorBoard:
 * beside those of other folders they are lines of the same charts.
 */
export function writeTensorBoardLog(folder: string, log: readonly EpochReport[]): void {
  for (const part of ["train", "validation"] as const) {
    if (!log.some((report) => report[part])) continue;
    const file = new EventFile(`${folder}/${part}`);
    for (const report of log) {
      const { epoch, learningRate } = report;
      const metrics = report[part];
      if (metrics) file.scalar("loss", epoch, metrics.loss);
      if (metrics) file.scalar("accuracy", epoch, metrics.accuracy);
      if (part === "train") file.scalar("learning rate", epoch, learningRate);
    }
    file.close();
  }
}
