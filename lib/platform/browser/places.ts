import { host } from "./host.ts";
import { relative, resolve } from "./paths.ts";

export function workingFolder(): string {
  return host().folder;
}

/** What the site brings. */
export function installationFolder(): string {
  return "/course";
}

/** What the learner's browser keeps. */
export function homeFolder(): string {
  return "/home";
}

export function pathFrom(folder: string, named: string): string {
  return resolve(folder, named);
}

export function homeAround(_folder: string): string | undefined {
  return homeFolder();
}

export function isHome(folder: string): boolean {
  return resolve(folder) === homeFolder();
}

export function installationOf(folder: string): string | undefined {
  return isHome(folder) ? installationFolder() : undefined;
}

export function projectPath(...parts: string[]): string {
  return resolve(installationFolder(), ...parts);
}

/** Seen from the folder in which cells run. */
export function homePath(...parts: string[]): string {
  return relative(workingFolder(), resolve(homeFolder(), ...parts)) || ".";
}
