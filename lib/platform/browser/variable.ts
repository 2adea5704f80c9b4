import { host } from "./host.ts";

/** The page's settings stand where environment variables stand elsewhere. */
export function variable(name: string): string | undefined {
  return host().environment[name];
}
