/** An environment variable; undefined where it is not set, or may not be read. */
export function variable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined; // no permission to read the environment: the same as not set
  }
}
