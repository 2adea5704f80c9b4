/** The language service's processes, as Linux shows them. */

/** The service that listens at a socket, and its language server. */
export function processesOf(socket: string): { service?: number; server?: number } {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const command = Deno.readTextFileSync(`/proc/${name}/cmdline`).split("\0");
      if (!command.includes(socket) || !command.some((each) => each.endsWith("language/main.ts"))) {
        continue;
      }
      const children = Deno.readTextFileSync(`/proc/${name}/task/${name}/children`);
      const server = Number(children.trim().split(" ")[0]) || undefined;
      return { service: Number(name), server };
    } catch {
      // it has ended
    }
  }
  return {};
}

/** What a process holds in memory, in megabytes; pages that it shares count in part. */
export function memoryOf(process: number): number {
  const rollup = Deno.readTextFileSync(`/proc/${process}/smaps_rollup`);
  return Math.round(Number(/^Pss: +(\d+) kB/m.exec(rollup)![1]) / 1000);
}

/** How long a process has computed, on all cores together. */
export function computingSecondsOf(process: number): number {
  const stat = Deno.readTextFileSync(`/proc/${process}/stat`);
  const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13).map(Number);
  return (user + system) / 100; // the kernel's ticks
}
