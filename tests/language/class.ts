/**
 * What the language services of a class take: `class.ts NOTEBOOK HOME…`. Each home's reads its notebook and answers
 * once, and all stay until the last has. Says one JSON list: the private memory of each, in MB (Private_Dirty).
 */
import { readNotebook } from "../../tools/notebooks.ts";
import { Client, codeOf, sent } from "./client.ts";
import { processesOf } from "./processes.ts";

const [notebook, ...homes] = Deno.args;

function privateBytes(process: number): number {
  const rollup = Deno.readTextFileSync(`/proc/${process}/smaps_rollup`);
  return 1024 * Number(/^Private_Dirty: +(\d+) kB/m.exec(rollup)![1]);
}

await using clients = new AsyncDisposableStack();
const all: Client[] = [];
for (const home of homes) {
  const client = clients.use(await Client.start(home));
  const cells = codeOf(await readNotebook(`${home}/${notebook}`));
  const [line, text] = [...sent(cells).split("\n").entries()].find(([, text]) =>
    text.startsWith("import * as tf")
  )!;
  await client.open(notebook, sent(cells));
  await client.hover(notebook, { line, character: text.indexOf("tf") });
  all.push(client);
}
const found = all.map(({ socket, relay }) => {
  const { service, server } = processesOf(socket);
  const bytes = [relay.pid!, service!, server!].map(privateBytes);
  return Math.round(bytes.reduce((sum, each) => sum + each) / 1e6);
});
console.log(JSON.stringify(found));
