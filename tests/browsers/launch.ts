/** Starts a browser that listens to its tools, and connects to it. */

export interface Launch {
  name: string;
  /** What the program is called with; `profile` is a folder of its own. */
  args: (profile: string) => string[];
  /** Finds the address that it writes. */
  address: RegExp;
  /** What stands behind the address where one connects. */
  session?: string;
}

/** Its process, its profile's folder, and the socket by which it is spoken to. */
export async function launch(path: string, { name, args, address, session = "" }: Launch) {
  const profile = await Deno.makeTempDir({ prefix: `tessera-${name.toLowerCase()}-` });
  const process = new Deno.Command(path, {
    args: args(profile),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const socket = new WebSocket(`${await addressIn(process.stderr, name, address)}${session}`);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`${name} does not answer`));
  });
  return { process, profile, socket };
}

/** The address that a browser writes when it listens to its tools. Reads on, so that it can go on writing. */
async function addressIn(
  stream: ReadableStream<Uint8Array>,
  name: string,
  pattern: RegExp,
): Promise<string> {
  let said = "";
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  while (true) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${name} ended: ${said}`);
    said += decoder.decode(value, { stream: true });
    const address = pattern.exec(said)?.[1];
    if (!address) continue;
    (async () => {
      while (!(await reader.read()).done);
    })().catch(() => {});
    return address;
  }
}
