/** The site on a plain host: one that sends no policy, or has not all of its files. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { findChromium } from "../chromium.ts";
import { notebookOf, siteOfUnit0 } from "./made_site.ts";
import { SiteInChromium, wordsOf } from "./site_in_chromium.ts";

const chromium = findChromium();

/** Where the course lies on the host. */
const path = "/courses/vision/";

interface Host extends AsyncDisposable {
  address: string;
  /** Paths that were asked for. */
  asked: string[];
}

/** Serves a site's files with their types and nothing else; without those whose paths match, or with a half of them. */
function host(site: string, missing = /$^/, brokenOff = /$^/): Host {
  const types: Record<string, string> = {
    js: "text/javascript",
    html: "text/html",
    css: "text/css",
  };
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const wanted = decodeURIComponent(new URL(request.url).pathname).slice(path.length);
      asked.push(wanted);
      const bytes = missing.test(wanted)
        ? undefined
        : await Deno.readFile(join(site, wanted)).catch(() => undefined);
      if (!bytes) {
        return new Response("<h1>Not here</h1>", {
          ...{ status: 404, headers: { "content-type": "text/html" } },
        });
      }
      const type = types[wanted.split(".").at(-1)!] ?? "application/octet-stream";
      if (brokenOff.test(wanted)) {
        const half = new ReadableStream({
          start: (stream) => stream.enqueue(bytes.subarray(0, bytes.length / 2)),
          pull: (stream) => stream.error(new Error("broken off")),
        });
        return new Response(half, { headers: { "content-type": type } });
      }
      return new Response(bytes, { headers: { "content-type": type } });
    },
  );
  return {
    address: `http://127.0.0.1:${server.addr.port}${path}`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function run(site: SiteInChromium, name: string, cells: string[]): Promise<string[]> {
  await site.openNotebook(`unit0/${name}.ipynb`, notebookOf(cells));
  for (let at = 0; at < cells.length; at++) await site.runCell(at);
  return (await site.cells()).map(({ outputs }) => wordsOf(outputs));
}

Deno.test({
  name: "no request leaves the site, also where its host sends no policy",
  ignore: !chromium,
  async fn() {
    const folder = await siteOfUnit0();
    await using plain = host(folder);
    const reached: string[] = [];
    await using outside = Deno.serve(
      { hostname: "127.0.0.2", port: 0, onListen: () => {} },
      ({ url }) => {
        reached.push(new URL(url).pathname);
        return new Response("", { headers: { "access-control-allow-origin": "*" } });
      },
    );
    const there = `127.0.0.2:${outside.addr.port}`;
    const asks = (where: string) =>
      `fetch("http://${there}/${where}").then(() => "left", ({ name }) => name)`;
    await using site = await SiteInChromium.start(chromium!, folder);
    // A page of the host's own leaves it.
    await site.browser.open(new URL("/", plain.address).href);
    assertEquals(await site.browser.evaluate(asks("control")), "left");
    assertEquals(reached.splice(0), ["/control"]);
    await site.enter("", plain.address);
    // A kernel's worker is there before a notebook.
    for (let tries = 400; tries > 0 && !plain.asked.includes("course/worker.js"); tries--) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert(plain.asked.includes("course/worker.js"));
    const inModule = JSON.stringify(`export const said = await ${asks("module")};`);
    const inWorker = JSON.stringify(`${asks("worker")}.then(postMessage);`);
    const hostile = [
      `await ${asks("fetch")}`,
      `await import("data:text/javascript," + encodeURIComponent(${inModule})).then(({ said }) => said, ({ name }) => name)`,
      `const socket = new WebSocket("ws://${there}/socket");
       await new Promise((resolve) => socket.onerror = () => resolve("closed"))`,
      `const own = new Worker(URL.createObjectURL(new Blob([${inWorker}])));
       await new Promise((resolve) => own.onmessage = ({ data }) => resolve(data))`,
      // The site's own worker runs what it is told, and would have the host's policy.
      `const other = new Worker("${plain.address}course/worker.js", { type: "module" });
       await new Promise((resolve) => {
         other.onerror = () => resolve("refused");
         other.onmessage = ({ data }) => data.kind === "done" && resolve("ran");
         const environment = {}, course = "${plain.address}course/";
         other.postMessage({ kind: "prepare", preparation: { course, environment } });
         other.postMessage({ kind: "start", settings: { folder: "/home", stored: [] } });
         other.postMessage({ kind: "run", code: ${
        JSON.stringify(asks("kernel"))
      }, count: 1, stopFlag: "" });
       })`,
      // The address by which the worker was begun is of no use any more.
      `await fetch(location.href).then(() => "there", () => "gone")`,
    ];
    const said = await run(site, "hostile", hostile);
    assertEquals(said.map((each) => /"\w+"/.exec(each)?.[0]), [
      ...['"TypeError"', '"TypeError"', '"closed"', '"TypeError"', '"refused"', '"gone"'],
    ]);

    // Once there is a service worker, a kernel's worker begins by a script of its own.
    await site.until(`navigator.serviceWorker.controller !== null`, 60);
    const served = await run(site, "served", [
      `location.pathname.replace(/.*\\/(?=course)/, "")`,
      `await ${asks("served")}`,
      hostile[4],
    ]);
    assertEquals(served.map((each) => /"[\w./]+"/.exec(each)?.[0]), [
      ...['"course/kernel.js"', '"TypeError"', '"refused"'],
    ]);

    // What is shown can put what the host has into a frame, whose page would have the host's policy.
    const files = [
      ...["nothing.html", "lab/nothing.html", "course/data/nothing.html", "course/playground.js"],
      ...["lab/index.html", "%E0%A4%A", "../../"],
    ].map((file) => `../${file}`);
    const framed = await site.browser.evaluate(`(async () => {
      const found = [];
      for (const file of ${JSON.stringify(files)}) {
        const frame = document.body.appendChild(document.createElement("iframe"));
        await new Promise((resolve) => { frame.onload = resolve; frame.src = file; });
        const asks = async () => await frame.contentWindow.eval(${JSON.stringify(asks("frame"))});
        found.push(await asks().catch(({ name }) => name));
      }
      return found;
    })()`);
    assertEquals(framed, files.map(() => "SecurityError"));
    // The service worker answers for what is no address of a file, too.
    const answers = `fetch("../course/%E0%A4%A")
      .then(({ status, headers }) => [status, headers.has("content-security-policy")])`;
    assertEquals(await site.browser.evaluate(answers), [404, true]);

    // Nor is the page led away.
    for (
      const way of [
        `location.href = "http://${there}/top"`,
        `document.body.insertAdjacentHTML("beforeend", '<meta http-equiv="refresh" content="0; url=http://${there}/refresh">')`,
        `Object.assign(document.createElement("a"), { href: "http://${there}/file", download: "" }).click()`,
      ]
    ) {
      await site.browser.evaluate(`void (${way})`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    assertEquals(await site.browser.evaluate(`location.pathname`), `${path}lab/index.html`);
    assertEquals(reached, []);
  },
});

Deno.test({
  name: "a site that was copied in part, or a browser that keeps nothing, is said",
  ignore: !chromium,
  async fn() {
    const folder = await siteOfUnit0();
    await using site = await SiteInChromium.start(chromium!, folder);
    const problem = `document.getElementById("tessera-problem")?.textContent`;
    for (
      const missing of [/^build\/start\./, /^extensions\/tessera-kernel\/static\/remoteEntry/]
    ) {
      await using half = host(folder, missing);
      await site.browser.open(`${half.address}lab/index.html`);
      assertMatch(
        await site.until(problem, 60),
        /^The course cannot open .*(build\/start|remoteEntry)/,
      );
    }
    {
      await using half = host(folder, /^course\/worker\.js/);
      await site.enter("", half.address);
      assertStringIncludes((await run(site, "none", ["1"]))[0], "its script cannot be loaded");
      assertEquals(await site.browser.evaluate(problem), undefined);
    }
    {
      await using half = host(folder, /^course\/files\.json/);
      await site.enter("", half.address);
      const [first] = await run(site, "none", ["1"]);
      assertMatch(first, /course\/files\.json cannot be fetched \((404|503)\)/);
    }
    {
      await using half = host(folder, undefined, /train-images/);
      await site.enter("", half.address);
      const reading = 'import { mnist } from "tessera"; await mnist({ limit: 20 })';
      const why = "await mnist({ limit: 20 }).catch(({ cause }) => `${cause}`)";
      const [said, cause] = await run(site, "broken", [reading, why]);
      assertMatch(said, /train-images\S+ did not arrive whole: the network broke off/);
      assertMatch(cause, /TypeError/);
    }
    await using whole = host(folder);
    await site.browser.send("Page.addScriptToEvaluateOnNewDocument", {
      source: `Object.defineProperty(globalThis, "localStorage", {
        get() { throw new DOMException("Access is denied for this document.", "SecurityError"); },
      });`,
    });
    await site.browser.open(`${whole.address}lab/index.html`);
    assertMatch(await site.until(problem, 60), /this browser keeps nothing for this address/);
  },
});
