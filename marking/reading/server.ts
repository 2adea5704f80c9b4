/** Serves the page on which answers are read, on this machine only, to whoever has its secret address. */
import { stop, transform } from "esbuild";
import { join } from "node:path";
import { CommandError, root } from "../../tools/command.ts";
import type { Reading } from "./reading.ts";

export interface Served {
  address: string;
  finished: Promise<void>;
  shutdown(): Promise<void>;
}

/** Starts the server; with port 0 at any port that is free. */
export async function serve(reading: Reading, title: string, port = 0): Promise<Served> {
  const token = crypto.getRandomValues(new Uint8Array(16)).toHex();
  const page = await pageText(title);
  const nonce = crypto.getRandomValues(new Uint8Array(16)).toHex();
  // What learners wrote can neither run nor fetch anything.
  const policy =
    `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; img-src data:; ` +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  let host = "";
  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    // Another name for this address is another site's trick to read along.
    if (request.headers.get("host") !== host) return new Response("", { status: 403 });
    if (!pathname.startsWith(`/${token}/`)) return new Response("", { status: 404 });
    const name = pathname.slice(token.length + 2);
    if (name === "" && request.method === "GET") {
      return new Response(page.replaceAll("NONCE", nonce), {
        headers: {
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": policy,
          "cache-control": "no-store",
          "referrer-policy": "no-referrer",
        },
      });
    }
    if (name === "questions" && request.method === "GET") return Response.json(reading.shown);
    if (name === "give" && request.method === "POST") {
      const { question, answer, points, comment } = await request.json();
      try {
        await reading.give(question, answer, { points, comment: String(comment) });
        return Response.json({});
      } catch (error) {
        if (!(error instanceof CommandError || error instanceof RangeError)) throw error;
        return Response.json({ problem: error.message }, { status: 400 });
      }
    }
    return new Response("", { status: 404 });
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, answer);
  host = `127.0.0.1:${server.addr.port}`;
  return {
    address: `http://${host}/${token}/`,
    finished: server.finished,
    shutdown: () => server.shutdown(),
  };
}

/** The page in one file; `NONCE` stands where each answer's own goes. */
async function pageText(title: string): Promise<string> {
  const folder = join(root, "marking", "reading");
  const read = (name: string) => Deno.readTextFile(join(folder, name));
  const { code } = await transform(await read("page.ts"), { loader: "ts", target: "es2022" });
  await stop();
  const parts = new Map([
    ["TITLE", title],
    ["/* STYLE */", await read("page.css")],
    ["/* SCRIPT */", code],
  ]);
  const template = await read("page.html");
  return template.replace(/TITLE|\/\* (STYLE|SCRIPT) \*\//g, (name) => parts.get(name)!);
}
