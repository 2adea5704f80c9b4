/** `tf` for everything else: tfjs, on the best backend that works here. (Provisional.) */
export * from "npm:@tensorflow/tfjs@4.22.0";
