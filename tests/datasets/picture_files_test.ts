/** Files that people have in their folders of pictures. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { decodePicture } from "../../lib/datasets/image_decoding.ts";
import { classFolders } from "../../lib/datasets/image_folder.ts";
import { MemoryBudget } from "../../lib/datasets/memory_budget.ts";
import { orientationOf, upright } from "../../lib/datasets/orientation.ts";
import { asItLies, pictureHeader } from "../../lib/datasets/picture_header.ts";
import { scaledMiddle } from "../../lib/datasets/resampling.ts";
import { decodePixels } from "../../lib/platform/pictures.ts";
import { encodePng } from "../../lib/display/png.ts";

const quiet = { report: () => {} };

/** A picture with something else at every place. */
function pattern(width: number, height: number): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, index) => {
    const [pixel, colour] = [Math.floor(index / 3), index % 3];
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return [x * 250 / width, y * 250 / height, (x * y) % 251][colour];
  });
}

const png = (width: number, height: number, data: Uint8Array) =>
  Uint8Array.from(encodePng({ width, height, channels: 3, data }));

/** A chunk of a PNG file: length, type, data, checksum. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** A TIFF directory of one tag, the orientation, in either order of bytes. */
function exif(orientation: number, isLittle: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(26));
  new Uint8Array(view.buffer).set(new TextEncoder().encode(isLittle ? "II" : "MM"));
  view.setUint16(2, 42, isLittle);
  view.setUint32(4, 8, isLittle);
  view.setUint16(8, 1, isLittle);
  view.setUint16(10, 0x0112, isLittle);
  view.setUint16(12, 3, isLittle);
  view.setUint32(14, 1, isLittle);
  view.setUint16(18, orientation, isLittle);
  return new Uint8Array(view.buffer);
}

const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** Where the place (x, y) of the upright picture lies in the file, by the definition of each orientation. */
const inFile: Record<number, (x: number, y: number, w: number, h: number) => [number, number]> = {
  1: (x, y) => [x, y],
  2: (x, y, w) => [w - 1 - x, y],
  3: (x, y, w, h) => [w - 1 - x, h - 1 - y],
  4: (x, y, _w, h) => [x, h - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, w) => [y, w - 1 - x],
  7: (x, y, w, h) => [h - 1 - y, w - 1 - x],
  8: (x, y, _w, h) => [h - 1 - y, x],
};

for (const [orientation, place] of Object.entries(inFile)) {
  Deno.test(`decodePicture turns a picture of EXIF orientation ${orientation} upright`, async () => {
    const [width, height] = [33, 21];
    const wanted = pattern(width, height);
    const swaps = Number(orientation) >= 5;
    const [fileWidth, fileHeight] = swaps ? [height, width] : [width, height];
    const stored = new Uint8Array(wanted.length);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [column, row] = place(x, y, width, height);
        stored.set(
          wanted.subarray(3 * (y * width + x), 3 * (y * width + x + 1)),
          3 * (row * fileWidth + column),
        );
      }
    }
    const plain = png(fileWidth, fileHeight, stored);
    const tag = chunk("eXIf", exif(Number(orientation), Number(orientation) % 2 === 0));
    const file = joined(plain.subarray(0, 33), tag, plain.subarray(33));
    for (const size of [{ resize: 21, crop: [21, 21] }, { resize: 14, crop: [13, 9] }] as const) {
      const found = await decodePicture(file, { ...size });
      const expected = await decodePicture(png(width, height, wanted), { ...size });
      const worst = found.reduce(
        (most, value, index) => Math.max(most, Math.abs(value - expected[index])),
        0,
      );
      assert(worst <= 1, `${worst}`); // sums in another order round otherwise
    }
  });
}

Deno.test("pictureHeader reads size and orientation of each kind, and nothing into other bytes", () => {
  const app1 = joined(new TextEncoder().encode("Exif\0\0"), exif(6, false));
  const segment = (marker: number, data: Uint8Array) =>
    joined(Uint8Array.of(0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 255), data);
  const frame = segment(0xc2, Uint8Array.of(8, 1, 2, 3, 4, 3, 0, 0, 0));
  const jpeg = joined(
    Uint8Array.of(0xff, 0xd8),
    segment(0xe0, new Uint8Array(14)),
    segment(0xe1, app1),
    frame,
  );
  assertEquals(pictureHeader(jpeg), {
    ...{ height: 258, width: 772, orientation: 6 },
    turned: { at: 48, one: [0, 1] },
  });
  assertEquals(pictureHeader(png(5, 7, pattern(5, 7))), { width: 5, height: 7, orientation: 1 });
  const gif = joined(new TextEncoder().encode("GIF89a"), Uint8Array.of(4, 1, 3, 2));
  assertEquals(pictureHeader(gif), { width: 260, height: 515, orientation: 1 });
  const bmp = new DataView(new ArrayBuffer(54));
  bmp.setUint16(0, 0x424d);
  bmp.setInt32(18, 9, true);
  bmp.setInt32(22, -8, true);
  assertEquals(pictureHeader(new Uint8Array(bmp.buffer)), { width: 9, height: 8, orientation: 1 });
  const text = (words: string) => new TextEncoder().encode(words);
  const webp = joined(
    text("RIFF____WEBPVP8X"),
    Uint8Array.of(10, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 2, 0, 0),
    text("EXIF"),
    Uint8Array.of(26, 0, 0, 0),
    exif(8, true),
    Uint8Array.of(0, 0),
  );
  assertEquals(pictureHeader(webp), {
    ...{ width: 258, height: 3, orientation: 8 },
    turned: { at: 56, one: [1, 0] },
  });
  for (
    const bytes of [
      new Uint8Array(0),
      text("no picture"),
      jpeg.subarray(0, 30),
      Uint8Array.of(0xff, 0xd8),
    ]
  ) {
    assertEquals(pictureHeader(bytes), undefined);
  }
});

