/** All recipes by the name that `./tessera train` takes; a unit's are trained in this order. */
import { cifarNormalisedCnn, cifarPlainCnn, cifarPooledCnn, cifarStridedCnn } from "./cifar_cnn.ts";
import { cifarResNet20, cifarResNet8, cifarResNet8Decay } from "./cifar_resnet.ts";
import { cifarResNet18 } from "./cifar_resnet18.ts";
import { cifarGridVit } from "./cifar_grid_vit.ts";
import { cifarCrossVit, cifarVitClass, cifarVitMean } from "./cifar_transformers.ts";
import { cifarVit } from "./cifar_vit.ts";
import {
  folderResNet,
  folderResNetV2,
  folderResNetV3,
  folderVit,
  folderVitTuned,
  folderVitV2,
  folderVitV3,
} from "./folder.ts";
import { mnistVit } from "./mnist_vit.ts";
import type { Recipe } from "./recipe.ts";

export const recipes: Record<string, Recipe> = {
  "mnist-vit": mnistVit,
  "cifar-plain-cnn": cifarPlainCnn,
  "cifar-normalised-cnn": cifarNormalisedCnn,
  "cifar-strided-cnn": cifarStridedCnn,
  "cifar-pooled-cnn": cifarPooledCnn,
  "cifar-resnet8": cifarResNet8,
  "cifar-resnet8-decay": cifarResNet8Decay,
  "cifar-vit": cifarVit,
  "cifar-resnet20": cifarResNet20,
  "cifar-grid-vit": cifarGridVit,
  "cifar-resnet18": cifarResNet18,
  "cifar-vit-class": cifarVitClass,
  "cifar-vit-mean": cifarVitMean,
  "cifar-crossvit": cifarCrossVit,
  "folder-resnet": folderResNet,
  "folder-vit": folderVit,
  "folder-resnet-v2": folderResNetV2,
  "folder-resnet-v3": folderResNetV3,
  "folder-vit-v2": folderVitV2,
  "folder-vit-v3": folderVitV3,
  "folder-vit-tuned": folderVitTuned,
};
