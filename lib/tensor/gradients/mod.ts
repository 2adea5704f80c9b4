/**
 * Gradients that tfjs lacks, has wrong, or computes wastefully, for every backend: registered with tfjs when
 * this module is imported, one file for each family of ops.
 */
import "./arithmetic.ts";
import "./complex.ts";
import "./convolution.ts";
import "./flat.ts";
import "./images.ts";
import "./indexing.ts";
import "./normalization.ts";
import "./pooling.ts";
import "./products.ts";
import "./reductions.ts";
import "./shapes.ts";
