export * from "../../lib/mod.ts";
