/** The service of systemd in docs/hub.md, as systemd reads it. */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { findProgram } from "../browsers/find_program.ts";

const analyze = findProgram("systemd-analyze");
if (!analyze) console.warn("THE HUB'S SERVICE IS NOT READ: there is no systemd-analyze here.");

/** What systemd says of a unit's text: nothing where all is well. */
async function complaintsOf(unit: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "tessera-service-" });
  try {
    const file = join(folder, "jupyterhub.service");
    await Deno.writeTextFile(file, unit);
    const { stderr } = await new Deno.Command(analyze!, { args: ["verify", file] }).output();
    return new TextDecoder().decode(stderr).split("\n").filter((line) =>
      line.includes("jupyterhub")
    )
      .join("\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "the page's service is one that systemd takes, and leaves users' servers to the hub",
  ignore: !analyze,
  async fn() {
    const page = await Deno.readTextFile(join(root, "docs", "hub.md"));
    const [, text] = /^```ini\n([\s\S]*?)^```$/m.exec(page)!;
    // The hub's program is not on every machine.
    const unit = text.replace(/^ExecStart=\S+/m, "ExecStart=/bin/true");
    assertEquals(await complaintsOf(unit), "");
    assertMatch(unit, /^KillMode=process$/m);
    assertMatch(await complaintsOf(unit.replace("KillMode", "KillMood")), /KillMood/);
  },
});
