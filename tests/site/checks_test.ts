/** Checks in a browser: a few of their tests; `deno task site-checks` has all of them. */
import { assert, assertEquals } from "@std/assert";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { withTemporaryFolder } from "../../tools/temporary_folder.ts";
import { findChromium } from "../chromium.ts";
import { bundleChecks, differences, openChecks, triedHere, triedThere } from "./checks.ts";
import { siteOfUnit0 } from "./made_site.ts";
import { SiteInChromium } from "./site_in_chromium.ts";

const chromium = findChromium();
const files = [
  "tests/exercises/tensors/standardize_test.ts",
  "tests/exercises/engine/dropped_test.ts", // finds tfjs's own functions by their places in the bundle
];

Deno.test({
  name: "checks pass, fail and speak in a browser as they do on native TensorFlow",
  ignore: !chromium,
  async fn() {
    await withTemporaryFolder("site-checks-test", async (folder) => {
      const made = join(folder, "site");
      await cp(await siteOfUnit0(), made, { recursive: true }); // it is changed
      await using _tests = await bundleChecks(made, files);
      const here = await triedHere(files);
      await using site = await SiteInChromium.start(chromium!, made);
      await site.enter();
      await openChecks(site);
      for (const file of files) {
        assert(here[file].flatMap(({ said }) => said).length > 3);
        assertEquals(differences(here[file], await triedThere(site, file)), []);
      }
    });
  },
});

Deno.test("differences tells other words and other outcomes, and forgives digits that were reckoned", () => {
  const test = (...said: string[]) => ({ name: "a check", said });
  assertEquals(differences([test("off by 1.25e-7")], [test("off by 1.31e-7")]), []);
  assertEquals(differences([test("axis 1")], [test("axis 2")]), [
    "a check:\n- axis 1\n+ axis 2",
  ]);
  const [native, there] = [
    "tf.add fails on a tensor of shape [2, 3] and a tensor of shape [4]. TensorFlow says: no",
    "Error: Operands could not be broadcast together",
  ];
  assertEquals(differences([test(`${native}\nof x`)], [test(`${there}\nof x`)]), []);
  assertEquals(differences([test(`${native}\nof x`)], [test(`${there}\nof y`)]).length, 1);
  assertEquals(differences([test(`One: ${native}`)], [test(`One: ${there}`)]), []);
  assertEquals(differences([test(`One: ${native}`)], [test(`Two: ${there}`)]).length, 1);
  const failed = { ...test(), problem: "no" };
  assertEquals(differences([test()], [failed]), ["a check: fails there: no"]);
  assertEquals(differences([failed], [test()]), ["a check: fails here: no"]);
  assertEquals(differences([test(), test()], [test()]), ["2 tests here, 1 there"]);
});
