/**
 * A network of a group's own. TensorFlow listens on every address of its network, without authentication, and runs
 * any op for whoever reaches it, those that read and write files among them. In a network namespace of their own
 * nobody but the workers reach one another.
 */
import type { Prefix } from "./worker_process.ts";

/** How the programs of a group start in a network of their own. */
export interface OwnNetwork {
  /** Before the first program: makes the namespace. */
  make: Prefix;
  /** Before each of the others: joins that of the first, by its PID. */
  join(pid: number): Prefix;
}

const networks: OwnNetwork[] = [
  {
    make: ["unshare", "--map-root-user", "--net"],
    join: (pid) => ["nsenter", `--target=${pid}`, "--user", "--net", "--preserve-credentials"],
  },
  { make: ["unshare", "--net"], join: (pid) => ["nsenter", `--target=${pid}`, "--net"] },
];

/** How to start programs in a network of their own here; undefined where the system does not allow it. */
export async function ownNetwork(): Promise<OwnNetwork | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  for (const network of networks) if (await runs([...network.make, "true"])) return network;
  return undefined;
}

/** Whether nobody but the programs of this network namespace reaches it: it has no device but the loopback's. */
export function isOwnNetwork(): boolean {
  return Deno.networkInterfaces().every(({ name }) => name === "lo");
}

async function runs([command, ...args]: Prefix): Promise<boolean> {
  try {
    const settings = { args, stdin: "null", stdout: "null", stderr: "null" } as const;
    return (await new Deno.Command(command, settings).output()).success;
  } catch {
    return false; // there is no such program
  }
}
