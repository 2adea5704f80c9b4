/** The graphics card, as NVIDIA's driver describes it. */

export interface GraphicsCard {
  /** For example "NVIDIA H100 80GB HBM3". */
  name: string;
  /** The compute capability, for example 9.0. */
  capability: number;
  gigabytes: number;
}

/** What the driver says; `problem` where a card cannot be used. */
export interface DriverReport {
  /** The newest CUDA that the driver knows, as 12.4; 0 where there is no driver. */
  cuda: number;
  card?: GraphicsCard;
  problem?: string;
}

/** What TensorFlow 2.21's wheel is built for: machine code of 6.0 to 9.0, which do for what lies between. */
const OLDEST_CUDA = 12, LEAST_CAPABILITY = 6, NEWEST_GENERATION = 9;
const SUCCESS = 0, NO_DEVICE = 100, DRIVER_TOO_OLD = 35, DRIVERS_DIFFER = 803;
const MAJOR = 75, MINOR = 76;

const declaration = {
  cuInit: { parameters: ["u32"], result: "i32" },
  cuDriverGetVersion: { parameters: ["buffer"], result: "i32" },
  cuDeviceGet: { parameters: ["buffer", "i32"], result: "i32" },
  cuDeviceGetName: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  cuDeviceGetAttribute: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  cuDeviceTotalMem_v2: { parameters: ["buffer", "i32"], result: "i32" },
} as const;

/** The driver's functions. */
export type Driver = Deno.DynamicLibrary<typeof declaration>["symbols"];

const installed = () => Deno.dlopen("libcuda.so.1", declaration).symbols;

/** Asks the driver for the first card that may be used. */
export function askDriver(open: () => Driver = installed): DriverReport {
  let driver: Driver;
  try {
    driver = open();
  } catch {
    return { cuda: 0, problem: problemOf({ code: SUCCESS, cuda: 0 }) };
  }
  const number = new Int32Array(1);
  driver.cuDriverGetVersion(number);
  const cuda = Math.floor(number[0] / 1000) + (number[0] % 1000) / 100;
  const code = driver.cuInit(0);
  if (code !== SUCCESS) return { cuda, problem: problemOf({ code, cuda }) };
  driver.cuDeviceGet(number, 0);
  const [device] = number;
  const name = new Uint8Array(256);
  driver.cuDeviceGetName(name, name.length, device);
  const attribute = (which: number) => {
    driver.cuDeviceGetAttribute(number, which, device);
    return number[0];
  };
  const bytes = new BigUint64Array(1);
  driver.cuDeviceTotalMem_v2(bytes, device);
  const card = {
    name: new TextDecoder().decode(name.subarray(0, name.indexOf(0))),
    capability: attribute(MAJOR) + attribute(MINOR) / 10,
    gigabytes: Number(bytes[0]) / 2 ** 30,
  };
  return { cuda, card, problem: problemOf({ code, cuda, card }) };
}

/** What else is to be known of a card that can be used; empty where nothing is. */
export function noteOf({ name, capability }: Pick<GraphicsCard, "name" | "capability">): string {
  if (Math.floor(capability) <= NEWEST_GENERATION) return "";
  return `TensorFlow's build has no machine code for ${name} (compute capability ${
    capability.toFixed(1)
  }): the ` +
    "driver makes it at the first use, which can take half an hour, and keeps it";
}

/** Why TensorFlow cannot compute on a card; undefined where nothing is known against it. */
export function problemOf(
  { code, cuda, card }: { code: number; cuda: number; card?: GraphicsCard },
): string | undefined {
  if (cuda === 0) return "there is no NVIDIA driver here (libcuda.so.1)";
  if (cuda < OLDEST_CUDA || code === DRIVER_TOO_OLD) {
    return `the NVIDIA driver is too old: it knows CUDA up to ${cuda}, TensorFlow needs ` +
      `${OLDEST_CUDA}; update it to 525 or newer`;
  }
  if (code === DRIVERS_DIFFER) {
    return "the NVIDIA driver was updated and not yet loaded anew; restart the machine";
  }
  if (code === NO_DEVICE) return "the NVIDIA driver finds no graphics card";
  if (code !== SUCCESS) return `the NVIDIA driver does not start (CUDA's error ${code})`;
  if (card && card.capability < LEAST_CAPABILITY) {
    return `${card.name} is too old for TensorFlow: its compute capability is ${card.capability}, ` +
      `${LEAST_CAPABILITY}.0 is needed`;
  }
  return undefined;
}
