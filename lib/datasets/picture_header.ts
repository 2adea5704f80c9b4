/** What a picture's file says of it at its beginning, so that nothing is decoded that is too large. */

export interface PictureHeader {
  width: number;
  height: number;
  /** How the picture is to be turned and mirrored, 1 to 8 as in EXIF; 1 is as it lies in the file. */
  orientation: number;
  /** Where the two bytes of the orientation are, and what they are for 1; where a checksum covers them, not. */
  turned?: { at: number; one: readonly [number, number] };
}

/** The header of a JPEG, PNG, GIF, BMP or WebP file; undefined where the bytes begin like none of them. */
export function pictureHeader(bytes: Uint8Array): PictureHeader | undefined {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const readers = [jpeg, png, gif, bmp, webp];
    for (const read of readers) {
      const header = read(view);
      if (header && header.width > 0 && header.height > 0) return header;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the bytes end early
  }
}

/** The same file saying that it is upright: a decoder that knows of orientations then leaves it as it lies. */
export function asItLies(
  bytes: Uint8Array<ArrayBuffer>,
  header: PictureHeader | undefined,
): Uint8Array<ArrayBuffer> {
  if (!header?.turned) return bytes;
  const copy = bytes.slice();
  copy.set(header.turned.one, header.turned.at);
  return copy;
}

const textAt = (view: DataView, at: number, length: number) =>
  String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, length));

/** ISO/IEC 10918-1: segments until that of the frame; APP1 may hold EXIF. */
function jpeg(view: DataView): PictureHeader | undefined {
  if (view.getUint16(0) !== 0xffd8) return undefined;
  let turn: Turn = { orientation: 1 };
  for (let at = 2;;) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++; // filled up
      continue;
    }
    const isBare = marker === 1 || marker >= 0xd0 && marker <= 0xd8;
    const length = isBare ? 0 : view.getUint16(at + 2);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7), ...turn };
    }
    if (marker === 0xe1 && length > 8 && textAt(view, at + 4, 4) === "Exif") {
      turn = turnIn(view, at + 10, at + 2 + length);
    }
    at += 2 + length;
  }
}

/** Chunks; EXIF is one of those before the pixels (PNG's extensions 1.5). */
function png(view: DataView): PictureHeader | undefined {
  if (view.getUint32(0) !== 0x89504e47) return undefined;
  const header = { width: view.getUint32(16), height: view.getUint32(20), orientation: 1 };
  for (let at = 8; at + 12 < view.byteLength;) {
    const length = view.getUint32(at);
    const type = textAt(view, at + 4, 4);
    if (type === "IDAT") break;
    if (type === "eXIf" && at + 8 + length <= view.byteLength) {
      header.orientation = turnIn(view, at + 8, at + 8 + length).orientation;
    }
    at += 12 + length;
  }
  return header;
}

function gif(view: DataView): PictureHeader | undefined {
  if (!/^GIF8[79]a$/.test(textAt(view, 0, 6))) return undefined;
  return { width: view.getUint16(6, true), height: view.getUint16(8, true), orientation: 1 };
}

function bmp(view: DataView): PictureHeader | undefined {
  if (textAt(view, 0, 2) !== "BM") return undefined;
  const [width, height] = [18, 22].map((at) => Math.abs(view.getInt32(at, true)));
  return { width, height, orientation: 1 };
}

/** RFC 9649; EXIF comes after the pixels, and is found where the whole file is given. */
function webp(view: DataView): PictureHeader | undefined {
  if (textAt(view, 0, 4) !== "RIFF" || textAt(view, 8, 4) !== "WEBP") return undefined;
  const kind = textAt(view, 12, 4);
  const threeBytes = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000;
  if (kind === "VP8 ") {
    const side = (at: number) => view.getUint16(at, true) & 0x3fff;
    return { width: side(26), height: side(28), orientation: 1 };
  }
  if (kind === "VP8L") {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: (bits >> 14 & 0x3fff) + 1, orientation: 1 };
  }
  if (kind !== "VP8X") return undefined;
  const header = { width: threeBytes(24) + 1, height: threeBytes(27) + 1, orientation: 1 };
  for (let at = 12; at + 8 < view.byteLength;) {
    const length = view.getUint32(at + 4, true);
    if (textAt(view, at, 4) === "EXIF" && at + 8 + length <= view.byteLength) {
      const start = textAt(view, at + 8, 4) === "Exif" ? at + 14 : at + 8;
      Object.assign(header, turnIn(view, start, at + 8 + length));
    }
    at += 8 + length + length % 2;
  }
  return header;
}

type Turn = Pick<PictureHeader, "orientation" | "turned">;

/** The tag 0x0112 of a TIFF directory that lies between two places; 1 where there is none, or it is damaged. */
function turnIn(view: DataView, start: number, end: number): Turn {
  try {
    const tiff = new DataView(view.buffer, view.byteOffset + start, end - start);
    const isLittle = textAt(tiff, 0, 2) === "II";
    if (!isLittle && textAt(tiff, 0, 2) !== "MM") return { orientation: 1 };
    const directory = tiff.getUint32(4, isLittle);
    const count = tiff.getUint16(directory, isLittle);
    for (let entry = 0; entry < count; entry++) {
      const at = directory + 2 + 12 * entry;
      if (tiff.getUint16(at, isLittle) !== 0x0112) continue;
      const orientation = tiff.getUint16(at + 8, isLittle);
      if (orientation < 1 || orientation > 8) break;
      return { orientation, turned: { at: start + at + 8, one: isLittle ? [1, 0] : [0, 1] } };
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return { orientation: 1 };
}
