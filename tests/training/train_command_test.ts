import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { takeLock } from "../../lib/platform/lock.ts";
import { recipes } from "../../recipes/mod.ts";
import { CommandError } from "../../tools/command.ts";
import { readMachines } from "../../tools/train_machines.ts";

const root = new URL("../../", import.meta.url).pathname;

async function train(args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", "tools/train.ts", ...args],
    cwd: root,
    env,
  }).output();
  const decoder = new TextDecoder();
  return { code, printed: decoder.decode(stdout), complaint: decoder.decode(stderr) };
}

Deno.test("train names its recipes, and what is wrong with a call", async () => {
  const [help, unknown, wrong, none] = await Promise.all([
    train(["--help"]),
    train(["mnist-vti"]),
    train(["mnist-vit", "--epochs", "many"]),
    train(["mnist-vit", "--processes", "0"]),
  ]);
  assertEquals(help.code, 0);
  for (const name of Object.keys(recipes)) assertStringIncludes(help.printed, name);
  assertEquals(unknown.code, 2);
  assertStringIncludes(
    unknown.complaint,
    'there is no recipe "mnist-vti". Did you mean "mnist-vit"?',
  );
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.complaint, '--epochs is "many", must be a whole number');
  assertEquals(none.code, 2);
  assertStringIncludes(none.complaint, "--processes is 0, must be from 1 to 64");
});

Deno.test("train names what is wrong with the machines of a call", () => {
  const [first, second] = ["127.0.0.1:9001", "127.0.0.1:9002"];
  const wrong: [options: { cluster?: string; task?: string }, message: string][] = [
    [{ cluster: `${first},${first}`, task: "0" }, `--cluster: ${first} is named twice: each`],
    [{ cluster: "Host:9001,host:09001", task: "0" }, "--cluster: host:09001 is named twice"],
    [{ cluster: "host:0,host:1", task: "0" }, '--cluster: "host:0" is no address: host:port'],
    [{ cluster: "host:70000", task: "0" }, '--cluster: "host:70000" is no address'],
    [{ cluster: "host:abc", task: "0" }, '--cluster: "host:abc" is no address'],
    [{ cluster: `${first},${second}`, task: "2" }, '--task is "2", must be from 0 to 1'],
    [{ cluster: `${first},${second}`, task: "one" }, '--task is "one", must be from 0 to 1'],
    [{ cluster: first }, "--cluster needs --task too: this machine's number"],
    [{ task: "0" }, "--task needs --cluster too: HOST:PORT of every machine"],
  ];
  for (const [options, message] of wrong) {
    const error = assertThrows(() => readMachines(options, ["mnist-vit"]), CommandError, message);
    assertEquals(error.exitCode, 2);
  }
});

Deno.test("train says in one line what it cannot do on several processes", async () => {
  const quick = ["mnist-vit", "--quick"];
  const machines = ["--cluster", "127.0.0.1:9001,127.0.0.1:9002", "--task", "0"];
  const calls: [args: string[], message: string, code: number, env?: Record<string, string>][] = [
    [[...quick, "--proceses", "2"], "Unknown option '--proceses'", 2],
    [[...quick, ...machines.with(1, "127.0.0.1:9001,127.0.0.1:9001")], "is named twice", 2],
    [[...quick, ...machines, "--processes", "2"], "give it or --cluster", 2],
    [[...quick, "--processes", "2"], "several processes need native TensorFlow", 1, {
      TESSERA_BACKEND: "wasm",
    }],
  ];
  await Promise.all(calls.map(async ([args, message, expected, env]) => {
    const { code, complaint } = await train(args, env);
    assertEquals(code, expected, complaint);
    const lines = complaint.trim().split("\n").filter((line) => line.startsWith("tessera: "));
    assertEquals(lines.length, 1, complaint);
    assertStringIncludes(lines[0], message);
    assertEquals(complaint.includes("    at "), false, complaint); // no call stack
  }));
});

