/** Records are signed by HMAC with SHA-256, without a built-in that cells could have replaced. */
import { assertEquals } from "@std/assert";
import { createHmac } from "node:crypto";
import { Buffer } from "node:buffer";
import { hmacSha256 } from "../../python/tessera_kernel/inside/seal.ts";

Deno.test("Seals are HMACs of the text in UTF-16, of any length", () => {
  const secret = Uint8Array.from({ length: 32 }, (_, index) => index * 37 % 256);
  const sign = hmacSha256(secret);
  for (const text of ["", "abc", "1\nÄ ≥ 0.5 😀\npassed\n2\n0", ..."xyz".split("")]) {
    for (const count of [1, 9, 27, 28, 31, 32, 100]) {
      const long = text.repeat(count);
      const expected = createHmac("sha256", secret).update(Buffer.from(long, "utf16le"));
      assertEquals(sign(long), expected.digest("hex"), `${text} × ${count}`);
    }
  }
});

Deno.test("Signing calls no built-in of a prototype, to which a cell could get the secret", () => {
  const sign = hmacSha256(new Uint8Array(32).fill(7));
  const expected = sign("text");
  const { charCodeAt } = String.prototype;
  const { fill } = Uint8Array.prototype;
  const called: string[] = [];
  try {
    String.prototype.charCodeAt = () => called.push("charCodeAt");
    Uint8Array.prototype.fill = function () {
      called.push("fill");
      return this;
    };
    assertEquals(sign("text"), expected);
  } finally {
    String.prototype.charCodeAt = charCodeAt;
    Uint8Array.prototype.fill = fill;
  }
  assertEquals(called, []);
});
