import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { download } from "../../lib/platform/fetching/download.ts";
import { root } from "../../tools/command.ts";
import { hasQuotas, withUsedQuota } from "../faults/used_quota.ts";
import { sha256Of } from "../../lib/platform/fetching/checked_files.ts";
import { DownloadError } from "../../lib/platform/fetching/download_error.ts";
import { describeProgress, type DownloadProgress } from "../../lib/platform/fetching/progress.ts";

const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i + 7 * i) >> 3);
const sha256 = await digest(content);

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(stream).bytes() as Promise<Uint8Array<ArrayBuffer>>;
}

/** A server on this machine, a folder of its own, and a list of what was asked. */
async function withServer(
  answer: (request: Request, count: number) => Response | Promise<Response>,
  test: (at: { address: string; folder: string; requests: Request[] }) => Promise<void>,
) {
  const requests: Request[] = [];
  const server = Deno.serve(
    {
      hostname: "127.0.0.1",
      port: 0,
      onListen() {},
      onError: () => new Response("", { status: 500 }),
    },
    (request) => answer(request, requests.push(request)),
  );
  const folder = await Deno.makeTempDir({ prefix: "download-test-" });
  try {
    await test({ address: `http://127.0.0.1:${server.addr.port}/file`, folder, requests });
  } finally {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Sends `bytes`, but says that more follows, and breaks off. */
function brokenOff(bytes: Uint8Array<ArrayBuffer>, promised: number): Response {
  return new Response(
    new ReadableStream({
      async start(controller) {
        controller.enqueue(bytes);
        await new Promise((resolve) => setTimeout(resolve, 20));
        controller.error(new Error("the line is cut"));
      },
    }),
    { headers: { "content-length": `${promised}` } },
  );
}

function rangeOf(request: Request): number {
  return Number(request.headers.get("range")?.match(/bytes=(\d+)-/)?.[1] ?? 0);
}

function partial(from: number): Response {
  return new Response(content.subarray(from), {
    status: 206,
    headers: { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` },
  });
}

const quick = { sha256, retrySeconds: 0.01, report: () => {} };

async function withoutWarnings(run: () => Promise<void>): Promise<string[]> {
  const said: string[] = [];
  const warn = console.warn;
  console.warn = (...parts: unknown[]) => said.push(parts.join(" "));
  try {
    await run();
  } finally {
    console.warn = warn;
  }
  return said;
}

Deno.test("download writes the file, reports to the end, and does not ask twice", async () => {
  await withServer(() => new Response(content), async ({ address, folder, requests }) => {
    const file = `${folder}/deep/er/file`;
    const reports: DownloadProgress[] = [];
    const options = { ...quick, addresses: [address], file, report: reports.push.bind(reports) };
    await download(options);
    assertEquals(await Deno.readFile(file), content);
    assertEquals(reports.at(-1)?.done, true);
    assertEquals(reports.at(-1)?.receivedBytes, content.length);
    assertEquals(reports[0].totalBytes, content.length);
    await download(options);
    assertEquals(requests.length, 1);
    assertEquals([...Deno.readDirSync(`${folder}/deep/er`)].length, 1, "no .part is left");
  });
});

Deno.test("download resumes a transfer that broke off, with a range request", async () => {
  const half = content.length / 2;
  await withServer(
    (request, count) =>
      count === 1 ? brokenOff(content.slice(0, half), content.length) : partial(rangeOf(request)),
    async ({ address, folder, requests }) => {
      await download({ ...quick, addresses: [address], file: `${folder}/file` });
      assertEquals(await Deno.readFile(`${folder}/file`), content);
      assertEquals(requests.length, 2);
      assertEquals(requests[1].headers.get("range"), `bytes=${half}-`);
    },
  );
});

Deno.test("download resumes a .part file that an earlier program left", async () => {
  await withServer(
    (request) => partial(rangeOf(request)),
    async ({ address, folder, requests }) => {
      await Deno.writeFile(`${folder}/file.part`, content.subarray(0, 1234));
      await download({ ...quick, addresses: [address], file: `${folder}/file` });
      assertEquals(await Deno.readFile(`${folder}/file`), content);
      assertEquals(requests.map(rangeOf), [1234]);
    },
  );
});

Deno.test("download starts again where the server ignores the range", async () => {
  await withServer(() => new Response(content), async ({ address, folder }) => {
    await Deno.writeFile(`${folder}/file.part`, new Uint8Array(400_000));
    await download({ ...quick, addresses: [address], file: `${folder}/file` });
    assertEquals(await sha256Of(`${folder}/file`), sha256);
  });
});

Deno.test("download throws away a .part of another file and fetches afresh", async () => {
  await withServer(
    (request) => rangeOf(request) > 0 ? partial(rangeOf(request)) : new Response(content),
    async ({ address, folder, requests }) => {
      await Deno.writeFile(`${folder}/file.part`, new Uint8Array(1000).fill(9));
      await download({ ...quick, addresses: [address], file: `${folder}/file` });
      assertEquals(await Deno.readFile(`${folder}/file`), content);
      assertEquals(requests.map(rangeOf), [1000, 0]);
    },
  );
});

Deno.test("download names an altered file and fetches it again", async () => {
  await withServer(() => new Response(content), async ({ address, folder, requests }) => {
    for (const wrong of [content.slice(0, 99), content.map((byte, i) => i === 5 ? ~byte : byte)]) {
      await Deno.writeFile(`${folder}/file`, wrong);
      const said = await withoutWarnings(() =>
        download({ ...quick, addresses: [address], file: `${folder}/file` })
      );
      assertStringIncludes(said.join(), `${folder}/file is truncated or altered`);
      assertEquals(await Deno.readFile(`${folder}/file`), content);
    }
    assertEquals(requests.length, 2);
  });
});

Deno.test("download waits and tries again after server errors", async () => {
  await withServer(
    (_, count) => count < 3 ? new Response("busy", { status: 503 }) : new Response(content),
    async ({ address, folder, requests }) => {
      const notes: string[] = [];
      await download({
        ...quick,
        addresses: [address],
        file: `${folder}/file`,
        report: (progress) => progress.note && notes.push(progress.note),
      });
      assertEquals(requests.length, 3);
      assertEquals(notes, [
        "the server answers 503; trying again in 0.01 s",
        "the server answers 503; trying again in 0.02 s",
      ]);
    },
  );
});

Deno.test("download goes to the next address after a 404, without trying again", async () => {
  await withServer(
    (request) =>
      request.url.endsWith("/gone") ? new Response("", { status: 404 }) : new Response(content),
    async ({ address, folder, requests }) => {
      const gone = address.replace("/file", "/gone");
      await download({ ...quick, addresses: [gone, address], file: `${folder}/file` });
      assertEquals(requests.map((request) => new URL(request.url).pathname), ["/gone", "/file"]);
    },
  );
});

Deno.test("download refuses a wrong file by name, twice, and leaves nothing behind", async () => {
  await withServer(
    () => new Response("<html>not found, but 200</html>"),
    async ({ address, folder, requests }) => {
      const error = await assertRejects(
        () => download({ ...quick, addresses: [address], file: `${folder}/file`, name: "Digits" }),
        DownloadError,
        "Digits arrived truncated or altered",
      );
      assertStringIncludes(error.message, `bring the file yourself, as ${folder}/file`);
      assertEquals(requests.length, 2);
      assertEquals([...Deno.readDirSync(folder)], []);
    },
  );
});

Deno.test("download unpacks gzip, and fetches again what is not whole", async () => {
  const packed = await gzip(content);
  await withServer(
    (_, count) => new Response(count === 1 ? packed.slice(0, packed.length / 2) : packed),
    async ({ address, folder, requests }) => {
      const file = `${folder}/file`;
      await download({ ...quick, addresses: [address], file, compression: "gzip" });
      assertEquals(await Deno.readFile(file), content);
      assertEquals(requests.length, 2);
      assertEquals([...Deno.readDirSync(folder)].map((entry) => entry.name), ["file"]);
    },
  );
});

Deno.test("download gives up a connection that sends nothing", async () => {
  // The first answer waits until the file is asked for again.
  const askedAgain = Promise.withResolvers<Response>();
  await withServer(
    (_, count) => {
      if (count === 1) return askedAgain.promise;
      askedAgain.resolve(new Response(content));
      return new Response(content);
    },
    async ({ address, folder, requests }) => {
      const notes: string[] = [];
      const report = (progress: DownloadProgress) => notes.push(progress.note ?? "");
      const file = `${folder}/file`;
      await download({ ...quick, addresses: [address], file, stallSeconds: 0.5, report });
      assertEquals(requests.length, 2);
      assertStringIncludes(notes[0], "no data for 0.5 s");
    },
  );
});

Deno.test("download without a network says so and what to do", async () => {
  const folder = await Deno.makeTempDir();
  // A port that was free a moment ago: nothing listens there.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const error = await assertRejects(
    () =>
      download({ ...quick, addresses: [`http://127.0.0.1:${port}/file`], file: `${folder}/file` }),
    DownloadError,
    "connection refused",
  );
  assertStringIncludes(error.message, "Check the network");
  await Deno.remove(folder, { recursive: true });
});

Deno.test({
  name: "download on a full disk says so and what to do",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await withServer(() => new Response(content), async ({ address, folder }) => {
      await Deno.symlink("/dev/full", `${folder}/file.part`);
      await assertRejects(
        () => download({ ...quick, addresses: [address], file: `${folder}/file` }),
        DownloadError,
        "The disk is full: file does not fit",
      );
    });
  },
});

Deno.test({
  name: "download where a quota is used up says so and what to do",
  ignore: !hasQuotas,
  fn: async () => {
    await withServer(() => new Response(content), async ({ address, folder }) => {
      const text = `
        import { download } from "${
        import.meta.resolve("../../lib/platform/fetching/download.ts")
      }";
        const file = ${JSON.stringify(`${folder}/file`)};
        const quick = ${JSON.stringify(quick)};
        try {
          await download({ ...quick, report() {}, addresses: ["${address}"], file });
        } catch ({ name, message }) { console.log(name, message); }`;
      const [command, ...args] = withUsedQuota(
        [Deno.execPath(), "eval", "--quiet", "--no-check", "--config", `${root}/deno.json`, text],
        `${folder}/file.part`,
      );
      const { stdout } = await new Deno.Command(command, { args, stderr: "inherit" }).output();
      assertStringIncludes(
        new TextDecoder().decode(stdout),
        `DownloadError Your quota of this disk is used up: file does not fit at ${folder}/file. ` +
          "Free some space, or set TESSERA_DATA",
      );
    });
  },
});

Deno.test("download lets two callers share one transfer", async () => {
  await withServer(
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return new Response(content);
    },
    async ({ address, folder, requests }) => {
      const options = { ...quick, addresses: [address], file: `${folder}/file` };
      await Promise.all([download(options), download(options)]);
      assertEquals(await Deno.readFile(`${folder}/file`), content);
      assertEquals(requests.length, 1);
      assertEquals([...Deno.readDirSync(folder)].map((entry) => entry.name), ["file"]);
    },
  );
});

Deno.test("describeProgress tells size, share, speed and time left", () => {
  const progress = { name: "images", receivedBytes: 12_300_000, totalBytes: 47_000_000 };
  assertEquals(
    describeProgress({ ...progress, elapsedSeconds: 2.4 }),
    "images: 12.3 of 47.0 MB (26 %), 5.1 MB/s, 7 s left",
  );
  assertEquals(
    describeProgress({ ...progress, receivedBytes: 47_000_000, elapsedSeconds: 9.2, done: true }),
    "images: 47.0 MB in 9.2 s",
  );
  assertEquals(
    describeProgress({ name: "package", receivedBytes: 0, elapsedSeconds: 3.9 }),
    "package: 3 s",
  );
});
