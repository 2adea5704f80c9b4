/** The set-up with programs that only say how they were called: other machines, and users' settings for pip. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { exists } from "../lib/platform/files.ts";
import { root } from "../tools/command.ts";

const setUpScripts = ["set_up.sh", "environment.sh", "allocator.sh", "cuda_libraries.sh"];

/** A Python that notes its calls, and makes an environment that does so too. It has no PyTorch. */
const python = `#!/bin/sh
if [ "$1" = - ]; then cat > /dev/null; exit 1; fi
echo "python PIP_USER=$PIP_USER $*" >> "$CALLS"
if [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; fi
`;

/**
 * Sets up a project of nothing but the files that the set-up reads; gives what it said and called. `before`
 * prepares the project, and gives what is called when the set-up says something.
 */
async function setUp(
  environment: Record<string, string>,
  machine = { system: "Linux", processor: "x86_64" },
  before: (project: string) => Promise<(said: string) => Promise<void>> = () =>
    Promise.resolve(() => Promise.resolve()),
): Promise<{ code: number; said: string; calls: string[] }> {
  const folder = await Deno.makeTempDir();
  try {
    const project = join(folder, "project"), programs = join(folder, "programs");
    for (const each of ["tools", "python", "hub"]) {
      await Deno.mkdir(join(project, each), { recursive: true });
    }
    await Deno.mkdir(programs);
    for (const name of setUpScripts) {
      await Deno.copyFile(join(root, "tools", name), join(project, "tools", name));
    }
    const locks = ["", "-gpu", "-fusion", "-hub"].map((each) => `requirements${each}.txt`);
    for (
      const file of [
        ...locks,
        "python/pyproject.toml",
        "deno.json",
        "import_map.json",
        "deno.lock",
        "hub/deno.json",
        "hub/deno.lock",
      ]
    ) {
      await Deno.writeTextFile(join(project, file), "{}\n");
    }
    const uname = `#!/bin/sh
case $1 in -s) echo ${machine.system} ;; *) echo ${machine.processor} ;; esac
`;
    for (const [name, text] of [["python3.13", python], ["uname", uname]]) {
      await Deno.writeTextFile(join(programs, name), text, { mode: 0o755 });
    }
    const calls = join(folder, "calls");
    await Deno.writeTextFile(calls, "");
    const during = await before(project);
    const child = new Deno.Command("/bin/sh", {
      args: [join(project, "tools", "set_up.sh"), project],
      clearEnv: true,
      env: { PATH: `${programs}:/usr/bin:/bin`, HOME: folder, CALLS: calls, ...environment },
      ...{ stdout: "null", stderr: "piped" },
    }).spawn();
    let said = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += text;
      await during(said);
    }
    const { code } = await child.status;
    return { code, said, calls: (await Deno.readTextFile(calls)).trim().split("\n") };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A package of one module, and the line that a lock has for it. */
const makePackage = `
import hashlib, sys, zipfile
path = sys.argv[1] + "/tile-1.0-py3-none-any.whl"
with zipfile.ZipFile(path, "w") as wheel:
    wheel.writestr("tile.py", "")
    wheel.writestr("tile-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tile\\nVersion: 1.0\\n")
    wheel.writestr("tile-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
    wheel.writestr("tile-1.0.dist-info/RECORD", "")
print(f"{path} --hash=sha256:{hashlib.sha256(open(path, 'rb').read()).hexdigest()}")
`;

Deno.test("the set-up installs into .venv with a real pip, whatever its user has set", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tessera-pip-" });
  const elsewhere = join(folder, "elsewhere");
  const settings = [
    "user = true",
    ...["target", "prefix", "root"].map((name) => `${name} = ${elsewhere}`),
  ];
  const interpreter = join(root, ".venv/bin/python");
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  try {
    const made = await new Deno.Command(interpreter, { args: ["-c", makePackage, folder] })
      .output();
    const script = await Deno.readTextFile(join(root, "tools/set_up.sh"));
    const pipInstall = script.match(/^export PIP_USER[^]*?^pip_install\(\) \{[^]*?^\}$/m)![0];
    await Deno.writeTextFile(join(folder, "lock"), text(made.stdout));
    const venv = join(folder, "venv");
    await new Deno.Command(interpreter, { args: ["-m", "venv", venv] }).output();
    for (const setting of settings) {
      const file = join(folder, "pip.conf");
      await Deno.writeTextFile(file, `[install]\n${setting}\n`);
      const env = { PIP_CONFIG_FILE: file, PIP_USER: "1", PIP_TARGET: elsewhere };
      const options = "--quiet --no-index --no-deps --require-hashes";
      const { stderr } = await new Deno.Command("/bin/sh", {
        args: [
          "-c",
          `venv=$1\n${pipInstall}\npip_install ${options} -r "$2"`,
          "",
          venv,
          `${folder}/lock`,
        ],
        env,
      }).output();
      const found = await new Deno.Command(`${venv}/bin/python`, {
        args: ["-c", "import tile; print(tile.__file__)"],
        env: { PYTHONNOUSERSITE: "1" },
      }).output();
      const place = text(found.stdout);
      assert(
        place.startsWith(venv),
        `${JSON.stringify(setting)}: ${text(stderr)}${text(found.stderr)}`,
      );
      assertEquals(exists(elsewhere), false);
      for (const each of [place, place.replace("tile.py", "tile-1.0.dist-info")]) {
        await Deno.remove(each, { recursive: true });
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the set-up installs all that it installs in this way", async () => {
  const { said, calls } = await setUp({});
  const installs = calls.filter((call) => call.includes("-m pip install"));
  assertEquals(installs.length, 3, said);
  for (const call of installs) assertMatch(call, /PIP_USER=0 .* --target= --prefix=/);
});

Deno.test("the set-up for a GPU says on ARM that there is none, and leaves all as it is", async () => {
  const arm = { system: "Linux", processor: "aarch64" };
  const { code, said, calls } = await setUp({ TESSERA_DEVICE: "gpu" }, arm);
  assertEquals(code, 1);
  assertStringIncludes(said, "needs x86-64: TensorFlow's package for ARM has no CUDA");
  assertEquals(calls, [""]);
  const onCard = await setUp({ TESSERA_DEVICE: "gpu" });
  assert(onCard.calls.some((call) => call.includes("requirements-gpu.txt")), onCard.said);
  const onMac = await setUp({ TESSERA_DEVICE: "gpu" }, { system: "Darwin", processor: "arm64" });
  assertStringIncludes(onMac.said, "TESSERA_DEVICE=gpu needs Linux");
  const plain = await setUp({}, arm);
  assert(plain.calls.some((call) => call.includes("requirements.txt")), plain.said);
});

Deno.test("the set-up for a GPU says its size and what is missing before it takes anything away", async () => {
  const machine = { system: "Linux", processor: "x86_64" };
  const { said } = await setUp({ TESSERA_DEVICE: "gpu" }, machine);
  const lines = said.split("\n");
  const told = lines.findIndex((line) =>
    line.includes("about 6 minutes and 7 GB on disk; Ctrl-C ends it")
  );
  assert(told >= 0 && told < lines.findIndex((line) => line.includes("first use")), said);
  if (!exists("/proc/driver/nvidia/version")) {
    assertStringIncludes(said, "there is no NVIDIA driver");
  }
  const full = await setUp({ TESSERA_DEVICE: "gpu" }, machine, async (project) => {
    await Deno.mkdir(join(project, ".venv"));
    const df = join(project, "..", "programs", "df");
    await Deno.writeTextFile(df, "#!/bin/sh\necho Free; echo disk 9 9 2097152 9 /\n", {
      mode: 0o755,
    });
    return () => {
      assert(exists(join(project, ".venv")), "what was there is there yet");
      return Promise.resolve();
    };
  });
  assertEquals(full.code, 1);
  assertStringIncludes(full.said, "takes 7 GB on disk, and");
  assertStringIncludes(full.said, "has 2 GB left.");
});

/** Runs shell functions of the set-up's that find and link another's libraries. */
async function withCudaLibraries(
  line: string,
  ...args: string[]
): Promise<{ code: number; text: string }> {
  const script = `. "$0"; ${line}`;
  const { code, stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", script, join(root, "tools", "cuda_libraries.sh"), ...args],
    env: { TESSERA_PYTORCH: args[0], PATH: "/usr/bin:/bin" },
  }).output();
  return { code, text: new TextDecoder().decode(stdout).trim() };
}

/** The packages of an environment with PyTorch, its libraries as for CUDA 12 or 13. */
async function makePyTorch(folder: string, cuda: 12 | 13, cudnn: string): Promise<string> {
  const packages = join(folder, `packages-${cuda}-${cudnn}`);
  const files = (cuda === 12
    ? [
      ...["cublas/lib/libcublas.so.12", "cublas/lib/libcublasLt.so.12", "cufft/lib/libcufft.so.11"],
      ...["cuda_cupti/lib/libcupti.so.12", "cuda_nvrtc/lib/libnvrtc.so.12"],
      ...["curand/lib/libcurand.so.10", "cusolver/lib/libcusolver.so.11"],
      ...["cusparse/lib/libcusparse.so.12", "nvjitlink/lib/libnvJitLink.so.12"],
    ]
    : [
      ...["cublas.so.13", "cublasLt.so.13", "cufft.so.12", "cupti.so.13", "nvrtc.so.13"],
      ...["curand.so.10", "cusolver.so.12", "cusparse.so.12", "nvJitLink.so.13", "cudart.so.13"],
    ].map((name) => `cu13/lib/lib${name}`)).concat(
      ...["cudnn/lib/libcudnn.so.9", "cudnn/lib/libcudnn_graph.so.9", "nccl/lib/libnccl.so.2"],
    );
  for (const file of ["torch/__init__.py", ...files.map((each) => `nvidia/${each}`)]) {
    await Deno.mkdir(join(packages, file, ".."), { recursive: true });
    await Deno.writeTextFile(join(packages, file), "");
  }
  await Deno.mkdir(join(packages, `nvidia_cudnn_cu${cuda}-${cudnn}.dist-info`));
  const program = join(folder, `python-${cuda}-${cudnn}`);
  const interpreter = join(root, ".venv", "bin", "python");
  const text = `#!/bin/sh\nPYTHONPATH=${packages} exec ${interpreter} "$@"\n`;
  await Deno.writeTextFile(program, text, { mode: 0o755 });
  return program;
}

const names = [
  ...[
    "cublas/lib/libcublas.so.12",
    "cublas/lib/libcublasLt.so.12",
    "cuda_cupti/lib/libcupti.so.12",
  ],
  ...["cuda_nvrtc/lib/libnvrtc.so.12", "cudnn/lib/libcudnn.so.9", "cudnn/lib/libcudnn_graph.so.9"],
  ...["cufft/lib/libcufft.so.11", "curand/lib/libcurand.so.10", "cusolver/lib/libcusolver.so.11"],
  ...[
    "cusparse/lib/libcusparse.so.12",
    "nccl/lib/libnccl.so.2",
    "nvjitlink/lib/libnvJitLink.so.12",
  ],
];
Deno.test("libraries of a PyTorch for CUDA 12 or 13 are found, and linked to where TensorFlow looks", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tessera-cuda-" });
  try {
    for (const cuda of [12, 13] as const) {
      const python = await makePyTorch(folder, cuda, "9.10.2.21");
      const found = await withCudaLibraries("find_cuda", python);
      const theirs = join(Deno.realPathSync(folder), `packages-${cuda}-9.10.2.21`, "nvidia");
      assertEquals(found, { code: 0, text: theirs });
      const packages = join(folder, `mine-${cuda}`);
      await Deno.mkdir(join(packages, "nvidia", "cuda_runtime", "lib"), { recursive: true });
      assertEquals((await withCudaLibraries(`link_cuda "$1" "$2"`, found.text, packages)).code, 0);
      for (const name of names) {
        assert(Deno.statSync(join(packages, "nvidia", name)).isFile, `${cuda}: ${name}`);
      }
      assertEquals(Deno.lstatSync(join(packages, "nvidia", "cuda_runtime")).isSymlink, false);
      // A submission's sandbox, in which the libraries have to lie where the links lead to.
      const site = join(
        folder,
        `installation-${cuda}`,
        ".venv",
        "lib",
        "python3.12",
        "site-packages",
      );
      await Deno.mkdir(site, { recursive: true });
      await Deno.symlink(join(packages, "nvidia"), join(site, "nvidia"));
      const sandbox = `import pathlib, sys; from tessera_grading import bubblewrap
bubblewrap.INSTALLATION = pathlib.Path(sys.argv[1])
print(*bubblewrap._readable({}))`;
      const { stdout } = await new Deno.Command(join(root, ".venv", "bin", "python"), {
        args: ["-c", sandbox, join(folder, `installation-${cuda}`)],
        env: { PYTHONPATH: join(root, "python") },
      }).output();
      const readable = new TextDecoder().decode(stdout).trim().split(" ");
      const wanted = cuda === 12 ? ["cublas", "cudnn", "cufft"] : ["cu13", "cudnn", "nccl"];
      for (const name of wanted) {
        assert(readable.includes(join(found.text, name)), `${name}: ${readable}`);
      }
    }
    const old = await makePyTorch(folder, 12, "9.1.0.70");
    assertEquals((await withCudaLibraries("find_cuda", old)).code, 1, "its cuDNN is too old");
    const part = await makePyTorch(folder, 13, "9.5.1.17");
    await Deno.remove(join(folder, "packages-13-9.5.1.17", "nvidia", "nccl"), { recursive: true });
    assertEquals((await withCudaLibraries("find_cuda", part)).code, 1, "one is missing");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("where another's libraries serve, the lock is installed without them, by its checksums", async () => {
  const lock = join(root, "requirements-gpu.txt");
  const { text } = await withCudaLibraries(`without_borrowed "$1"`, lock);
  const packages = (from: string) =>
    [...from.matchAll(/^([a-z][\w.-]*)==/gm)].map(([, name]) => name);
  const rest = new Set(packages(text));
  const left = packages(await Deno.readTextFile(lock)).filter((name) => !rest.has(name));
  assertEquals(
    left,
    [
      "cublas",
      "cuda-cupti",
      "cuda-nvrtc",
      "cudnn",
      "cufft",
      "curand",
      "cusolver",
      "cusparse",
      "nccl",
      "nvjitlink",
    ]
      .map((name) => `nvidia-${name}-cu12`),
  );
  const hashes = (from: string) => from.match(/--hash=/g)!.length;
  assert(hashes(text) > rest.size && hashes(text) < hashes(await Deno.readTextFile(lock)));
  const folder = await Deno.makeTempDir({ prefix: "tessera-cuda-" });
  try {
    const TESSERA_PYTORCH = await makePyTorch(folder, 13, "9.10.2.21");
    const { said, calls } = await setUp({ TESSERA_DEVICE: "gpu", TESSERA_PYTORCH });
    assertStringIncludes(said, "packages-13-9.10.2.21/nvidia serve here, too.");
    assertStringIncludes(said, "about 2 minutes and 3 GB on disk");
    assert(
      calls.some((call) => /--no-deps --require-hashes .*\.venv\/requirements\.txt/.test(call)),
      said,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const isLlvm = (call: string) => call.includes("requirements-fusion.txt");

Deno.test("the set-up fetches LLVM where kernels are made or asked for, once, by its lock", async () => {
  const arm = { system: "Linux", processor: "aarch64" };
  const mac = { system: "Darwin", processor: "x86_64" };
  for (
    const [environment, machine] of [
      [{ TESSERA_FUSION: "off" }],
      ...[[{ TESSERA_DEVICE: "gpu" }], [{}, arm], [{}, mac]],
    ] as [Record<string, string>, typeof arm?][]
  ) {
    const { said, calls } = await setUp(environment, machine);
    assert(!calls.some(isLlvm), said);
  }
  for (
    const [environment, machine] of [
      ...[[{}], [{ TESSERA_FUSION: "on" }], [{ TESSERA_FUSION: "ALL" }]],
      [{ TESSERA_FUSION: "on" }, arm],
    ] as [Record<string, string>, typeof arm?][]
  ) {
    const { said, calls } = await setUp(environment, machine);
    assertStringIncludes(said, "fetching LLVM for fused kernels (60 MB)");
    const [fetched, ...others] = calls.filter(isLlvm);
    assertEquals(others, []);
    assertStringIncludes(fetched, "--no-deps --require-hashes --only-binary :all:");
  }
});

Deno.test("LLVM that cannot be fetched stops nothing, and is tried again where it is asked for", async () => {
  const folder = await Deno.makeTempDir();
  const functions = (await Deno.readTextFile(join(root, "tools", "set_up.sh")))
    .match(/^has_fusion\(\) \{.*?^\}$|^fetch_fusion\(\) \{.*?^\}$|^write_stamp[^\n]*/gms)!.join(
      "\n",
    );
  const script = `set -eu
    say() { echo "$*"; }
    twice() { "$@"; }
    pip_install() { false; }
    command() { false; } # no uv
    fusion_stamp=stamp fusion_lock=lock fusion=on
    ${functions}
    has_fusion || fetch_fusion
    if has_fusion; then echo "not again"; fi
    fusion=asked
    has_fusion || echo "again"
    echo changed > lock
    fusion=on
    has_fusion || echo "another version"`;
  try {
    await Deno.writeTextFile(join(folder, "lock"), "{}");
    const { stdout } = await new Deno.Command("/bin/sh", { args: ["-c", script], cwd: folder })
      .output();
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    assertStringIncludes(lines[1], "LLVM could not be fetched: steps run without fused kernels.");
    assertEquals(lines.slice(2), ["not again", "again", "another version"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the set-up fetches JupyterHub where it is asked for, by its lock", async () => {
  const isHub = (call: string) => call.includes("requirements-hub.txt");
  assert(!(await setUp({})).calls.some(isHub));
  assert(!(await setUp({ TESSERA_HUB: "0" })).calls.some(isHub));
  const { said, calls } = await setUp({ TESSERA_HUB: "yes" });
  assertStringIncludes(said, "fetching JupyterHub");
  assertStringIncludes(calls.find(isHub)!, "--no-deps --require-hashes --only-binary :all:");
});

Deno.test("JupyterHub's lock has the versions that every set-up has", async () => {
  const versionsIn = async (name: string) =>
    new Map(
      (await Deno.readTextFile(join(root, name))).matchAll(/^([a-z][\w.-]*)==(\S+)/gm)
        .map(([, name, version]) => [name, version]),
    );
  const [all, hub] = await Promise.all(
    ["", "-hub"].map((each) => versionsIn(`requirements${each}.txt`)),
  );
  const others = [...hub].filter(([name, version]) => (all.get(name) ?? version) !== version);
  assertEquals(others, []);
  assert(hub.has("jupyterhub") && hub.has("jupyter-server-proxy"));
});

Deno.test("what another administrator's set-up writes can be read by those who may read the installation, and by no others", async () => {
  const script = await Deno.readTextFile(join(root, "tools", "set_up.sh"));
  const functions = script.split(/^if is_current/m)[0];
  const folder = await Deno.makeTempDir({ prefix: "tessera set-up " });
  try {
    for (const [rights, readable] of [[0o755, 0o644], [0o700, 0o600], [0o711, 0o600]]) {
      const project = join(folder, rights.toString(8));
      await Deno.mkdir(join(project, "tools"), { recursive: true });
      await Deno.mkdir(join(project, ".venv"));
      await Deno.chmod(project, rights);
      for (const name of setUpScripts) {
        await Deno.copyFile(join(root, "tools", name), join(project, "tools", name));
      }
      const closed = `umask 077\n${functions}\necho made | write_stamp "$stamp"`;
      const { success } = await new Deno.Command("/bin/sh", {
        args: ["-c", closed, "set_up.sh", project],
        env: { HOME: folder },
      }).output();
      assert(success);
      const { mode } = await Deno.stat(join(project, ".venv", "tessera.stamp"));
      assertEquals(mode! & 0o777, readable, rights.toString(8));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a copy of an installation has the same stamp for Jupyter, whatever the order of its files", async () => {
  const script = await Deno.readTextFile(join(root, "tools", "set_up.sh"));
  const functions = script.split(/^if is_current/m)[0];
  const folder = await Deno.makeTempDir({ prefix: "tessera set-up " });
  const files = ["z.json", "a.json", "m/b.json"].map((name) => `python/etc/${name}`);
  const stampOf = async (name: string, changes: [file: string, text: string][]) => {
    const project = join(folder, name);
    for (const [file, text] of [["python/pyproject.toml", "{}"], ...changes]) {
      await Deno.mkdir(join(project, file, ".."), { recursive: true });
      await Deno.writeTextFile(join(project, file), text);
    }
    await Deno.mkdir(join(project, "tools"));
    for (const each of setUpScripts) {
      await Deno.copyFile(join(root, "tools", each), join(project, "tools", each));
    }
    await Deno.writeTextFile(join(project, "requirements.txt"), "{}");
    const { stdout } = await new Deno.Command("/bin/sh", {
      args: ["-c", `${functions}\njupyter_inputs`, "set_up.sh", project],
    }).output();
    return new TextDecoder().decode(stdout);
  };
  try {
    const all = files.map((file): [string, string] => [file, file]);
    const stamp = await stampOf("one", all);
    assert(/^\d+ \d+\n$/.test(stamp), stamp);
    const compiled: [string, string] = ["python/etc/__pycache__/z.pyc", "made by Python"];
    assertEquals(await stampOf("two", [...all.toReversed(), compiled]), stamp);
    assert(await stampOf("three", [...all, [files[2], "changed"]]) !== stamp);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a set-up waits for another one, and not for one that was killed", async () => {
  const machine = { system: "Linux", processor: "x86_64" };
  const { said, calls, code } = await setUp({}, machine, async (project) => {
    // What an earlier version has left, with a number that is a living process's.
    await Deno.mkdir(join(project, ".venv.busy"));
    await Deno.writeTextFile(join(project, ".venv.busy", "process"), `${Deno.pid}`);
    const holder = new Deno.Command("/bin/sh", {
      args: ["-c", 'exec 9>> "$0"; flock 9; echo held; sleep 600', join(project, ".set-up.lock")],
      ...{ stdout: "piped", stderr: "null", detached: true },
    }).spawn();
    const reader = holder.stdout.getReader();
    await reader.read();
    let isKilled = false;
    return async (said) => {
      if (isKilled || !said.includes("waiting for another set-up")) return;
      isKilled = true;
      Deno.kill(-holder.pid, "SIGKILL");
      await holder.status;
      await reader.cancel();
    };
  });
  assertStringIncludes(said, "waiting for another set-up …");
  assert(calls.some((call) => call.includes("-m pip install")), `${code} ${said}`);
});

interface Second {
  code: number;
  said: string;
  project: string;
  /** What was called, a line each. */
  calls: () => Promise<string>;
  end: () => Promise<void>;
}

/**
 * Sets up a project, lets `spoil` change it, and sets up once more, if need be as another user; gives what comes
 * of that.
 */
async function afterSpoiling(
  spoil: (project: string) => Promise<void>,
  argumentsFor: (project: string) => string[] = () => [],
  user?: number,
): Promise<Second> {
  const folder = await Deno.makeTempDir();
  const project = join(folder, "project"), programs = join(folder, "programs");
  for (const each of ["tools", "python", "jupyterlab", ".deno/npm"]) {
    await Deno.mkdir(join(project, each), { recursive: true });
  }
  await Deno.mkdir(programs);
  for (const name of setUpScripts) {
    await Deno.copyFile(join(root, "tools", name), join(project, "tools", name));
  }
  await Deno.writeTextFile(join(project, "tools", "lab_extension.ts"), "");
  await Deno.writeTextFile(join(project, "jupyterlab", "lab.ts"), "");
  for (
    const file of [
      ...["requirements.txt", "requirements-fusion.txt", "python/pyproject.toml"],
      "deno.json",
      "import_map.json",
      "deno.lock",
    ]
  ) {
    await Deno.mkdir(join(project, file, ".."), { recursive: true });
    await Deno.writeTextFile(join(project, file), "{}\n");
  }
  await Deno.mkdir(join(project, "python", "etc"));
  const calls = join(folder, "calls");
  // What a Python makes here has what a set-up with real packages has, as far as it is looked at.
  const maker = `#!/bin/sh
echo "python $*" >> "$CALLS"
if [ "$2" = venv ]; then
  packages=$3/lib/python3.13/site-packages
  mkdir -p "$3/bin" $packages/tensorflow && cp "$0" "$3/bin/python"
  echo library > $packages/tensorflow/libtensorflow_cc.so.2
  printf '#!/bin/sh\\n' > "$3/bin/deno" && chmod +x "$3/bin/deno"
fi
`;
  await Deno.writeTextFile(join(programs, "python3.13"), maker, { mode: 0o755 });
  const setUp = (args: string[], before: string[] = []) =>
    new Deno.Command("/usr/bin/env", {
      args: [...before, "/bin/sh", join(project, "tools", "set_up.sh"), project, ...args],
      clearEnv: true,
      env: { PATH: `${programs}:/usr/bin:/bin`, HOME: folder, CALLS: calls },
    }).output();
  const first = await setUp([]);
  assertEquals(first.code, 0, new TextDecoder().decode(first.stderr));
  await Deno.remove(calls);
  await spoil(project);
  const asUser = user && ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups"];
  if (user) await Deno.chmod(folder, 0o755);
  const { code, stderr } = await setUp(argumentsFor(project), asUser || []);
  return {
    ...{ code, said: new TextDecoder().decode(stderr), project },
    calls: () => Deno.readTextFile(calls).catch(() => ""),
    end: () => Deno.remove(folder, { recursive: true }),
  };
}

const library = ".venv/lib/python3.13/site-packages/tensorflow/libtensorflow_cc.so.2";

for (
  const [what, spoil, named] of [
    ["cut short", (project: string) => Deno.truncate(join(project, library), 3), library],
    ["deleted", (project: string) => Deno.remove(join(project, library)), library],
    [
      "without Deno",
      (project: string) => Deno.remove(join(project, ".venv/bin/deno")),
      ".venv/bin/deno",
    ],
    [
      "without Python",
      (project: string) => Deno.remove(join(project, ".venv/bin/python")),
      ".venv/bin/python",
    ],
  ] as const
) {
  Deno.test(`a command says what is damaged where the installation is ${what}, and repairing mends it`, async () => {
    const refused = await afterSpoiling(spoil);
    try {
      assertEquals(refused.code, 1);
      assertEquals(
        refused.said,
        `tessera: ${named} is damaged or missing; ./tessera doctor --repair mends the installation.\n`,
      );
      assertEquals(await refused.calls(), "");
    } finally {
      await refused.end();
    }
    const mended = await afterSpoiling(spoil, () => ["repair"]);
    try {
      assertEquals(mended.code, 0, mended.said);
      assertEquals(await Deno.readTextFile(join(mended.project, library)), "library\n");
    } finally {
      await mended.end();
    }
  });
}

Deno.test({
  name: "an installation whose Python is closed to others is not called damaged to them",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  fn: async () => {
    const { code, said, end } = await afterSpoiling(
      async (project) => {
        const closed = join(project, "closed");
        await Deno.mkdir(closed, { mode: 0o700 });
        await Deno.rename(join(project, ".venv/bin/python"), join(closed, "python"));
        await Deno.symlink(join(closed, "python"), join(project, ".venv/bin/python"));
      },
      () => [],
      65534,
    );
    try {
      assertEquals([code, said], [0, ""]); // the command says which program it is (tools/command.ts)
    } finally {
      await end();
    }
  },
});

Deno.test("an installation that is whole is not made anew", async () => {
  const { code, said, calls, end } = await afterSpoiling(() => Promise.resolve());
  try {
    assertEquals([code, said, await calls()], [0, "", ""]);
  } finally {
    await end();
  }
});

/** Puts a bundle of one file beside a project. */
async function makeBundle(project: string): Promise<string> {
  const bundle = join(project, "bundle");
  await Deno.mkdir(join(bundle, "wheels"), { recursive: true });
  await Deno.writeTextFile(join(bundle, "wheels", "a.whl"), "a");
  const script = `cd "$0" && { echo "platform $(uname -s) $(uname -m)"; echo "python 3.13"
    echo "lock $(cksum < ../requirements.txt)"; } > bundle.txt && sha256sum wheels/a.whl > checksums.txt`;
  await new Deno.Command("/bin/sh", { args: ["-c", script, bundle] }).output();
  return bundle;
}

async function change(file: string, pattern: RegExp, by: string): Promise<void> {
  await Deno.writeTextFile(file, (await Deno.readTextFile(file)).replace(pattern, by));
}

const bundleFaults: [what: string, spoil: (bundle: string) => Promise<void>, reason: string][] = [
  ["is none", (bundle) => Deno.remove(join(bundle, "bundle.txt")), "is no bundle"],
  ["is not there", (bundle) => Deno.remove(bundle, { recursive: true }), "there is no "],
  [
    "is for another machine",
    (bundle) => change(join(bundle, "bundle.txt"), /platform .*/, "platform Plan9 mips"),
    "is for Plan9 mips, and this is",
  ],
  [
    "is of another version",
    (bundle) => change(join(bundle, "bundle.txt"), /lock .*/, "lock 1 2"),
    "is of another version of the course",
  ],
  [
    "is damaged",
    (bundle) => Deno.writeTextFile(join(bundle, "wheels", "a.whl"), "b"),
    "is damaged: wheels/a.whl differ",
  ],
];

for (const [what, spoil, reason] of bundleFaults) {
  Deno.test(`a set-up refuses a bundle that ${what}, and changes nothing`, async () => {
    const { said, code, calls, end } = await afterSpoiling(
      async (project) => await spoil(await makeBundle(project)),
      (project) => ["from", join(project, "bundle")],
    );
    try {
      assertEquals([code, await calls()], [1, ""], said);
      assertStringIncludes(said, reason);
    } finally {
      await end();
    }
  });
}

Deno.test("a set-up from an archive that is refused, or was killed, leaves nothing unpacked", async () => {
  const { said, code, project, end } = await afterSpoiling(
    async (project) => {
      const bundle = await makeBundle(project);
      await Deno.writeTextFile(join(bundle, "wheels", "a.whl"), "b");
      await new Deno.Command("tar", { args: ["-cf", `${bundle}.tar`, "-C", bundle, "."] }).output();
      await Deno.mkdir(join(project, ".bundle"));
      await Deno.writeTextFile(join(project, ".bundle", "half"), "of an archive");
    },
    (project) => ["from", join(project, "bundle.tar")],
  );
  try {
    assertEquals(code, 1);
    assertStringIncludes(said, "is damaged: wheels/a.whl differ");
    assertEquals(exists(join(project, ".bundle")), false);
  } finally {
    await end();
  }
});

Deno.test("a set-up takes its packages from a bundle alone", async () => {
  const { said, code, calls, end } = await afterSpoiling(
    async (project) => {
      await makeBundle(project);
      await Deno.remove(join(project, ".venv"), { recursive: true });
    },
    (project) => ["from", join(project, "bundle")],
  );
  try {
    assertEquals(code, 0, said);
    assertStringIncludes(await calls(), "--no-index --find-links");
    assertStringIncludes(await calls(), "/bundle/wheels -r ");
  } finally {
    await end();
  }
});
