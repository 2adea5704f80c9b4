export * from "../../playground/mod.ts";
