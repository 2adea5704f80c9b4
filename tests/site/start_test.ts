/** How the site's page starts: what it asks for, and that JupyterLab's settings are what it would make of them. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  readSettingsOnce,
  type SettingsOfPlugin,
  type SettingsOfSite,
  withDefaults,
} from "../../site/page/known_settings.ts";
import { findChromium } from "../chromium.ts";
import { siteOfUnit0 } from "./made_site.ts";
import { SiteInChromium, wordsOf } from "./site_in_chromium.ts";

const chromium = findChromium();

/** One of JupyterLab's modules, as its own scripts get it. */
const moduleOf = (name: string) =>
  `(async () => {
    let modules;
    rspackChunk_JUPYTERLAB_CORE_OUTPUT.push([["of tests"], {}, (require) => void (modules = require.S.default)]);
    const [shared] = Object.values(modules[${JSON.stringify(name)}]);
    return (await shared.get())();
  })()`;

/** Plugins whose settings differ between a validation and what is put in its place, and how many there are. */
const comparison = `(async () => {
  const { DefaultSchemaValidator } = await ${moduleOf("@jupyterlab/settingregistry")};
  const plugins = await (await fetch("../build/schemas/all.json")).json();
  const made = (plugin, raw) => {
    const own = { ...structuredClone(plugin), raw, data: {} };
    const errors = new DefaultSchemaValidator().validateData(own);
    return { errors, data: own.data };
  };
  const sorted = (value) => JSON.stringify(value, (_, each) => each?.constructor === Object
    ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => a < b ? -1 : 1)) : each);
  const different = plugins.filter((plugin) =>
    sorted(made(plugin, "{ }")) !== sorted(made(plugin, "{}"))); // the first is no file of an unchanged plugin
  return { different: different.map(({ id }) => id), count: plugins.length };
})()`;

Deno.test({
  name: "the page starts by few scripts, with the settings that JupyterLab would make",
  ignore: !chromium,
  async fn() {
    await using site = await SiteInChromium.start(chromium!, await siteOfUnit0());
    const scripts = () =>
      site.browser.requests.map((address) => new URL(address).pathname)
        .filter((path) => /^\/build\/.*js$/.test(path));
    const schemas = () =>
      site.browser.requests.filter((each) => each.endsWith("/schemas/all.json")).length;
    await site.enter();
    await site.openNotebook("unit0/first_steps.ipynb");
    const first = (await site.cells()).findIndex(({ cell_type }) => cell_type === "code");
    await site.runCell(first);
    assertStringIncludes(wordsOf((await site.cells())[first].outputs), "784 pixels");
    const kinds = scripts().map((path) => path.replace(/\.\w+(?=\.js)/, "")).sort();
    assertEquals(kinds, ["/build/formulas.js", "/build/lab/bundle.js", "/build/start.js"]);
    assert(schemas() <= 2);
    assertEquals(site.browser.errors, []);

    const { different, count } = await site.browser.evaluate(comparison);
    assertEquals(different, []);
    assert(count > 50);
    // What was changed is there with the next start, and is looked at.
    const settings = (raw: string) =>
      `jupyterapp.serviceManager.settings.save("@jupyterlab/notebook-extension:tracker", ${
        JSON.stringify(raw)
      }).then(() => jupyterapp.serviceManager.settings.fetch("@jupyterlab/notebook-extension:tracker"))
        .then(({ raw }) => raw)`;
    const wide = `{ "recordTiming": true }`;
    assertEquals(await site.browser.evaluate(settings(wide)), wide);
    await site.enter();
    await site.openNotebook("unit0/first_steps.ipynb");
    assertEquals(
      await site.browser.evaluate(`testedNotebook.content.notebookConfig.recordTiming`),
      true,
    );
  },
});

Deno.test("settings that could not be listed are listed again by the next who asks", async () => {
  const plugin: SettingsOfPlugin = {
    ...{ id: "a", raw: "{}", schema: {}, data: { composite: {}, user: {} } },
  };
  let isDown = true;
  class Settings implements SettingsOfSite {
    readonly storage = Promise.resolve({
      keys: () => Promise.resolve([]),
      getItem: () => Promise.resolve(null),
    });
    list(): ReturnType<SettingsOfSite["list"]> {
      if (isDown) return Promise.reject(new TypeError("no network"));
      return Promise.resolve({ ids: ["a"], values: [plugin] });
    }
    fetch(): Promise<SettingsOfPlugin> {
      return Promise.reject(new Error("asked for by itself"));
    }
  }
  readSettingsOnce(Settings);
  const settings: SettingsOfSite = new Settings();
  await assertRejects(() => settings.fetch("a"), TypeError, "no network");
  isDown = false;
  assertEquals(await settings.fetch("a"), plugin);
});

Deno.test("defaults of a schema are put in where nothing is given, as deep as there is something", () => {
  const schema = {
    properties: {
      plain: { default: 1 },
      given: { default: 1 },
      inner: { default: {}, properties: { deep: { default: [1] } } },
      missing: { properties: { deep: { default: 1 } } },
      list: { items: { properties: { of: { default: "each" } } } },
      known: { $ref: "#/definitions/known" },
    },
    additionalProperties: { properties: { other: { default: true } } },
    definitions: { known: { allOf: [{ properties: { here: { default: null } } }] } },
  };
  assertEquals(
    withDefaults({ given: 2, list: [{}, { of: "one" }], known: {}, more: {} }, schema),
    {
      ...{ plain: 1, given: 2, inner: { deep: [1] }, known: { here: null } },
      ...{ list: [{ of: "each" }, { of: "one" }], more: { other: true } },
    } as never,
  );
});
