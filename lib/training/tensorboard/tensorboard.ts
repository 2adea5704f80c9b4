import * as tf from "../../tensor/tf.ts";
import { Random } from "../../random.ts";
import { isOfDisk } from "../../platform/files.ts";
import type { Callback } from "../callback.ts";
import type { Metrics } from "../metrics.ts";
import type { EpochReport } from "../report.ts";
import type { Trainer } from "../trainer.ts";
import { EventFile, type EventImage } from "./event_file.ts";
import { encodeGraph, traceModel } from "./model_graph.ts";

/** What a {@link TensorBoard} log holds beside the curves. */
export interface TensorBoardOptions {
  /** Whether the model's graph is written. Default: true. */
  graph?: boolean;
  /** How many training images are shown, as they are and as they are trained on. Default: 8. */
  sampleImages?: number;
}

/**
 * Writes what TensorBoard shows: loss and accuracy per epoch, learning rate and speed, the model's
 * graph, and sample images.
 *
 * Training and validation are runs of their own in `folder`, so that TensorBoard draws them as lines
 * of one chart; with folders such as `runs/resnet8` and `runs/resnet20`, models too. Where the disk takes no
 * more, the log ends, with a warning, and the training goes on.
 */
export class TensorBoard implements Callback {
  readonly folder: string;
  readonly #options: Required<TensorBoardOptions>;
  #files: { train: EventFile; validation: EventFile | undefined } | undefined;

  constructor(folder: string, { graph = true, sampleImages = 8 }: TensorBoardOptions = {}) {
    if (folder.trim() === "") {
      throw new RangeError(`TensorBoard: the folder is "${folder}", must have a name`);
    }
    this.folder = folder;
    this.#options = { graph, sampleImages };
  }

  async onStart(trainer: Trainer): Promise<void> {
    await this.#write(async () => {
      const firstStep = trainer.epoch === 0 ? 0 : trainer.epoch + 1;
      const validation = trainer.options.validation
        ? new EventFile(`${this.folder}/validation`, firstStep)
        : undefined;
      this.#files = { train: new EventFile(`${this.folder}/train`, firstStep), validation };
      if (trainer.epoch > 0) return;
      if (this.#options.graph) this.#writeGraph(trainer);
      if (this.#options.sampleImages > 0) await this.#writeImages(trainer);
    });
  }

  async onEpoch(report: EpochReport): Promise<void> {
    await this.#write(() => {
      if (!this.#files) return;
      const { train, validation } = this.#files;
      const { epoch } = report;
      writeMetrics(train, epoch, report.train);
      if (report.validation && validation) writeMetrics(validation, epoch, report.validation);
      train.scalar("learning rate", epoch, report.learningRate);
      train.scalar("images per second", epoch, report.imagesPerSecond);
    });
  }

  /** Writes, or says why nothing is written from now on. */
  async #write(write: () => void | Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!isOfDisk(error)) throw error;
      console.warn(`TensorBoard's log in ${this.folder} ends here: ${error.message}.`);
      this.onEnd();
    }
  }

  onEnd(): void {
    this.#files?.train.close();
    this.#files?.validation?.close();
    this.#files = undefined;
  }

  #writeGraph({ model, options }: Trainer): void {
    const { train, transforms = {} } = options;
    const random = new Random(0);
    tf.tidy(() => {
      const batch = train.batch([0]);
      const { images } = transforms.evaluation?.(batch, random) ?? batch;
      const nodes = traceModel(model, images);
      if (nodes) this.#files!.train.graph(encodeGraph(nodes));
    });
    random.dispose();
  }

  async #writeImages({ options }: Trainer): Promise<void> {
    const { train, transforms = {} } = options;
    const indices = Array.from(
      { length: Math.min(this.#options.sampleImages, train.size) },
      (_, index) => index,
    );
    const random = new Random(0);
    const raw = train.batch(indices);
    this.#files!.train.image("images/as they are", 0, await imageRow(raw.images));
    if (transforms.train) {
      const { images } = tf.tidy(() => ({ images: transforms.train!(raw, random).images }));
      this.#files!.train.image("images/as trained on", 0, await imageRow(images));
      images.dispose();
    }
    tf.dispose([raw.images, raw.labels]);
    random.dispose();
  }
}

function writeMetrics(file: EventFile, epoch: number, { loss, accuracy }: Metrics): void {
  file.scalar("loss", epoch, loss);
  file.scalar("accuracy", epoch, accuracy);
}

/** Images `[B, height, width, C]` side by side in one picture, from their least to their greatest value. */
async function imageRow(images: tf.Tensor4D): Promise<EventImage> {
  const [count, height, width, channels] = images.shape;
  const row = tf.tidy(() => {
    const [least, greatest] = [tf.min(images), tf.max(images)];
    const range = tf.maximum(tf.sub(greatest, least), 1e-6);
    const bytes = tf.mul(tf.div(tf.sub(images, least), range), 255);
    return tf.reshape(tf.transpose(bytes, [1, 0, 2, 3]), [height, count * width, channels]);
  });
  const data = Uint8ClampedArray.from(await row.data());
  row.dispose();
  // Loaded when it is needed: it would make every notebook's first cell slower.
  const { encodePng } = await import("../../display/png.ts");
  const picture = { width: count * width, height, channels: channels as 1 | 3 | 4, data };
  return { ...picture, png: encodePng(picture) as Uint8Array<ArrayBuffer> };
}
