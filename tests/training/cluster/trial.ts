/**
 * `deno task cluster [PART…]`, of a model's or an optimizer's name: the course's own models train on 1, 2 and 4
 * processes and without a cluster, and come to the same losses and weights. Some minutes; writes the rows of the models
 * that it tried into docs/cluster.md, or ends with an error where a difference is above its bound and above what
 * rounding alone makes of that training.
 */
import {
  cifar10,
  localCluster,
  mnist,
  resNet18,
  smallResNet,
  VisionTransformer,
} from "../../../lib/mod.ts";
import { join } from "node:path";
import { root } from "../../../tools/command.ts";
import { rowsOfMarkedSection, writeMarkedSection } from "../../../tools/marked_section.ts";
import { courseOf, type Distance, distance, type Training } from "./sameness.ts";

const images = 650, batchSize = 130;
/** What rounding may make of losses and weights; AdamW makes steps of it, so that its weights say nothing. */
const bounds: Distance = { loss: 1e-4, weight: 1e-3 };
const sizes = [1, 2, 4];
/** So many times what one rounding at the start makes is still rounding: a sum over processes rounds each step. */
const chaosFactor = 10;
const section = { page: "docs/cluster.md", name: "sameness", command: "deno task cluster" };

const [colour, digits] = [await cifar10({ limit: images }), await mnist({ limit: images })];
const vit: Training["model"] = (random) =>
  new VisionTransformer({
    ...{ imageSize: 28, channels: 1, classes: 10, patchSize: 4, width: 64, mlpWidth: 128 },
    ...{ heads: 4, depth: 3, dropout: 0, positions: 64, random },
  });
const common = { batchSize, optimizer: "SGD" as const };
const trainings: Training[] = [
  {
    ...{ name: "ResNet-20", ...common, steps: 20, data: colour.train },
    model: (random) => smallResNet({ depth: 20, classes: 10, random }),
  },
  {
    ...{ name: "ResNet-18", ...common, steps: 20, data: colour.train },
    model: (random) => resNet18({ classes: 10, random }),
  },
  { name: "ViT, MNIST", ...common, steps: 200, data: digits.train, model: vit },
  {
    ...{ name: "ViT, MNIST", ...common, optimizer: "AdamW", steps: 200 },
    ...{ data: digits.train, model: vit },
  },
];

const chosen = trainings.filter(({ name, optimizer }) =>
  Deno.args.length === 0 ||
  Deno.args.some((part) => `${name}, ${optimizer}`.toLowerCase().includes(part.toLowerCase()))
);
const few = (value: number) => value === 0 ? "0" : value.toExponential(0);
const rows: string[][] = [];
let areSame = true;
for (const training of chosen) {
  const alone = await courseOf(training);
  const found = [distance(await courseOf(training, { isRounded: true }), alone)];
  for (const size of sizes) {
    await using cluster = await localCluster(size);
    found.push(distance(await courseOf(training, { cluster }), alone));
  }
  const takesWeights = training.optimizer === "SGD";
  const [rounding, ...together] = found;
  const allows = (kind: keyof Distance) => Math.max(bounds[kind], chaosFactor * rounding[kind]);
  areSame &&= together.every(({ loss, weight }) =>
    loss <= allows("loss") && (weight <= allows("weight") || !takesWeights)
  );
  const row = [
    ...[training.name, training.optimizer, `${training.steps}`],
    ...found.map(({ loss }) => few(loss)),
    ...found.map(({ weight }) => takesWeights ? few(weight) : "–"),
  ];
  console.log(row.join("  "));
  rows.push(row);
}
/** What a row is of. */
const keyOf = ([model, optimizer, steps]: readonly string[]) => `${model} ${optimizer} ${steps}`;

if (areSame) {
  const page = await Deno.readTextFile(join(root, section.page));
  const known = new Map(
    [...rowsOfMarkedSection(page, section), ...rows].map((row) => [keyOf(row), row]),
  );
  const all = trainings.map(({ name, optimizer, steps }) => [name, optimizer, `${steps}`]);
  const missing = all.filter((each) => !known.has(keyOf(each)));
  const table = [
    ["Model", "Optimizer", "Steps", "Losses, one rounding", ...sizes.map((size) => `on ${size}`)]
      .concat("Weights, one rounding", sizes.map((size) => `on ${size}`)),
    ["---", "---", ...Array(3 + 2 * sizes.length).fill("---:")],
    ...all.flatMap((each) => known.get(keyOf(each)) ? [known.get(keyOf(each))!] : []),
  ].map((row) => `| ${row.join(" | ")} |`).join("\n");
  const rest = missing.map(([model, optimizer]) => `${model} with ${optimizer}`).join("; ");
  await writeMarkedSection(section, rest ? `${table}\n\nNot tried yet: ${rest}.` : table);
} else console.error("Losses may differ by 1e-4, weights by 1e-3, or by what rounding makes.");
Deno.exit(areSame ? 0 : 1);
