import type { Environment, Kernel } from "../environment.ts";
import { host } from "./host.ts";

export type { Environment, Kernel };

/** A person looks at it. */
export function environment(): Environment {
  return "notebook";
}

export function kernel(): Kernel | undefined {
  return host().kernel;
}
