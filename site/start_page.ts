/**
 * The page that opens JupyterLab, so that the first cell runs soon: its settings stand in it, where JupyterLite's own
 * asks for seven files one after the other; what comes later on is named at its beginning; and a line stands there until
 * JupyterLab does, in place of two pictures that turn and take a processor from what loads.
 */
import { join } from "node:path";

type Settings = Record<string, unknown>;

const dataOf = async (file: string): Promise<Settings> =>
  JSON.parse(await Deno.readTextFile(file))["jupyter-config-data"];

/** The settings of JupyterLab's page: the site's, and those of its own folder, which go before. */
async function settingsOf(site: string): Promise<Settings> {
  const all = await dataOf(join(site, "jupyter-lite.json"));
  const own = await dataOf(join(site, "lab", "jupyter-lite.json"));
  for (const list of ["disabledExtensions", "federated_extensions"]) {
    if (list in own) throw new Error(`JupyterLite's lab has ${list} of its own.`);
  }
  // It waits for the browser's storage before it loads anything.
  return { ...all, ...own, showLoadingIndicator: false };
}

/** Addresses that JupyterLab itself joins with the site's. */
const joinedLater = ["licensesUrl", "themesUrl"];

/** What is left to do where the page is opened: the site's path is known there alone. */
const placeSettings = `
  const element = document.getElementById("jupyter-config-data");
  const settings = JSON.parse(element.textContent);
  const site = new URL("..", location.href).pathname;
  for (const [name, value] of Object.entries(settings)) {
    const isAddress = name.endsWith("Url") && !${JSON.stringify(joinedLater)}.includes(name);
    if (isAddress && value.startsWith("./")) settings[name] = site + value.slice(2);
  }
  element.textContent = JSON.stringify(settings);`;

/** Says what is in the way, in a line that stays. */
const sayProblems = `
  const say = (text) => {
    document.getElementById("tessera-opens")?.remove();
    const line = document.getElementById("tessera-problem") ?? document.createElement("p");
    line.id = "tessera-problem";
    line.setAttribute("role", "alert");
    line.textContent = text;
    (document.body ?? document.documentElement).append(line);
  };
  try {
    localStorage;
  } catch {
    addEventListener("DOMContentLoaded", () =>
      say("The course cannot open: this browser keeps nothing for this address. Allow it cookies and other data of " +
        "sites, and load the page anew."));
  }
  addEventListener("error", ({ target }) => {
    if (target.tagName !== "SCRIPT") return;
    say("The course cannot open as a whole: " + target.src + " cannot be loaded. Is there a network? Load the page anew; " +
      "where that does not help, the site is not whole, or its host says a wrong type, which whoever runs it can mend.");
  }, true);`;

/**
 * A policy holds what a page asks for, and not where it is led: what an output's script, form or mark for a refresh
 * wants is not followed. Links that a learner clicks open another window.
 */
const stayHere = `
  globalThis.navigation?.addEventListener("navigate", (event) => {
    const { origin, protocol } = new URL(event.destination.url);
    const isHere = origin === location.origin || event.downloadRequest !== null && protocol === "data:";
    if (!isHere && event.cancelable) event.preventDefault();
  });`;

const line = `
  <p id="tessera-opens" role="status">The course opens …</p>
  <style>
    #tessera-opens { position: fixed; inset: 0; z-index: -1; margin: 0; display: grid; place-items: center; }
    #tessera-opens { font: 16px sans-serif; }
    #tessera-problem { position: fixed; inset: auto 0 0; z-index: 100000; margin: 0; padding: 8px; }
    #tessera-problem { font: 16px sans-serif; color: #000; background: #ffe08a; overflow-wrap: anywhere; }
    @media (prefers-color-scheme: dark) { body { background: #111; color: #fff; } }
  </style>`;

/** The extensions' scripts, which JupyterLab's first one asks for, by their addresses from the page. */
function scriptsOfExtensions(settings: Settings): string[] {
  const extensions = settings.federated_extensions as { name: string; load: string }[];
  return extensions.map(({ name, load }) => `../extensions/${name}/${load}`);
}

/** Replaces one place of a text. Throws an Error where it is not there. */
function replaced(text: string, place: RegExp, by: string): string {
  if (!place.test(text)) throw new Error(`JupyterLite's page has no ${place}.`);
  return text.replace(place, () => by);
}

/** Writes the page of a site whose `jupyter-lite.json` is done; `start` is the script in `build` that comes first. */
export async function makeStartPage(site: string, start: string): Promise<void> {
  const path = join(site, "lab", "index.html");
  const settings = await settingsOf(site);
  let page = await Deno.readTextFile(path);
  const [bundle, first] = /<link id="jupyter-lite-main"[^>]* href="([^"]+)"[^>]*>/.exec(page) ?? [];
  if (!bundle) throw new Error("JupyterLite's page names no first script.");
  const head = [
    `<link rel="icon" href="../icon-120x120.png">`,
    ...scriptsOfExtensions(settings).map((script) =>
      `<link rel="preload" as="script" href="${script}">`
    ),
    `<script id="jupyter-config-data" type="application/json" data-jupyter-lite-root="..">`,
    `${JSON.stringify(settings).replaceAll("<", "\\u003c")}</script>`,
    `<script>{${sayProblems}\n}</script>`,
    `<script>{${stayHere}\n}</script>`,
    `<script>{${placeSettings}\n}</script>`,
    `<script defer src="../build/${start}"></script>`,
    `<script defer src="${first}"></script>`,
  ].join("\n");
  page = replaced(page, /<title>JupyterLite<\/title>/, "<title>Tessera</title>");
  page = page.replace(bundle, () => head);
  page = replaced(page, /<script id="jupyter-config-data"[^>]*>\s*\{\s*\}\s*<\/script>/, "");
  page = replaced(page, /<script>[^<]*config-utils\.js[^<]*<\/script>/, "");
  page = replaced(page, /<style>[^<]*<\/style>/, "");
  page = replaced(page, /<body[^>]*>[^]*?(?=<noscript>)/, `${/<body[^>]*>/.exec(page)![0]}${line}`);
  await Deno.writeTextFile(path, page);
}
