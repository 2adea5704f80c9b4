/** A trial of what every training stands on: a step of two small networks, as it is written and compiled. */

const steps = 3;

/** A line for each network: whether its step compiles, how near it comes to the eager one, how long it takes. */
export async function trialOfEngine(): Promise<string[]> {
  try {
    const { backendReport: { kind, device, version }, ...library } = await import("../lib/mod.ts");
    const { compile, PlainCnn, Random, valueAndGradients, VisionTransformer } = library;
    const tf = await import("../lib/tensor/tf.ts");
    const random = new Random(1);
    const models = {
      "convolutional network": new PlainCnn({
        ...{ imageSize: 16, classes: 4, width: 8, normalised: true, random },
        ...{ halving: "pool", head: "mean" },
      }),
      "Vision Transformer": new VisionTransformer({
        ...{ imageSize: 16, channels: 3, patchSize: 4, classes: 4, width: 16, heads: 2, depth: 2 },
        ...{ dropout: 0.1, random },
      }),
    };
    const images = random.normal([32, 16, 16, 3]);
    const lines = [`${kind}, ${version}, on the ${device.toUpperCase()}`];
    for (const [name, model] of Object.entries(models)) {
      model.setTraining(true);
      const parameters = [...model.namedParameters().values()];
      const step = compile((x) => {
        const loss = () => tf.mean(tf.square(model.forward(x))) as import("tfjs").Scalar;
        const { value, gradients } = valueAndGradients(loss, parameters);
        return [value, ...gradients.map((each) => tf.norm(each))];
      }, { name });
      const seconds: number[] = [];
      for (let index = 0; index < steps; index++) {
        const begun = performance.now();
        const results = await step(images);
        const values = await Promise.all(results.map((each) => each.data()));
        seconds.push((performance.now() - begun) / 1000);
        if (!values.flatMap(([value]) => value).every(Number.isFinite)) {
          lines.push(`${name}: not all results are finite`);
        }
        tf.dispose(results);
      }
      const [{ mode, reason, largestDifference }] = step.reports();
      const why = reason ? ` (${reason})` : "";
      lines.push(
        `${name}: ${mode}${why}, off by ${largestDifference.toExponential(1)}; first step ` +
          `${seconds[0].toFixed(3)} s, last ${seconds.at(-1)!.toFixed(3)} s`,
      );
    }
    return lines;
  } catch (error) {
    return [`failed: ${error instanceof Error ? error.message : error}`];
  }
}
