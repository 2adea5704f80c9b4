import { assertEquals, assertThrows } from "@std/assert";
import { CommandError } from "../tools/command.ts";
import { rowsOfMarkedSection, withMarkedSection } from "../tools/marked_section.ts";

const section = { page: "docs/page.md", name: "costs", command: "./tessera costs" };
const page = `| other | table |
| ----- | ----- |
| a     | b     |

<!-- costs: made by ./tessera costs -->

Two tables:

| Name | Cost |
| :--- | ---: |
| one  |    1 |
| two  |    – |

| Place |
| ----- |
| here  |

<!-- end of costs -->

| after | it |
`;

Deno.test("rows of a section's tables are read without their heads, and those beside it are not", () => {
  assertEquals(rowsOfMarkedSection(page, section), [["one", "1"], ["two", "–"], ["here"]]);
  assertEquals(rowsOfMarkedSection(withMarkedSection(page, section, "None."), section), []);
});

Deno.test("a page without a section's marks is refused", () => {
  const other = { ...section, name: "other" };
  assertThrows(
    () => rowsOfMarkedSection(page, other),
    CommandError,
    "docs/page.md has no <!-- other",
  );
  assertThrows(() => withMarkedSection(page, other, ""), CommandError, "docs/page.md has no");
});
