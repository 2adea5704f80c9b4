import { graphicsCard } from "../tensor/native.ts";
import { type Precision, precision } from "../tensor/precision.ts";
import type { Progress } from "./progress.ts";
import type { TrainerOptions } from "./trainer_options.ts";

/** How several processes train, as in `2 processes, each with 1 thread, gradients in bfloat16`; undefined for one alone. */
export function describeProcesses(
  { cluster, exchange: { type = "float32", parts = 1 } = {}, synchronizedBatchNorm }: Pick<
    TrainerOptions,
    "cluster" | "exchange" | "synchronizedBatchNorm"
  >,
): string | undefined {
  if (!cluster) return undefined;
  const { size, threads, device } = cluster;
  const withThreads = `with ${threads} ${threads === 1 ? "thread" : "threads"}`;
  return [
    `${size} ${size === 1 ? "process" : "processes"}`,
    `each ${device === "gpu" ? "on a graphics card" : withThreads}`,
    ...(type === "float32" ? [] : [`gradients in ${type}`]),
    ...(parts === 1 ? [] : [`in ${parts} parts`]),
    ...(synchronizedBatchNorm ? ["batch normalisation over all"] : []),
  ].join(", ");
}

let toldOf = "";

/** Says once what a graphics card is and what it computes in, and again where that changes. */
export function tellDevice(
  progress: Pick<Progress, "line">,
  chosen: Precision = precision(),
  card: { name: string } | undefined = graphicsCard(),
): void {
  const line = card ? `on ${card.name}, in ${chosen}` : "";
  if (line !== "" && line !== toldOf) progress.line(line);
  toldOf = line;
}
