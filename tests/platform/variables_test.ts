import { assertEquals, assertThrows } from "@std/assert";
import { flag, variable } from "../../lib/platform/variables.ts";

const name = "TESSERA_TEST_OF_A_FLAG";

Deno.test("flag understands yes and no in several words, and refuses what is neither", () => {
  assertEquals([flag(name), variable(name)], [false, undefined]);
  const meanings: [boolean, string[]][] = [
    [true, ["1", "yes", "YES", "true", "on", " 1 "]],
    [false, ["", "0", "no", "false", "Off"]],
  ];
  try {
    for (const [meaning, words] of meanings) {
      for (const word of words) {
        Deno.env.set(name, word);
        assertEquals(flag(name), meaning, `"${word}"`);
      }
    }
    Deno.env.set(name, "maybe");
    assertThrows(() => flag(name), RangeError, `${name} is "maybe", must be 1 or 0`);
  } finally {
    Deno.env.delete(name);
  }
});

Deno.test("TESSERA_QUICK=yes makes notebooks quick", async () => {
  const quick = async (text: string) => {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", `import { quick } from "tessera"; console.log(quick)`],
      env: { TESSERA_QUICK: text, NO_COLOR: "1" },
    });
    return new TextDecoder().decode((await command.output()).stdout).trim();
  };
  assertEquals(await Promise.all(["yes", "1", "no"].map(quick)), ["true", "true", "false"]);
});
