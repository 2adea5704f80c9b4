/** An installation whose course a test may change, and a home of it. */
import { join } from "node:path";
import { makeInstallation as makeOne } from "../places/installation.ts";

export interface Installation extends AsyncDisposable {
  folder: string;
  home: string;
  /** Runs a command as `./tessera NAME …` does, from the home. */
  tessera(name: string, ...args: string[]): Promise<{ code: number; said: string }>;
}

/** Makes both; `notebooks/exercises` is a copy. Everything goes where it is disposed. */
export async function makeInstallation(): Promise<Installation> {
  const made = await makeOne();
  const home = join(made.homes, "my home");
  const { code, said } = await made.tessera("home", [home], { from: made.homes });
  if (code !== 0) throw new Error(said);
  return {
    ...{ folder: made.folder, home },
    tessera: (name, ...args) =>
      made.tessera(name, args, { from: home, env: { TESSERA_HOME: home } }),
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}
