/** `./tessera doctor`: the report for those who help, and what it says of the fallback. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { root } from "../tools/command.ts";
import { orWhyNot, privateWords, settings, withoutNames } from "../tools/report.ts";

async function doctor(args: string[], cwd: string, env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(join(root, "tessera"), {
    args: ["doctor", ...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

const failedCell = {
  cell_type: "code",
  id: "a",
  metadata: {},
  source: "",
  outputs: [{
    output_type: "error",
    ename: "TypeError",
    evalue: "cannot read /tmp/lovelace-home/notes.txt",
    traceback: [],
  }],
};

Deno.test("doctor --report writes one file, with what was found and without names", async () => {
  const folder = await Deno.makeTempDir({ prefix: "lovelace-home-" });
  try {
    const cells = [{ ...failedCell }];
    const text = JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 })
      .replace("/tmp/lovelace-home", folder);
    const made = await new Deno.Command(join(root, "tessera"), {
      args: ["home", folder],
      env: { HOME: folder },
    }).output();
    assert(made.success, new TextDecoder().decode(made.stderr));
    await Deno.writeTextFile(join(folder, "diary_of_ada.ipynb"), text);
    const personal = { HOME: folder, USER: "lovelace", LOGNAME: "lovelace" };
    const env = { ...personal, TESSERA_HOME: "", https_proxy: "http://ada:secret@proxy" };
    const { code, said } = await doctor(["--report"], folder, { ...env, TESSERA_THREADS: "1" });
    assertEquals(code, 0, said);
    const reports = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".txt"));
    assertEquals(reports.length, 1);
    assertStringIncludes(said, `The report is in ${reports[0].name}.`);
    const report = await Deno.readTextFile(join(folder, reports[0].name));
    const titles = ["Doctor", "Machine", "Versions", "Settings", "Trial of the engine"];
    for (const title of [...titles, "Last errors in notebooks"]) {
      assertMatch(report, new RegExp(`^${title}\n-+\n(?!none)`, "m"), report);
    }
    assertStringIncludes(report, "TESSERA_THREADS=1");
    assertStringIncludes(report, "https_proxy is set");
    assertMatch(
      report,
      /^ok {4}cluster {3}several processes (can train together|train together only with)/m,
    );
    assertMatch(report, /Deno \d+\.\d+\.\d+, V8/);
    assertMatch(report, /^Vision Transformer: (compiled|eager)/m);
    assertStringIncludes(
      report,
      "a notebook of one's own, cell 1: TypeError: cannot read ~/notes.txt",
    );
    for (const word of ["lovelace", "diary", "ada", "secret", folder, root, Deno.hostname()]) {
      if (word.length < 3) continue;
      assertEquals(new RegExp(`\\b${word}\\b`).test(report), false, `${word}\n${report}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a report has why a section is missing, where Python or something else does not work", async () => {
  const broken = () => Promise.reject(new Error("python cannot be started"));
  assertEquals(await orWhyNot(broken), ["could not be told: python cannot be started"]);
});

Deno.test("withoutNames takes longer words first, whole ones alone, and folders of any user", () => {
  const words = new Map([["/srv/ada", "~"], ["/srv/ada/course", "(course)"], ["ada", "(user)"]]);
  assertEquals(
    withoutNames("/srv/ada/course/x by ada, adapted; /home/eve/y, eve@x.org", words),
    "(course)/x by (user), adapted; ~/y, (address)",
  );
  // Names with a space, Windows's folders as WSL shows them and as Windows does.
  assertEquals(
    withoutNames(
      '"/home/Ada King/x", /mnt/c/Users/Ada King/y; C:\\Users\\Ada King\\z; /Users/ada in it',
      words,
    ),
    '"~/x", /mnt/c~/y; ~\\z; ~ in it',
  );
});

Deno.test("withoutNames takes disks that one plugs in, passwords in addresses, and a machine's whole name", () => {
  assertEquals(
    withoutNames(
      "/media/ada/ADA KING/x.png, '/run/media/ada/Stick/y', /Volumes/Ada's/z; " +
        "https://ada:secret@proxy/x on pool7.uni.example: no pool70",
      new Map([["pool7", "(host)"]]),
    ),
    "(disk)/x.png, '(disk)/y', (disk)/z; https://(address)@proxy/x on (host): no pool70",
  );
});

Deno.test("privateWords has the name and address that git signs with, and the folder of the data", async () => {
  const folder = await Deno.makeTempDir();
  const before = Deno.env.toObject();
  try {
    await Deno.writeTextFile(
      `${folder}/gitconfig`,
      "[user]\n\tname = Ada King\n\temail = ada@lovelace\n",
    );
    const git = {
      GIT_CONFIG_GLOBAL: `${folder}/gitconfig`,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_DIR: `${folder}/none`,
    };
    for (const [name, value] of Object.entries({ ...git, TESSERA_DATA: "/srv/of Ada" })) {
      Deno.env.set(name, value);
    }
    assertEquals(
      withoutNames("/srv/of Ada/mnist, says Ada King <ada@lovelace>", privateWords()),
      "(data)/mnist, says (name) <(address)>",
    );
  } finally {
    for (const name of ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_DIR", "TESSERA_DATA"]) {
      if (before[name] === undefined) Deno.env.delete(name);
      else Deno.env.set(name, before[name]);
    }
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("privateWords has folders as addresses have them, and the home's own name", () => {
  const before = Deno.env.get("HOME");
  Deno.env.set("HOME", "/srv/Ada König");
  try {
    assertEquals(
      withoutNames(
        'Module not found "file:///srv/Ada%20K%C3%B6nig/x.ts", says Ada König',
        privateWords(),
      ),
      'Module not found "file://~/x.ts", says (user)',
    );
  } finally {
    if (before === undefined) Deno.env.delete("HOME");
    else Deno.env.set("HOME", before);
  }
});

Deno.test("settings tell values of what has a say, and of paths and secrets that they are set", () => {
  assertEquals(
    settings({
      TESSERA_DATA: "/srv/data",
      TESSERA_BACKEND: "wasm",
      PIP_INDEX_URL: "secret",
      HTTPS_PROXY: "secret",
      PATH: "/bin",
      EDITOR: "vi",
    }),
    [
      "HTTPS_PROXY is set",
      "PIP_INDEX_URL is set",
      "TESSERA_BACKEND=wasm",
      "TESSERA_DATA is set to a path",
    ],
  );
});

Deno.test("doctor refuses other arguments", async () => {
  const { code, said } = await doctor(["--raport"], root);
  assertEquals([code, said], [
    2,
    "tessera: doctor takes --report, --repair or --from BUNDLE, one of them.\n",
  ]);
});

Deno.test("doctor says what works without TensorFlow, and what does not", async () => {
  const { code, said } = await doctor([], root, { TESSERA_BACKEND: "wasm" });
  assertEquals(code, 0, said);
  assertMatch(
    said,
    /^note {2}backend {3}tfjs \S+ \(WASM\), because TESSERA_BACKEND=wasm asks for it/m,
  );
  assertStringIncludes(said, "checks, charts and trainings work");
  assertStringIncludes(said, "does not work: ");
  // What is installed need not be fetched again.
  assertStringIncludes(said, "without TESSERA_BACKEND, native TensorFlow computes again");
  assert(!said.includes("deleting .venv"), said);
});

Deno.test("settings of another Python, as a cluster's modules make them, lead nothing astray", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tessera-other-python-" });
  try {
    // Of another version, which ends at once.
    for (const name of ["nbformat", "tornado", "jupyter_core"]) {
      await Deno.writeTextFile(join(folder, `${name}.py`), `raise ImportError("another ${name}")`);
    }
    const settings = [["PYTHONPATH", folder], ["PYTHONHOME", join(folder, "nowhere")]];
    for (const [name, value] of settings) {
      const { code, said } = await doctor([], root, { [name]: value });
      assertEquals(code, 0, said);
      assertMatch(said, /^ok {4}kernel {4}/m);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("doctor says in a line why Jupyter does not start", async () => {
  const { code, said } = await doctor([], root, { PYTHONHASHSEED: "no number" });
  assertEquals(code, 1, said);
  assertMatch(said, /^BAD {3}kernel {4}Jupyter does not start: .+$/m);
});
