/** What cells say and show is heard by their user alone. */
import { assert, assertEquals } from "@std/assert";
import { kernelProgram } from "./driver.ts";

Deno.test({
  name: "Another user who subscribes at every port hears no cell and no output, from the kernel's start on",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const { success, stdout, stderr } = await kernelProgram("overhearing.py").output();
    assert(success, new TextDecoder().decode(stderr));
    const { ports, heard, shown } = JSON.parse(new TextDecoder().decode(stdout));
    assert(ports > 0, "it has joined Deno's ports while the kernel started");
    assertEquals(heard, []);
    assertEquals(shown, 2, "the kernel goes on with its own");
  },
});
