import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { cifar10 } from "../../lib/datasets/cifar10.ts";
import { decodePicture } from "../../lib/datasets/image_decoding.ts";
import { classFolders, imageFolder, ImageFolderError } from "../../lib/datasets/image_folder.ts";
import { imagenette } from "../../lib/datasets/imagenette.ts";
import { encodePng } from "../../lib/display/png.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { patternImages, reference } from "../augmentations/reference.ts";

/** Some tests write JPEG files by native TensorFlow. */
const native = tf.getBackend() === "tensorflow";
const quiet = { report: () => {} };

function pngOf(image: tf.Tensor): Uint8Array<ArrayBuffer> {
  const [height, width] = image.shape.slice(-3);
  const data = Uint8Array.from(image.dataSync());
  return Uint8Array.from(encodePng({ width, height, channels: 3, data }));
}

/** Writes CIFAR-10's first images as train|val/CLASS/*, as PNG and JPEG, some of another size. */
async function writeFolder(root: string): Promise<void> {
  const { train, test } = await cifar10({ limit: 120 });
  for (const [part, dataset] of [["train", train], ["val", test]] as const) {
    for (const label of [0, 3, 9]) {
      const folder = join(root, part, dataset.classNames[label]);
      await Deno.mkdir(folder, { recursive: true });
      for (const [count, index] of dataset.indicesOfClass(label).subarray(0, 5).entries()) {
        const { images } = dataset.batch([index]);
        const size: [number, number] = count === 1 ? [50, 64] : [32, 32];
        const image = tf.tidy(() =>
          tf.cast(tf.squeeze(tf.image.resizeBilinear(images, size), [0]), "int32")
        );
        const [name, bytes] = count % 2 === 0
          ? [`${count}.png`, pngOf(image)]
          : [`${count}.JPG`, await tf.node.encodeJpeg(image as tf.Tensor3D, "rgb", 95)];
        await Deno.writeFile(join(folder, name), bytes);
        tf.dispose([images, image]);
      }
    }
  }
  train.dispose();
  test.dispose();
}

