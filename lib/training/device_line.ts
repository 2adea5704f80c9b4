import { graphicsCard } from "../tensor/native.ts";
import { type Precision, precision } from "../tensor/precision.ts";
import type { Progress } from "./progress.ts";

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
