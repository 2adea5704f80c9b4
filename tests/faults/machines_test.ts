import { assertEquals } from "@std/assert";
import { withProcesses } from "../tensor/cluster/groups.ts";
import { Machines } from "./machines.ts";

Deno.test({
  name:
    "a training on machines of which one is killed goes on from its checkpoint, with more of them",
  ...withProcesses,
  async fn() {
    await using machines = await Machines.make();
    await machines.harm("kill -9 of task 0's worker");
    await machines.killAtRandom(0, 1);
    assertEquals(machines.faults, []);
  },
});
