/** A small class is graded: nobody is lost, nobody is paid for what is not solved, nothing is done twice. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { readTextIfThere } from "../../lib/platform/files.ts";
import { differences as pointChanges } from "../../marking/regrade.ts";
import { whyNoSandbox } from "../../marking/grading/sandbox.ts";
import type { SubmissionResult } from "../../marking/result.ts";
import { program, root } from "../../tools/command.ts";
import { readNotebook, textOf } from "../../tools/notebooks.ts";
import {
  differences,
  expectedPoints,
  handIn,
  makeMember,
  type Member,
  resultIn,
} from "./made_class/class.ts";
import { idOf, type MadeCourse, makeCourse } from "./made_class/course.ts";
import { cheats } from "./made_class/cheats.ts";
import { type Kind, kinds } from "./made_class/kinds.ts";
import { marked, until } from "../kernel/processes.ts";
import { inTerminal } from "../terminal.ts";

const kind = (name: string): Kind => [...kinds, ...cheats].find((each) => each.name === name)!;

/** What becomes of each, about which of the unit's solutions (0 is the first). */
const members: [unit: string, solution: number, names: string[]][] = [
  ["unit1", 2, [
    ...["UTF-16", "metadata dropped", "own error stream", "hundred thousand lines"],
    "asks for the kernel's end",
  ]],
  ["unit1", 1, ["syntax error", "check deleted", "metadata spoilt"]],
  ["unit1", 0, ["ends the kernel", "copied check"]],
  ["unit1", 3, ["memory"]],
  ["unit1", 0, ["PDF in its place"]],
  ["unit5", 1, ["cheat: Promise", "cheat: tf", "cheat: prototypes", "cheat: a record made up"]],
  ["unit5", 0, [
    "cheat: own check",
    "cheat: the library's runner",
    "cheat: files beside",
    "cheat: links",
  ]],
];

/** What learners have put in the place of names that a check uses without importing them itself. */
const inPlaceOfNames = [
  "a name that nobody can take",
  "module hooks",
  "records of another check",
  "a debugger of one's own",
].map((each) => `cheat: ${each}`);

/** What only a sandbox stops. */
const againstTheMachine = ["lib rewritten", "gradebook written", "solutions read"].map((each) =>
  `cheat: ${each}`
);

function makeMembers({ units }: MadeCourse, isApart: boolean): Member[] {
  const more: typeof members = isApart ? [["unit5", 2, againstTheMachine]] : [];
  return [...members, ...more, ["unit3", 0, inPlaceOfNames] as const].map(
    ([name, solution, names], index) => {
      const unit = units.find((each) => each.unit === name)!;
      const count =
        unit.tasks.filter(({ kind, about }) => kind === "solution" && about.length > 0).length;
      return makeMember(
        `learner-${index + 1}`,
        unit,
        names.map(kind),
        () => (solution + 0.5) / count,
      );
    },
  );
}

/** Runs Python in a course's folder. */
async function python(folder: string, ...args: string[]): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(program("python"), {
    args,
    cwd: folder,
    env: { PYTHONPATH: join(root, "python"), TESSERA_QUICK: "1" },
  }).output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

const inGradebook = (code: string) => `
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    def grade(task, learner): return book.find_grade(task, "vision_transformer_mnist", "unit1", learner)
    ${code}
    book.db.commit()
`;

