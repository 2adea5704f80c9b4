/** What a user of a machine can find out of another's work. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import type { Lab } from "../lab.ts";
import type { Account } from "./account.ts";
import { ask } from "./learner.ts";

/** Files of `owner` that `reader` may read, wherever they lie, but for those that come with every account. */
async function readableFiles(reader: Account, owner: Account): Promise<string[]> {
  const places = "/home /tmp /var/tmp /dev/shm /run";
  const find = `find ${places} -xdev -user ${owner.uid} -type f -readable -print 2> /dev/null`;
  const { said } = await reader.shell(find);
  const given = [...Deno.readDirSync("/etc/skel")].map(({ name }) => `${owner.folder}/${name}`);
  return said.split("\n").filter((path) => path && !given.includes(path));
}

/** The TCP ports of this machine at which a user's programs listen. */
async function listenersOf(owner: Account): Promise<number[]> {
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => Deno.readTextFile(`/proc/net/${name}`).catch(() => "")),
  );
  const listening = "0A";
  return tables.flatMap((table) => table.trim().split("\n").slice(1)).flatMap((line) => {
    const [, local, , state, , , , uid] = line.trim().split(/\s+/);
    if (state !== listening || Number(uid) !== owner.uid) return [];
    return [parseInt(local.split(":").at(-1)!, 16)];
  });
}

/** What one user tries with the other's things, by the machine and by the hub. */
export async function cannotComeBy(
  { account, lab }: { account: Account; lab: Lab },
  other: { account: Account; lab: Lab; board?: URL },
): Promise<void> {
  const { name } = other.account;
  const readable = await readableFiles(account, other.account);
  assertEquals(readable, [], `${account.name} may read of ${name}'s`);
  const files = [
    join(other.lab.home, "unit0", "first_steps.ipynb"),
    join(other.lab.home, ".jupyter", "runtime"),
    join(other.lab.home, "runs"),
  ];
  for (const file of files) {
    const { code, said } = await account.shell(`ls "${file}" && cat "${file}"`);
    assert(code !== 0, file);
    assertStringIncludes(said, "Permission denied");
  }
  // Whatever listens on this machine for the other.
  const listeners = await listenersOf(other.account);
  assert(listeners.length > 0);
  const asked = ["/", "/data/runs", "/json", "/json/list", `/user/${name}/api/contents`];
  const urls = listeners.flatMap((port) => asked.map((path) => `http://127.0.0.1:${port}${path}`));
  const { said } = await account.shell(`for url in ${urls.join(" ")}; do
    curl --silent --max-time 5 --output /dev/null --write-out "%{http_code} $url\n" "$url"
  done`);
  const answers = said.trim().split("\n");
  assertEquals(answers.length, urls.length, said);
  for (const answer of answers) assertMatch(answer, /^(000|302|401|403|404|405) /);
  // By the hub, where they are logged in as themselves.
  const paths = ["lab", "api/contents", "api/kernels", "files/unit0/first_steps.ipynb", "tree"];
  const addresses = paths.map((path) => `/user/${name}/${path}`);
  for (const address of [...addresses, ...(other.board ? [other.board.pathname] : [])]) {
    const status = await lab.browser.evaluate(
      `fetch(${JSON.stringify(address)}).then(({ status, url }) => status)`,
    );
    assert(status === 403 || status === 404, `${address}: ${status}`);
  }
}

/**
 * A page of the internet whose name has been pointed here (DNS rebinding) is not the hub to the user's browser,
 * which has no cookie for it: it gets the page of log-in, and nothing of what listens on this machine itself.
 * By the hub's own name both pages are there, and lead to no other machine.
 */
export async function isClosedToOtherNames(
  { account, lab }: { account: Account; lab: Lab },
  board: URL,
): Promise<void> {
  const playground = new URL(`/user/${account.name}/files/out/playground.html`, board);
  const status = async (path: string) =>
    await lab.browser.evaluate(`fetch(${JSON.stringify(path)}).then(({ status }) => status)`);
  assertEquals(await status(board.pathname), 200);
  assertEquals((await ask(lab, "files/out/playground.html")).status, 200);
  const elsewhere = `/user/${account.name}/proxy/elsewhere.example:80/`;
  assertEquals(await status(elsewhere), 403);

  const goBack = await lab.browser.anotherTab();
  for (const { port, pathname } of [board, playground]) {
    // A browser takes every name below "localhost" for this machine.
    await lab.browser.open(`http://elsewhere.localhost:${port}${pathname}`);
    await lab.until(`document.querySelector("#username_input")`);
    assertEquals(await lab.browser.evaluate("location.pathname"), "/hub/login");
  }
  await lab.browser.open("about:blank");
  await goBack();

  const service = board.pathname.replace(/^.*\/proxy\/\d+/, "");
  const paths = ["/", "/data/runs", board.pathname, playground.pathname];
  const host = "Host: elsewhere.example";
  for (const port of await listenersOf(account)) {
    for (const path of paths) {
      const url = `http://127.0.0.1:${port}${path}`;
      const { said } = await account.shell(
        `curl --silent --max-time 5 --output /dev/null --write-out "%{http_code}" -H "${host}" "${url}"`,
      );
      assertMatch(said, /^(000|302|401|403|404|405)$/, url);
    }
  }
  // Who has TensorBoard's secret path is answered by it: so the ports above are those that count.
  const [, port] = /\/proxy\/(\d+)\//.exec(board.pathname)!;
  const { said } = await account.shell(
    `curl --silent --output /dev/null --write-out "%{http_code}" "http://127.0.0.1:${port}${service}"`,
  );
  assertEquals(said, "200");
}
