/** A network namespace of its own has a loopback device, which is down until somebody brings it up. */

const AF_INET = 2, SOCK_DGRAM = 2;
const SIOCGIFFLAGS = 0x8913, SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;
/** `struct ifreq`: the device's name, then its flags in 16 bits. */
const REQUEST_BYTES = 40, FLAGS_AT = 16;

/** Brings the loopback device up where it is down. Throws an Error where that is not allowed. Linux alone. */
export function bringLoopbackUp(): void {
  const libc = Deno.dlopen("libc.so.6", {
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    ioctl: { parameters: ["i32", "usize", "buffer"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const { socket, ioctl, close } = libc.symbols;
  const request = new Uint8Array(REQUEST_BYTES);
  request.set(new TextEncoder().encode("lo"));
  const flags = new DataView(request.buffer);
  const end = socket(AF_INET, SOCK_DGRAM, 0);
  try {
    const isKnown = ioctl(end, BigInt(SIOCGIFFLAGS), request) === 0;
    const before = flags.getUint16(FLAGS_AT, true);
    if (isKnown && before & IFF_UP) return;
    flags.setUint16(FLAGS_AT, before | IFF_UP, true);
    if (isKnown && ioctl(end, BigInt(SIOCSIFFLAGS), request) === 0) return;
    throw new Error(
      "the loopback device of the workers' network namespace could not be brought up",
    );
  } finally {
    close(end);
    libc.close();
  }
}