async function withFolder(test: (folder: string, cacheFolder: string) => Promise<void>) {
  const root = await Deno.makeTempDir({ prefix: "image-folder-test-" });
  try {
    await writeFolder(join(root, "pictures"));
    await test(join(root, "pictures"), join(root, "cache"));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function warningsOf(run: () => Promise<unknown>): Promise<string[]> {
  const said: string[] = [];
  const warn = console.warn;
  console.warn = (text: string) => said.push(text);
  try {
    await run();
  } finally {
    console.warn = warn;
  }
  return said;
}

Deno.test({
  name: "decodePicture scales and cuts as torchvision, leaving no tensors",
  fn: async () => {
    for (const { size: [height, width], pixels } of reference.pictures) {
      const image = patternImages([1, height, width, 3]);
      const before = tf.memory().numTensors;
      const bytes = await decodePicture(pngOf(image), { resize: 10, crop: [8, 10] });
      assertEquals(tf.memory().numTensors, before);
      let different = 0;
      bytes.forEach((byte, i) => {
        assert(
          Math.abs(byte - pixels[i]) <= 1,
          `${height}×${width}, ${i}: ${byte}, not ${pixels[i]}`,
        );
        if (byte !== pixels[i]) different++;
      });
      // PyTorch's weights for bytes are whole numbers of 16 bits, ours are floats.
      assert(different < bytes.length / 10, `${different} of ${bytes.length}`);
    }
  },
});

Deno.test({
  name: "imageFolder loads train and val, in the order of the alphabet, and quickly again",
  ignore: !native,
  fn: async () => {
    await withFolder(async (folder, cacheFolder) => {
      const options = { size: 32, cacheFolder, ...quiet };
      const { train, validation } = await imageFolder(folder, options);
      assertEquals(train.classNames, ["airplane", "cat", "truck"]);
      assertEquals([...train.labels], [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
      assertEquals([train.size, validation.size], [15, 15]);
      assertEquals(train.imageShape, [32, 32, 3]);

      // A PNG of the right size comes through unchanged.
      const original = await cifar10({ limit: 120 });
      const first = original.train.batch([original.train.indicesOfClass("cat")[0]]).images;
      assertEquals(train.batch([5]).images.dataSync(), first.dataSync());
      // The JPEG of another size is still the same picture.
      const second = original.train.batch([original.train.indicesOfClass("cat")[1]]).images;
      const wide = tf.image.resizeBilinear(second, [32, 41]);
      const middle = tf.slice(wide, [0, 0, 4, 0], [1, 32, 32, 3]);
      const difference = tf.mean(tf.abs(tf.sub(train.batch([6]).images, middle))).dataSync()[0];
      assert(difference < 12, `${difference}`);

      const reports: string[] = [];
      const report = ({ name }: { name: string }) => reports.push(name);
      const again = await imageFolder(folder, { ...options, report });
      assertEquals(reports, [], "nothing was decoded");
      const all = Array.from({ length: 15 }, (_, i) => i);
      assertEquals(again.train.batch(all).images.dataSync(), train.batch(all).images.dataSync());

      // Another size, and another picture, are decoded anew.
      const small = await imageFolder(folder, { ...options, size: [16, 20], report });
      assertEquals(small.train.imageShape, [16, 20, 3]);
      assertEquals(reports.length > 0, true);
      await Deno.remove(join(folder, "train", "cat", "0.png"));
      assertEquals((await imageFolder(folder, options)).train.size, 14);
      assertEquals((await imageFolder(folder, { ...options, limitPerClass: 2 })).train.size, 6);
    });
  },
});

Deno.test({
  name: "imageFolder names a corrupt picture and leaves it out, or refuses the folder",
  ignore: !native,
  fn: async () => {
    await withFolder(async (folder, cacheFolder) => {
      const corrupt = join(folder, "train", "cat", "2.png");
      await Deno.truncate(corrupt, 700);
      const empty = join(folder, "train", "truck", "1.JPG");
      await Deno.writeFile(empty, new Uint8Array(0));
      const options = { size: 32, cacheFolder, ...quiet };
      for (const turn of ["decoded", "from the cache"]) {
        const said = await warningsOf(async () => {
          const { train } = await imageFolder(folder, options);
          assertEquals([...train.labels], [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2], turn);
        });
        assertEquals(said.length, 3, turn);
        assertStringIncludes(said[0], `${corrupt} is no whole picture`);
        assertStringIncludes(said[1], `${empty} is no whole picture`);
        assertEquals(said[2], "2 of 15 pictures are left out.");
      }
      const error = await assertRejects(
        () => imageFolder(folder, { ...options, corrupt: "refuse" }),
        ImageFolderError,
        "2 pictures cannot be read",
      );
      assertStringIncludes(error.message, corrupt);
    });
  },
});

Deno.test({
  name: "imageFolder decodes again what its cache has lost",
  ignore: !native,
  fn: async () => {
    await withFolder(async (folder, cacheFolder) => {
      const options = { size: 32, cacheFolder, ...quiet };
      const { train } = await imageFolder(folder, options);
      for (const entry of Deno.readDirSync(cacheFolder)) {
        if (entry.name.endsWith(".bytes")) await Deno.truncate(join(cacheFolder, entry.name), 999);
      }
      let again = train;
      const said = await warningsOf(async () => again = (await imageFolder(folder, options)).train);
      assertStringIncludes(said[0], "truncated or altered");
      assertEquals(again.batch([3]).images.dataSync(), train.batch([3]).images.dataSync());
    });
  },
});

Deno.test({
  name: "imageFolder takes no cache whose images and labels are not equally many",
  ignore: !native,
  fn: async () => {
    await withFolder(async (folder, cacheFolder) => {
      const options = { size: 32, cacheFolder, ...quiet };
      const { train } = await imageFolder(folder, options);
      for (const { name } of [...Deno.readDirSync(cacheFolder)]) {
        if (!name.endsWith(".json")) continue;
        const description = JSON.parse(await Deno.readTextFile(join(cacheFolder, name)));
        description.labels.pop();
        await Deno.writeTextFile(join(cacheFolder, name), JSON.stringify(description));
      }
      assertEquals((await imageFolder(folder, options)).train.labels, train.labels);
    });
  },
});

Deno.test({
  name: "imageFolder decodes the same pictures several times at once",
  ignore: !native,
  fn: async () => {
    await withFolder(async (folder, cacheFolder) => {
      const load = () => imageFolder(folder, { size: 32, cacheFolder, ...quiet });
      const loaded = await Promise.all(Array.from({ length: 8 }, load));
      for (const { train } of loaded) assertEquals(train.labels, loaded[0].train.labels);
      const kept = [...Deno.readDirSync(cacheFolder)].map(({ name }) => name.split(".").at(-1));
      assertEquals(kept.sort(), ["bytes", "bytes", "json", "json"]);
    });
  },
});

Deno.test({
  name: "imageFolder passes over links to nothing, and names pictures among them",
  ignore: !native,
  fn: async () => {
    await withFolder(async (folder, cacheFolder) => {
      const options = { size: 32, cacheFolder, ...quiet };
      await Deno.symlink("nowhere", join(folder, "train", "link"));
      await Deno.mkdir(join(folder, "train", "cat", "folder.jpg"));
      const broken = join(folder, "train", "cat", "x.jpg");
      await Deno.symlink("nowhere", broken);
      const said = await warningsOf(async () => {
        const { train } = await imageFolder(folder, options);
        assertEquals([train.classNames.length, train.size], [3, 15]);
      });
      assertEquals(said, [`${broken} is not there, or a link to nothing: left out`]);
      await assertRejects(
        () => imageFolder(folder, { ...options, corrupt: "refuse" }),
        ImageFolderError,
        broken,
      );
    });
  },
});

Deno.test("imageFolder says what a folder lacks", async () => {
  const root = await Deno.makeTempDir();
  const rejects = (message: string, path = root) =>
    assertRejects(() => imageFolder(path, quiet), ImageFolderError, message);
  try {
    await rejects("The folder nowhere is not there", "nowhere");
    await rejects("it holds no folders");
    await Deno.mkdir(join(root, "train", "cat"), { recursive: true });
    await rejects("should hold the folders train and val");
    await Deno.mkdir(join(root, "val", "dog"), { recursive: true });
    await rejects("lacks val/cat, train/dog");
    await Deno.mkdir(join(root, "val", "cat"));
    await Deno.mkdir(join(root, "train", "dog"));
    await rejects(
      `No picture that can be read (jpg, png, gif, bmp, webp) in ${join(root, "train")}`,
    );
    await Deno.writeTextFile(join(root, "file"), "");
    await rejects("is a file; a folder of pictures is needed", join(root, "file"));
    await assertRejects(
      () => classFolders(join(root, "val"), { size: 20, resize: 10, ...quiet }),
      RangeError,
      "resize 10 is smaller than size 20×20",
    );
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test({
  name: "imagenette reads the folder that lies in data, with ImageNet's names",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const picture = pngOf(patternImages([1, 9, 8, 3]));
      for (const path of ["train/n01440764", "train/n03888257", "val/n01440764", "val/n03888257"]) {
        const inside = join(folder, "imagenette2-160", path);
        await Deno.mkdir(inside, { recursive: true });
        await Deno.writeFile(join(inside, "a.png"), picture);
      }
      const { train } = await imagenette({ folder, size: 8, cacheFolder: folder, ...quiet });
      assertEquals(train.classNames, ["tench", "parachute"]);
      assertEquals(train.imageShape, [8, 8, 3]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
