import { host } from "./host.ts";

export function packageFile(specifier: string): URL {
  return new URL(host().packageFile(specifier));
}

export function packageFolder(specifier: string): string {
  return new URL(".", packageFile(specifier)).href;
}
