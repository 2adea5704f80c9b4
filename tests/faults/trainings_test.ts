import { assert, assertEquals } from "@std/assert";
import { endTrainings } from "./trainings.ts";

Deno.test("a training that is ended in every way, at random moments, loses nothing that was saved", async () => {
  const { counts, faults, trainings } = await endTrainings(10, 1);
  assertEquals(faults, []);
  assert(trainings > 0);
  assertEquals(Object.values(counts).reduce((sum, count) => sum + count), 10);
});
