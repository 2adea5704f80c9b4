/**
 * What a cell shows that ends with a model, a trainer, an optimizer or a data set, and what `console.log`
 * prints of one. (Tensors and schedules show themselves; charts and tables are made to be shown.)
 */
import { ImageDataset } from "./datasets/image_dataset.ts";
import { type Facts, factsHtml, factsText } from "./display/facts.ts";
import { summaryTable } from "./display/model_summary.ts";
import { formatNumber, grouped } from "./display/numbers.ts";
import { smallCurves } from "./display/small_curves.ts";
import { table } from "./display/tables.ts";
import { Module } from "./nn/module.ts";
import { countParameters, summary } from "./nn/summary.ts";
import { showAs, type Shown } from "./platform/last_value.ts";
import { Optimizer } from "./training/optimizers.ts";
import type { EpochReport } from "./training/report.ts";
import { formatRate } from "./training/report.ts";
import { Trainer } from "./training/trainer.ts";

/** A table with more rows says less. */
const mostRows = 40;

showAs(Module, describeModule);
showAs(ImageDataset, describeDataset);
showAs(Optimizer, (optimizer) => ({ text: `${optimizer}`, brief: `${optimizer}` }));
showAs(Trainer, describeTrainer);

/** A model's modules with their parameters, as deep as one can take in at a glance. */
function describeModule(module: Module): Shown {
  const variables = [...module.namedVariables().values()];
  const freed = variables.some((variable) => variable.isDisposed) ? ", disposed" : "";
  const parts = summary(module);
  const deepest = Math.max(...parts.rows.map(({ depth }) => depth));
  let depth = deepest;
  while (depth > 1 && parts.rows.filter((row) => row.depth <= depth).length > mostRows) depth--;
  const hidden = depth < deepest ? `Modules inside of these are not shown.` : "";
  const caption = freed ? `${hidden} Its weights are disposed of.`.trim() : hidden;
  const whole = summaryTable(parts, { depth, ...(caption && { caption }) });
  return {
    text: whole.toString(),
    brief: `${module.constructor.name}(${grouped(parts.parameters)} parameters${freed})`,
    html: () => whole.toHtml(),
  };
}

/** A data set's size and how many examples each class has. */
function describeDataset(dataset: ImageDataset): Shown {
  const { size, classNames, imageShape, labels } = dataset;
  const counts = new Array<number>(classNames.length).fill(0);
  for (const label of labels) counts[label]++;
  const freed = dataset.isDisposed ? ", disposed" : "";
  const images = `${grouped(size)} images of ${imageShape.join("×")}${freed}`;
  const shown = classNames.slice(0, mostRows);
  const more = classNames.length - shown.length;
  const rows = table(shown.map((name, label) => ({ label, class: name, images: counts[label] })), {
    caption: `${images}, ${classNames.length} classes${more ? `, ${more} of them not shown` : ""}.`,
  });
  return {
    text: rows.toString(),
    brief: `ImageDataset(${images}, ${classNames.length} classes)`,
    html: () => rows.toHtml(),
  };
}

/** Where a training stands, and its curves so far. */
function describeTrainer(trainer: Trainer): Shown {
  const { model, options, epoch, epochs, step, stepsPerEpoch, batchSize, best, log } = trainer;
  const { train, validation, optimizer } = options;
  const done = epoch >= epochs
    ? "done"
    : `${grouped(step)} of ${grouped(epochs * stepsPerEpoch)} steps`;
  const freed = trainer.isDisposed ? ", disposed" : "";
  const facts: Facts = {
    title: `Trainer: epoch ${epoch} of ${epochs}, ${done}${freed}`,
    facts: {
      model: `${model.constructor.name}, ${grouped(countParameters(model))} parameters`,
      data: `${grouped(train.size)} examples in batches of ${batchSize}` +
        (validation ? `, ${grouped(validation.size)} for validation` : ""),
      optimizer: `${optimizer}`,
      "learning rate": epoch >= epochs || freed
        ? undefined
        : `${formatRate(trainer.learningRate())} at the next step`,
      "last epoch": log.length ? measures(log[log.length - 1]) : undefined,
      "best epoch": best && best !== log[log.length - 1]
        ? `${best.epoch}: ${measures(best)}`
        : undefined,
      checkpoint: trainer.lastCheckpoint,
    },
  };
  return {
    text: factsText(facts),
    brief: `Trainer(epoch ${epoch} of ${epochs}${freed})`,
    html: () => factsHtml(facts) + (log.length ? logCurves(log) : ""),
  };
}

function measures({ train, validation }: EpochReport): string {
  const words = (metrics: { loss: number; accuracy: number }) =>
    `loss ${formatNumber(metrics.loss)}, accuracy ${formatNumber(metrics.accuracy)}`;
  return words(train) + (validation ? `; validation ${words(validation)}` : "");
}

function logCurves(log: readonly EpochReport[]): string {
  return (["loss", "accuracy"] as const).map((measure) =>
    smallCurves({
      series: {
        training: log.map(({ train }) => train[measure]),
        ...(log.some(({ validation }) => validation) &&
          { validation: log.map(({ validation }) => validation?.[measure] ?? NaN) }),
      },
      from: 1,
      to: log.length,
      xLabel: "epoch",
      yLabel: measure,
      words: `${measure} after each of ${log.length} epochs`,
    })
  ).join("\n");
}
