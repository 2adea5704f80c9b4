import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { cifar10 } from "../../lib/datasets/cifar10.ts";
import { cifar10Pictures, writeCifar10Folder } from "../../lib/datasets/cifar10_folder.ts";
import { dataFolder } from "../../lib/datasets/data_folder.ts";
import { imageFolder } from "../../lib/datasets/image_folder.ts";
import { fetchImagenette, unpackImagenette } from "../../lib/datasets/imagenette.ts";
import { choosePictures, coursePictures } from "../../lib/datasets/pictures.ts";
import { homeFolder } from "../../lib/platform/places.ts";
import * as tf from "../../lib/tensor/tf.ts";

/** Decoding is native TensorFlow's. */
const native = tf.getBackend() === "tensorflow";
const report = () => {};
// Found before a test sets TESSERA_DATA.
const source = dataFolder("cifar10");

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "pictures-test-" });
  const before = Deno.env.get("TESSERA_DATA");
  Deno.env.set("TESSERA_DATA", folder);
  try {
    await test(folder);
  } finally {
    if (before === undefined) Deno.env.delete("TESSERA_DATA");
    else Deno.env.set("TESSERA_DATA", before);
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("CIFAR-10's pictures without a folder are those that it would hold", async () => {
  const whole = await cifar10({ folder: source, limit: 1000 });
  for (const count of [3, 26]) {
    const { train, validation } = await cifar10Pictures({ limitPerClass: count, source, report });
    for (const [pictures, from] of [[train, whole.train], [validation, whole.test]]) {
      assertEquals(pictures.labels.length, 10 * count);
      for (const label of [0, 9]) {
        assertEquals(pictures.labels[label * count], label);
        const place = (label + 1) * count - 1; // the class's last
        const pixels = (dataset: typeof train, index: number) =>
          tf.tidy(() => [...dataset.batch([index]).images.dataSync()]);
        const original = from.indicesOfClass(label)[count - 1];
        assertEquals(pixels(pictures, place), pixels(from, original));
      }
    }
  }
});

Deno.test({
  name: "writeCifar10Folder writes pictures that imageFolder reads unchanged, and goes on",
  ignore: !native,
  fn: async () => {
    await inFolder(async (root) => {
      const folder = join(root, "small");
      const perClass = { train: 3, val: 2 };
      assertEquals(await writeCifar10Folder({ folder, source, perClass, report }), folder);
      const options = { size: 32, cacheFolder: join(root, "cache"), report };
      const { train, validation } = await imageFolder(folder, options);
      assertEquals([train.size, validation.size], [30, 20]);
      const original = await cifar10({ folder: source, limit: 400 });
      assertEquals(train.classNames, original.train.classNames);
      for (const label of [0, 4, 9]) {
        for (const [written, dataset] of [[train, original.train], [validation, original.test]]) {
          const pixels = (from: typeof train) => {
            const { images } = from.batch(from.indicesOfClass(label).subarray(1, 2));
            return images.dataSync();
          };
          assertEquals(pixels(written), pixels(dataset));
        }
      }

      // Where it was interrupted it goes on; what is there stays as it is.
      const [kept, lost] = [1, 2].map((number) => join(folder, "val", "dog", `000${number}.png`));
      await Deno.writeTextFile(kept, "a learner's own");
      const bytes = await Deno.readFile(join(folder, "val", "cat", "0002.png"));
      await Deno.remove(lost);
      await Deno.writeTextFile(`${lost}.part`, "half a picture");
      const told: { name: string; done?: boolean }[] = [];
      const settings = { folder, source, perClass };
      await writeCifar10Folder({ ...settings, report: (progress) => void told.push(progress) });
      assertEquals(await Deno.readTextFile(kept), "a learner's own");
      assertEquals(await Deno.readFile(join(folder, "val", "cat", "0002.png")), bytes);
      assert((await Deno.stat(lost)).size > 500);
      assertEquals([...Deno.readDirSync(join(folder, "val", "dog"))].length, 2);
      assertEquals(told.at(-1)?.done, true);

      // Whole, it is left alone, even where CIFAR-10 itself is gone, and whatever else lies there.
      await Deno.writeTextFile(join(folder, "train", ".DS_Store"), "Finder's");
      await Deno.mkdir(join(folder, "val", ".ipynb_checkpoints"));
      await writeCifar10Folder({ folder, perClass, source: join(root, "nowhere"), report });
      await assertRejects(
        () => writeCifar10Folder({ folder, source, perClass: { train: 0, val: 1 }, report }),
        RangeError,
        "train is 0",
      );
      await assertRejects(
        () => writeCifar10Folder({ folder, source, perClass: { train: 1, val: 1_001 }, report }),
        RangeError,
        "1001 pictures of airplane are wanted, but there are 1000",
      );
    });
  },
});

Deno.test("writeCifar10Folder writes once where two ask at once", async () => {
  await inFolder(async (root) => {
    const folder = join(root, "small");
    const done: string[] = [];
    const options = {
      ...{ folder, source, perClass: { train: 2, val: 1 } },
      report: (progress: { name: string; done?: boolean }) =>
        void (progress.done && done.push(progress.name)),
    };
    await Promise.all([writeCifar10Folder(options), writeCifar10Folder(options)]);
    assertEquals(done.filter((name) => name.startsWith("CIFAR-10 folder")).length, 1);
    assertEquals([...Deno.readDirSync(root)].map(({ name }) => name), ["small"]);
  });
});

Deno.test("writeCifar10Folder says so where its folder cannot be written", async () => {
  await inFolder(async (root) => {
    const folder = join(root, "file", "inside");
    await Deno.writeTextFile(join(root, "file"), "");
    await assertRejects(
      () => writeCifar10Folder({ folder, source, perClass: { train: 1, val: 1 }, report }),
      Error,
    );
  });
});

Deno.test("choosePictures takes one's own, else Imagenette, else CIFAR-10's folder", async () => {
  await inFolder(async (root) => {
    const last = await choosePictures();
    assertEquals([last.kind, last.imageSize], ["cifar10", 32]);
    assertEquals(last.folder, join(root, "cifar10-folder"));
    for (const words of ["32×32 pixels and stay so", "./tessera data imagenette"]) {
      assertStringIncludes(last.note, words);
    }

    await Deno.mkdir(join(root, "imagenette", "imagenette2-160"), { recursive: true });
    const photographs = await choosePictures();
    assertEquals([photographs.kind, photographs.imageSize], ["imagenette", 128]);
    assertStringIncludes(photographs.note, "scaled and cut to 128×128");

    await Deno.mkdir(join(root, "pictures", "train"), { recursive: true });
    const own = await choosePictures({ imageSize: 64 });
    assertEquals([own.kind, own.imageSize, own.folder], ["own", 64, join(root, "pictures")]);
    const { folder } = await choosePictures({ own: "elsewhere" });
    assertEquals(folder, join(homeFolder(), "elsewhere"), "counted from the home");
    await assertRejects(() => choosePictures({ imageSize: 100 }), RangeError, "multiple of 32");
    await assertRejects(
      () => coursePictures({ own: "elsewhere" }),
      Error,
      "elsewhere is not there",
    );
  });
});

Deno.test("fetchImagenette leaves a folder that is there alone", async () => {
  await inFolder(async (root) => {
    const folder = join(root, "imagenette2-160");
    await Deno.mkdir(folder);
    assertEquals(await fetchImagenette({ folder: root, report }), folder);
  });
});

Deno.test("unpackImagenette unpacks once where two ask at once, and removes what was left", async () => {
  await inFolder(async (root) => {
    const picture = join("imagenette2-160", "train", "a.jpg");
    await Deno.mkdir(join(root, "source", "imagenette2-160", "train"), { recursive: true });
    await Deno.writeTextFile(join(root, "source", picture), "a picture");
    const [archive, folder] = [join(root, "archive.tgz"), join(root, "target")];
    const packed = await new Deno.Command("tar", {
      args: ["-czf", archive, "-C", join(root, "source"), "imagenette2-160"],
    }).output();
    assert(packed.success);
    await Deno.mkdir(join(folder, "unpacking-killed"), { recursive: true });
    await Promise.all([unpackImagenette(archive, folder), unpackImagenette(archive, folder)]);
    assertEquals(await Deno.readTextFile(join(folder, picture)), "a picture");
    const visible = [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => !name.startsWith("."));
    assertEquals(visible, ["imagenette2-160"]);
  });
});