Deno.test("imageFolder names everything that it cannot read, hangs at nothing, and counts", async () => {
  const root = await Deno.makeTempDir({ prefix: "picture-files-" });
  try {
    const [cats, dogs] = ["cat", "dog"].map((name) => join(root, "pictures", name));
    for (const folder of [cats, dogs]) await Deno.mkdir(folder, { recursive: true });
    const picture = png(9, 8, pattern(9, 8));
    for (const name of ["a.png", "b.jfif"]) await Deno.writeFile(join(cats, name), picture);
    await Deno.writeFile(join(dogs, "a.png"), picture);
    await Deno.symlink(dogs, join(cats, "folder.jpg"));
    await Deno.symlink("loop.jpg", join(cats, "loop.jpg"));
    await Deno.symlink("nowhere", join(cats, "nothing.jpg"));
    await Deno.symlink("/dev/zero", join(cats, "device.jpg"));
    await new Deno.Command("mkfifo", { args: [join(cats, "pipe.jpg")] }).output();
    for (const kind of ["heic", "tif", "TIFF", "avif"]) {
      await Deno.writeFile(join(cats, `phone.${kind}`), picture);
    }
    await new Deno.Command("sh", { args: ["-c", `cp a.png "$(printf 'b\\344r.png')"`], cwd: cats })
      .output();
    await Deno.writeTextFile(join(cats, "notes.txt"), "no picture");
    await Deno.writeTextFile(join(cats, "page.jpg"), "<html></html>");
    const huge = picture.slice();
    new DataView(huge.buffer).setUint32(16, 20_000);
    new DataView(huge.buffer).setUint32(20, 20_000);
    await Deno.writeFile(join(cats, "huge.png"), huge);
    const faults: Record<string, string> = {
      "folder.jpg": "is a link to a folder",
      "loop.jpg": "is a link that leads in a circle",
      "nothing.jpg": "is not there, or a link to nothing",
      "device.jpg": "is no file, but a pipe or a device",
      "pipe.jpg": "is no file, but a pipe or a device",
      "phone.heic": "is of a kind that is not read (heic): save it as JPEG or PNG",
      "phone.tif": "is of a kind that is not read (tif)",
      "phone.TIFF": "is of a kind that is not read (TIFF)",
      "phone.avif": "is of a kind that is not read (avif)",
      "b\ufffdr.png": "has a name that is not UTF-8: rename it",
      "page.jpg": "is no whole picture",
      "huge.png": "20,000×20,000 pixels are more than 100 million",
    };
    if (Deno.uid() !== 0) { // who may read everything
      await Deno.writeFile(join(cats, "closed.png"), picture, { mode: 0o000 });
      faults["closed.png"] = "may not be read";
    }
    const said: string[] = [];
    const { warn } = console;
    console.warn = (text: string) => said.push(text);
    try {
      const options = { size: 8, cacheFolder: join(root, "cache"), ...quiet };
      const data = await classFolders(join(root, "pictures"), options);
      assertEquals([...data.labels], [0, 0, 1]);
    } finally {
      console.warn = warn;
    }
    const count = Object.keys(faults).length;
    assertEquals(said.length, count + 1, said.join("\n"));
    for (const [name, fault] of Object.entries(faults)) {
      const line = said.find((each) => each.startsWith(`${join(cats, name)} `));
      assertStringIncludes(line ?? `nothing is said of ${name}`, fault);
      assertMatch(line!, /: left out$/);
    }
    assertEquals(said.at(-1), `${count} of ${count + 3} pictures are left out.`);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("MemoryBudget lets calls in while there is memory, each in its turn, and a large one alone", async () => {
  const memory = new MemoryBudget(100);
  let [used, most] = [0, 0];
  const order: number[] = [];
  const sizes = [60, 30, 50, 500, 10, 100, 1, 1];
  await Promise.all(sizes.map((bytes, index) =>
    memory.use(bytes, async () => {
      order.push(index);
      used += Math.min(bytes, 100);
      most = Math.max(most, used);
      await new Promise((resolve) => setTimeout(resolve, 5));
      used -= Math.min(bytes, 100);
    })
  ));
  assertEquals([used, order], [0, sizes.map((_, index) => index)]);
  assert(most <= 100, `${most}`);
});

Deno.test("a JPEG that lies on its side is turned once, whoever decodes it", async () => {
  const tf = await import("../../lib/tensor/tf.ts");
  if (tf.getBackend() !== "tensorflow") return; // which writes the JPEG
  const image = tf.tensor3d(pattern(24, 16), [16, 24, 3], "int32");
  const plain = await tf.node.encodeJpeg(image, "rgb", 100);
  image.dispose();
  const data = joined(new TextEncoder().encode("Exif\0\0"), exif(6, true));
  const app1 = joined(Uint8Array.of(0xff, 0xe1, 0, data.length + 2), data);
  const file = joined(plain.subarray(0, 2), app1, plain.subarray(2));
  const size = { resize: 16, crop: [24, 16] as const };
  const [native, platform] = [
    await decodePicture(file, size),
    upright(
      scaledMiddle(await decodePixels(asItLies(file, pictureHeader(file))), 16, [16, 24]),
      orientationOf(6),
      [24, 16],
    ),
  ];
  const difference = native.reduce(
    (sum, value, index) => sum + Math.abs(value - platform[index]),
    0,
  );
  assert(difference / native.length < 3, `${difference / native.length}`); // two decoders of JPEG
});