Deno.test("train --quick trains beside another training, measures the test set once and keeps the result", async () => {
  const home = await Deno.makeTempDir({ prefix: "train command test " });
  const others = await takeLock(`${home}/out/quick/mnist-vit/training.lock`);
  const folder = `${home}/out/quick/mnist-vit-2`;
  const quick = (...more: string[]) => train(["unit1", "--quick", ...more], { TESSERA_HOME: home });
  try {
    const first = await quick("--half-gradients");
    assertEquals(first.code, 0, first.complaint);
    assertStringIncludes(
      first.printed,
      "One process trains, which exchanges nothing: --half-gradients changes nothing.",
    );
    const place = "in another notebook or program: this one is kept in out/quick/mnist-vit-2.";
    assertStringIncludes(first.printed, place);
    assertStringIncludes(first.printed, "mnist-vit: 106,506 parameters, 1,833 training images");
    assertStringIncludes(first.printed, "epoch 1/1 · loss");
    assert(
      /test accuracy 0\.\d{4} \(validation 0\.\d{4}, training 0\.\d{4}\)/.test(first.printed),
      first.printed,
    );
    const result = JSON.parse(await Deno.readTextFile(`${folder}/result.json`));
    assertEquals([result.recipe, result.epochs, result.parameters], ["mnist-vit", 1, 106_506]);
    const log = await Deno.readTextFile(`${folder}/train.log`);
    assertStringIncludes(log, `test accuracy ${result.testAccuracy.toFixed(4)} (validation`);
    const again = await quick();
    assertStringIncludes(again.printed, "Trained already");
    const other = { ...result, recipe: "cifar-vit" };
    await Deno.writeTextFile(`${folder}/result.json`, JSON.stringify(other));
    const elsewhere = await quick();
    assertEquals(elsewhere.code, 1);
    assertStringIncludes(
      elsewhere.complaint,
      "tessera: out/quick/mnist-vit-2 has a training of cifar-vit. Move it elsewhere, or begin anew with --fresh",
    );
    await Deno.writeTextFile(`${folder}/result.json`, '{ "recipe":');
    const damaged = await quick();
    assertEquals(damaged.code, 1);
    assertStringIncludes(damaged.complaint, "result.json is damaged: restore it, or delete it");
  } finally {
    others?.release();
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("train gives two trainings that begin at once a folder each", async () => {
  const home = await Deno.makeTempDir({ prefix: "train command test " });
  try {
    const quick = () => train(["mnist-vit", "--quick"], { TESSERA_HOME: home });
    const [first, second] = await Promise.all([quick(), quick()]);
    assertEquals([first.code, second.code], [0, 0], first.complaint + second.complaint);
    const folders = [...Deno.readDirSync(`${home}/out/quick`)].map(({ name }) => name);
    assertEquals(folders.sort(), ["mnist-vit", "mnist-vit-2"]);
    const results = folders.map((name) =>
      Deno.readTextFileSync(`${home}/out/quick/${name}/result.json`)
    );
    assertEquals(JSON.parse(results[0]).testAccuracy, JSON.parse(results[1]).testAccuracy);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("train --fresh, ended by SIGTERM, keeps the training before, and the same command goes on", async () => {
  const home = await Deno.makeTempDir({ prefix: "train command test " });
  const folder = `${home}/out/quick/mnist-vit`;
  const args = ["mnist-vit", "--quick", "--epochs", "20", "--fresh"];
  try {
    assertEquals((await train(["mnist-vit", "--quick"], { TESSERA_HOME: home })).code, 0);
    const before = await Deno.readFile(`${folder}/best.safetensors`);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--allow-all", "tools/train.ts", ...args],
      cwd: root,
      env: { TESSERA_HOME: home },
      ...{ stdout: "null", stderr: "null" },
    }).spawn();
    const isBegun = () => Deno.stat(`${folder}/begun-anew`).then(() => true, () => false);
    while (!await isBegun()) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 143);
    assertEquals(await Deno.readFile(`${folder}/before/best.safetensors`), before);
    const { printed, complaint, code } = await train(
      ["mnist-vit", "--quick", "--epochs", "2", "--fresh"],
      { TESSERA_HOME: home },
    );
    assertEquals(code, 0, complaint);
    assertStringIncludes(printed, "Goes on after epoch 0, step ");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      ...["best.safetensors", "last.safetensors", "log.json", "result.json", "train.log"],
    ]);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
