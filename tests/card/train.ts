/**
 * Trains by a recipe and prints a line of JSON for each epoch and for the end, with a sum over the weights' bits:
 * `train.ts RECIPE EPOCHS [LIMIT [save FILE | load FILE]]`. `save` ends after the first epoch; `load` goes on there.
 */
import { evaluate, Random, Trainer } from "../../lib/mod.ts";
import { recipes } from "../../recipes/mod.ts";

const [name, epochCount, limitText = "0", action, file] = Deno.args;
const { seed, load, model: make, optimizer, schedule, batchSize, transforms, maximumGradientNorm } =
  recipes[name];
const { train, validation, test } = await load({ seed, limit: Number(limitText) || undefined });
const model = make(new Random(seed).fork("model"));
const epochs = Number(epochCount);
const stepsPerEpoch = Math.floor(train.size / batchSize);
const trainer = new Trainer({
  ...{ model, train, validation, batchSize, transforms, seed, epochs, maximumGradientNorm },
  optimizer: optimizer(model),
  schedule: schedule({ epochs, stepsPerEpoch }),
});
if (action === "load") await trainer.load(file);
for await (const { epoch, seconds, imagesPerSecond, train, validation } of trainer.fit()) {
  const accuracy = validation?.accuracy;
  console.log(
    JSON.stringify({ name, epoch, seconds, imagesPerSecond, loss: train.loss, accuracy }),
  );
  if (action !== "save") continue;
  await trainer.save(file);
  Deno.exit(0);
}
let bits = 0;
for (const variable of model.namedVariables().values()) {
  const words = new Int32Array(Float32Array.from(await variable.data()).buffer);
  for (const word of words) bits = Math.imul(bits, 31) + word | 0;
}
const { accuracy } = await evaluate(model, test, { transform: transforms.evaluation });
console.log(JSON.stringify({ name, test: accuracy, images: train.size, bits }));
Deno.exit(0);
