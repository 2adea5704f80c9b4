/** How the library starts a process of its own. */
import { kernelDoor } from "../platform/kernel_door.ts";

/** The command and its first arguments for a program of `lib`: with no project's settings, thus without packages. */
export function ownProgram(url: string): [command: string, ...args: string[]] {
  const args = ["run", "--quiet", "--no-config", "--no-lock", "--cached-only", "--allow-all", url];
  // As the threads of a kernel that compute (`polite_threads.ts`): behind those that answer.
  return Deno.build.os === "linux" && kernelDoor()
    ? ["nice", "-n", "10", Deno.execPath(), ...args]
    : [Deno.execPath(), ...args];
}
