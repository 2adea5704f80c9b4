/** JupyterLab's own modules, as module federation hands them to an extension. */

/** By name and version, each behind a function that loads it. */
export type Shared = Record<string, Record<string, { get(): Promise<() => unknown> }>>;

let shared: Shared = {};

/** Keeps what JupyterLab hands over; called before the first module is asked for. */
export function share(scope: Shared): void {
  shared = scope;
}

/** What JupyterLab handed over, for an extension that another one loads. */
export function sharedModules(): Shared {
  return shared;
}

/** One of JupyterLab's modules; they bring no types. Throws an Error where there is none of the name. */
// deno-lint-ignore no-explicit-any
export async function ofJupyterLab<T = any>(name: string): Promise<T> {
  const [version] = Object.values(shared[name] ?? {});
  if (!version) throw new Error(`JupyterLab has no ${name}`);
  return (await version.get())() as T;
}