Deno.test({
  name:
    "A class is graded: each cell costs its own points, no cheat pays, and persons' points stay",
  ignore: Deno.build.os !== "linux",
  fn: async (test) => {
    await using course = await makeCourse();
    const { installation } = course;
    // In a container there may be no sandbox; all else has to be the same then.
    const isApart = await whyNoSandbox() === undefined;
    const made = makeMembers(course, isApart);
    for (const member of made) await handIn(member, installation);
    const check = join(root, "lib", "exercises", "engine", "check.ts");
    const before = await Deno.readTextFile(check);
    const grade = (unit: string, ...args: string[]) =>
      installation.tessera("grade", [unit, "--quick", "--unsafe", ...args], {
        from: installation.folder,
        env: { TESSERA_LIMIT_MEMORY: "1.5" },
      });

    await test.step("Every submission gets what it should", async () => {
      const said: string[] = [];
      for (const unit of ["unit1", "unit5", "unit3"]) said.push((await grade(unit)).said);
      const found = made.flatMap((each) => differences(each, resultIn(installation, each)));
      assertEquals(found, [], said.join("\n"));
      assertMatch(said[0], /learner-5: not graded: the file is a PDF/);
      const unparsed = resultIn(installation, made[1])!.notebooks[0].tasks
        .find(({ id }) => id === "check-feed-forward")!;
      assertMatch(unparsed.message!, /^The cell of feed-forward failed: .*SyntaxError/);
      const sandboxes = made.map((each) => resultIn(installation, each)!.sandbox);
      assertEquals(new Set(sandboxes), new Set([isApart ? "bubblewrap" : "none"]));
      assertEquals(await Deno.readTextFile(check), before);
      if (!isApart) return;
      const ran = join(installation.folder, "grading/autograded/learner-8/unit5/3_crossvit.ipynb");
      assertMatch(await Deno.readTextFile(ran), /found 0 bytes of solutions/);
    });

    await test.step("The gradebook has the same, and nothing for what was not graded", async () => {
      const { said } = await python(
        installation.folder,
        "-c",
        inGradebook(`print([(g.auto_score, g.needs_manual_grade) for g in
      [grade("check-patches", "learner-1"), grade("check-feed-forward", "learner-2"), grade("check-patches", "learner-5")]])`),
      );
      assertMatch(said, /\[\(2\.0, False\), \(0\.0, False\), \(None, True\)\]/);
    });

    await test.step("What is unchanged is not graded again, by nbgrader neither", async () => {
      assertMatch((await grade("unit1")).said, /0 graded in .*5 unchanged/);
      const plain = await python(installation.folder, "-m", "nbgrader", "autograde", "unit1");
      assertEquals(plain.code, 0, plain.said);
      assertMatch(plain.said, /Skipping what was graded and is unchanged/);
    });

    const grading = [
      ...["run", "--quiet", "--no-check", "--allow-all"],
      ...["--config", join(installation.folder, "deno.json")],
      join(installation.folder, "marking", "grade.ts"),
      ...["unit1", "--quick", "--unsafe", "--again", "--jobs", "2"],
    ];
    const home = { TESSERA_CALLER: installation.folder, TESSERA_HOME: "" };

    await test.step("One Ctrl-C in a terminal ends what runs, and what is done stays", async () => {
      const { code, printed } = await inTerminal(
        [Deno.execPath(), ...grading],
        [["learner-", "\x03"]],
        {
          cwd: installation.folder,
          env: home,
        },
      );
      assertEquals(code, 130, printed);
      assertMatch(printed, /Stopped; \.\/tessera grade unit1 goes on with the others\./);
      assertEquals(/Traceback|Uncaught|not graded: the program/.test(printed), false, printed);
      assertEquals(resultIn(installation, made[0])?.learner, "learner-1");
    });

    await test.step("Grading that is killed leaves no program behind", async () => {
      const mark = crypto.randomUUID();
      const killed = new Deno.Command(Deno.execPath(), {
        args: grading,
        cwd: installation.folder,
        env: { ...home, GRADING_MARK: mark },
        ...{ stdout: "null", stderr: "null" },
      }).spawn();
      const isKernel = (pid: number) =>
        (readTextIfThere(`/proc/${pid}/cmdline`) ?? "").includes("tessera_kernel/__main__.py");
      assert(await until(() => marked(mark).some(isKernel), 120), "a kernel is started");
      killed.kill("SIGKILL");
      await killed.status;
      assert(await until(() => marked(mark).length === 0, 30), "nothing is left");
    });

    await test.step("Plain nbgrader gives the same points, and warns where there is no sandbox", async () => {
      const tasks = () =>
        resultIn(installation, made[1])!.notebooks[0].tasks.map(({ points }) => points);
      const before = tasks();
      const nbgrader = (student: string, first = "") =>
        python(
          installation.folder,
          ...[
            "-c",
            `${first}
from nbgrader.apps import NbGraderApp
NbGraderApp.launch_instance(["autograde", "unit1", "--force", "--student=${student}"])`,
          ],
        );
      const plain = await nbgrader("learner-2");
      assertMatch(plain.said, /Autograding .*learner-2/);
      assertEquals(tasks(), before);
      const without = `import shutil
found = shutil.which
shutil.which = lambda name, *more, **options: name != "bwrap" and found(name, *more, **options) or None`;
      assertMatch(
        (await nbgrader("learner-5", without)).said,
        /with your rights, without a sandbox/,
      );
    });

    await test.step("Regraded points count when they are let, and a person's stay", async () => {
      const notebook = "vision_transformer_mnist.ipynb";
      const source = join(installation.folder, "notebooks/source/unit1", notebook);
      const mended = await readNotebook(source);
      const cell = mended.cells.find((each) => idOf(each) === "check-patches")!;
      cell.source = `${textOf(cell)}\nthrow new Error("mended");`;
      await Deno.writeTextFile(source, JSON.stringify(mended));
      await python(
        installation.folder,
        "-c",
        inGradebook(
          `grade("answer-block", "learner-1").manual_score = 0.5
    book.find_comment("answer-block", "vision_transformer_mnist", "unit1", "learner-1").manual_comment = "short"`,
        ),
      );
      const scores = inGradebook(
        `print([grade(task, "learner-1").score for task in ("check-patches", "answer-block", "check-model")],
    book.find_comment("answer-block", "vision_transformer_mnist", "unit1", "learner-1").comment)`,
      );
      const regraded = await installation.tessera(
        "regrade",
        ["unit1", "learner-1", "--quick", "--unsafe"],
        { from: installation.folder },
      );
      const had = [...expectedPoints(made[0]).values()].reduce<number>(
        (sum, points) => sum + (points ?? 0),
        0,
      );
      assertStringIncludes(regraded.said, `learner-1: ${had} → ${had - 2} of `);
      assertMatch(regraded.said, / of \d+ points\n {2}check-patches: 2 → 0: .*mended/);
      assertMatch(
        (await python(installation.folder, "-c", scores)).said,
        /\[2\.0, 0\.5, 2\.0\] short/,
      );
      const applied = await installation.tessera("regrade", ["unit1", "--apply"], {
        from: installation.folder,
      });
      assertEquals(applied.code, 0, applied.said);
      assertMatch(
        (await python(installation.folder, "-c", scores)).said,
        /\[0\.0, 0\.5, 2\.0\] short/,
      );
      assertEquals(resultIn(installation, made[0])!.notebooks[0].tasks[0].points, 0);
    });

    await test.step("A grading that ends before its result is written counts a bonus once; what changed is read again", async () => {
      const script = `
import json
import nbformat
from tessera_grading import gradebook as writing
from tessera_grading.gradebook import read_result
from tessera_grading.submission import Graded
from tessera_grading.worker import open_book

unit, learner, notebook = "unit1", "learner-1", "vision_transformer_mnist"
book = open_book()
course = book.register(unit)
folder = book.path(book.coursedir.autograded_directory, learner, unit)
nodes = {notebook: nbformat.read(folder / f"{notebook}.ipynb", as_version=4)}
result = read_result(book.result_file(learner, unit))
check, answer = "check-model", "answer-block"
task = next(each for each in result["notebooks"][0]["tasks"] if each["id"] == check)

class Killed(BaseException):
    pass

def killed(*_):
    raise Killed

def save(write=writing.write_json):
    now, writing.write_json = writing.write_json, write
    try:
        book.save(Graded(result, nodes), course)
    except Killed:
        pass
    finally:
        writing.write_json = now
    with book.open() as gradebook:
        grades = [gradebook.find_grade(each, notebook, unit, learner) for each in (check, answer)]
        return [grades[0].extra_credit, grades[1].manual_score, grades[1].needs_manual_grade]

with book.open() as gradebook: # a person has read the answer, and given a quarter beyond the check's points
    grade = gradebook.find_grade(answer, notebook, unit, learner)
    grade.manual_score, grade.needs_manual_grade = 0.5, False
    gradebook.find_grade(check, notebook, unit, learner).extra_credit = 0.25
    gradebook.db.commit()
task["bonus"] = 1
states = [save(killed), save(killed), save()]
cell = next(each for each in nodes[notebook].cells if each.metadata.get("nbgrader", {}).get("grade_id") == answer)
cell.source += " And more."
states += [save(killed), save()]
task["bonus"] = 0
states.append(save())
print("states", json.dumps(states))`;
      const { said } = await python(installation.folder, "-c", script);
      const states = /^states (.*)$/m.exec(said)?.[1] ?? "";
      assert(states !== "", said);
      const [read, changed] = [[1.25, 0.5, false], [1.25, 0.5, true]];
      assertEquals(JSON.parse(states), [read, read, read, changed, changed, [0.25, 0.5, true]]);
    });
  },
});

