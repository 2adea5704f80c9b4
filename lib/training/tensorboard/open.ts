import { jsonForScript } from "../../platform/last_value.ts";
import { show } from "../../display/show.ts";
import { environment } from "../../platform/environment.ts";
import { pythonProgram, startHelper, whyNoPrograms } from "../../platform/programs.ts";
import { variable } from "../../platform/variables.ts";
import { tensorBoardProgram } from "./program.ts";

/** A TensorBoard that runs on this machine, for as long as this process does. */
export interface TensorBoardServer {
  /** `http://127.0.0.1:PORT/SECRET/` */
  readonly address: string;
  readonly folder: string;
  close(): Promise<void>;
}

const servers = new Map<string, Promise<TensorBoardServer>>();
const frameHeight = 640;
/** How often a frame looks whether its TensorBoard still runs. */
const watchSeconds = 5;

/**
 * Shows TensorBoard for the logs in a folder, in a frame below the cell and at an address of its own.
 * Once started it goes on until the kernel ends, and follows new logs by itself.
 *
 * Runs without a front end only get a line that says how to start it. Throws an Error where TensorBoard
 * is not installed or does not start.
 */
export async function openTensorBoard(folder: string): Promise<void> {
  if (environment() === "headless") {
    console.log(
      "TensorBoard is not opened in a run without a window; ./tessera tensorboard shows the logs.",
    );
    return;
  }
  if (whyNoPrograms) return console.log(`TensorBoard is a program of its own: ${whyNoPrograms}`);
  let server = servers.get(folder);
  if (!server) {
    server = startTensorBoard(folder);
    servers.set(folder, server);
    server.catch(() => servers.delete(folder));
  }
  const address = addressForReader((await server).address, variable("JUPYTERHUB_SERVICE_PREFIX"));
  await show({
    "text/html": tensorBoardFrame(address),
    "text/plain": `TensorBoard runs at ${address}`,
  });
}

/**
 * Where a reader's browser finds what listens on this machine: on a JupyterHub, whose readers sit at machines
 * of their own, below the path of their server, which passes it on (jupyter-server-proxy).
 */
export function addressForReader(address: string, hubPath?: string): string {
  if (!hubPath) return address;
  const { port, pathname } = new URL(address);
  return `${hubPath}proxy/${port}${pathname}`;
}

/**
 * TensorBoard in a page, which looks every few seconds whether it still runs: after the kernel's end, and
 * where the notebook is opened another day, words stand in the place of a dead frame. On a hub it looks when the
 * reader comes back to the page, since looking is what a hub takes for somebody who works.
 */
export function tensorBoardFrame(address: string, seconds = watchSeconds): string {
  const id = `tensorboard-${crypto.randomUUID().slice(0, 8)}`;
  return `<div id="${id}"><p>TensorBoard ran at ${address} until its kernel ended. Run the cell again to ` +
    `start it.</p></div><script>(${watch})(${
      jsonForScript({ id, address, height: frameHeight, seconds })
    });</script>`;
}

/** Runs in the reader's page. */
const watch = `({ id, address, height, seconds }) => {
  const place = document.getElementById(id), ended = place.innerHTML;
  const isOnHub = address.startsWith("/");
  let runs = false;
  const look = async () => {
    if (!place.isConnected && runs) return stop();
    const now = await fetch(address, { mode: "no-cors" })
      .then(({ ok, type }) => ok || type === "opaque", () => false);
    if (now !== runs) {
      place.innerHTML = now
        ? '<p>TensorBoard runs at <a href="' + address + '" target="_blank">' +
          new URL(address, location).href + "</a></p>" +
          '<iframe src="' + address + '" title="TensorBoard" width="100%" height="' + height +
          '" style="border: 1px solid #ccc"></iframe>'
        : ended;
    }
    runs = now;
  };
  const timer = isOnHub ? undefined : setInterval(look, 1000 * seconds);
  if (isOnHub) addEventListener("focus", look);
  const stop = () => {
    clearInterval(timer);
    removeEventListener("focus", look);
  };
  look();
}`;

/** Starts TensorBoard over a folder, on a free port of 127.0.0.1. */
export async function startTensorBoard(folder: string): Promise<TensorBoardServer> {
  const python = pythonProgram();
  const options = [
    "-c",
    tensorBoardProgram,
    "--logdir",
    folder,
    "--host",
    "127.0.0.1",
    "--port",
    "0",
    "--reload_interval",
    "5",
  ];
  const program = startHelper(python, options);
  const { address, said } = await readAddress(program.stderr);
  if (address === undefined) {
    await program.close();
    throw new Error(`TensorBoard does not start: ${said.trim() || `no program ${python}`}`);
  }
  return { address, folder, close: () => program.close() };
}

/** The address that TensorBoard prints, or what it says in its place; its later words are passed over. */
async function readAddress(
  stderr: ReadableStream<Uint8Array>,
): Promise<{ address?: string; said: string }> {
  const reader = stderr.getReader();
  const decoder = new TextDecoder();
  let said = "";
  while (true) {
    const { done, value } = await reader.read();
    if (done) return { said };
    said += decoder.decode(value, { stream: true });
    const address = /(http:\/\/127\.0\.0\.1:\d+\/\S*) /.exec(said)?.[1];
    if (!address) continue;
    // A full pipe would hold TensorBoard up.
    (async () => {
      while (!(await reader.read()).done);
    })();
    return { address, said };
  }
}