Deno.test("A regraded submission tells which points would change, and why", () => {
  const result = (points: (number | null)[]): SubmissionResult => ({
    ...{
      format: 1,
      unit: "unit1",
      learner: "ada",
      status: { kind: "graded" },
      warnings: [],
      hints: {},
    },
    ...{
      mode: "full",
      sandbox: "bubblewrap",
      gradedAt: "",
      submissionDigest: "",
      courseDigest: "",
    },
    ...{ seconds: 1, processorSeconds: 1, peakBytes: 1 },
    notebooks: [{
      ...{
        notebook: "a",
        status: { kind: "graded" },
        warnings: [],
        seconds: 1,
        peakBytes: 1,
        processorSeconds: 1,
      },
      tasks: points.map((each, index) => ({
        ...{ id: `task-${index}`, kind: "check", outcome: "passed", points: each, maximum: 2 },
        ...{ bonusMaximum: 0, bonus: 0, message: each === 0 ? "too small\nby far" : undefined },
      })),
    }],
  });
  assertEquals(pointChanges(result([2, 1]), result([2, 1])), []);
  assertEquals(pointChanges(result([2, 1, null]), result([0, 1, 2])), [
    "ada: 3 → 3 of 6 points",
    "  task-0: 2 → 0: too small",
    "  task-2: not known → 2",
  ]);
  assert(pointChanges(undefined, result([2]))[0].startsWith("new: "));
});
