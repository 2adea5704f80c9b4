/** The notebooks' only door: `import { … } from "tessera"`. */
export { backendReport } from "./tensor/tf.ts";
export { compile, type CompiledStep, type CompileReport } from "./tensor/compile.ts";
export { localCluster, type LocalClusterOptions } from "./tensor/cluster/local.ts";
export type { Cluster } from "./tensor/cluster/cluster.ts";
export * from "./tensor/ops.ts";
export { permutation, Random } from "./random.ts";

// Layers
export { Flatten, Gelu, Identity, Relu } from "./nn/activation.ts";
export {
  type AttentionOptions,
  type ExplainedAttention,
  MultiHeadAttention,
} from "./nn/attention.ts";
export {
  AttentionHead,
  type AttentionHeadOptions,
  ConcatenatedHeads,
  type ConcatenatedHeadsOptions,
} from "./nn/attention_head.ts";
export { attentionGradients, type ExplainedModel } from "./nn/attention_gradients.ts";
export { attentionRollout, classAttentionMaps } from "./nn/attention_maps.ts";
export { ClassToken, type ClassTokenOptions } from "./nn/class_token.ts";
export { Conv2d, type Conv2dOptions } from "./nn/convolution.ts";
export { CrossAttention, CrossFusion, type CrossFusionOptions } from "./nn/cross_attention.ts";
export { Dropout } from "./nn/dropout.ts";
export {
  attentionWeights,
  globalAveragePool,
  mergeHeads,
  padChannels,
  patchify,
  repeatForBatch,
  scaledDotProductAttention,
  sinusoidalPositions,
  splitHeads,
  subsample,
  unpatchify,
} from "./nn/functional.ts";
export {
  buffer,
  type Initializer,
  kaimingNormalFanOut,
  kaimingUniform,
  normal,
  parameter,
  truncatedNormal,
  uniform,
  xavierUniform,
  zeros,
} from "./nn/initialization.ts";
export { Linear, type LinearOptions } from "./nn/linear.ts";
export { Mlp, type MlpOptions } from "./nn/mlp.ts";
export { Module } from "./nn/module.ts";
export { BatchNorm2d, LayerNorm } from "./nn/normalization.ts";
export type { Part } from "./nn/part.ts";
export { PatchEmbedding, type PatchEmbeddingOptions } from "./nn/patch_embedding.ts";
export { GlobalAveragePool, MaxPool2d } from "./nn/pooling.ts";
export {
  LearnedPositions,
  type LearnedPositionsOptions,
  SinusoidalPositions,
} from "./nn/position_encoding.ts";
export {
  type MeasureOptions,
  measureReceptiveField,
  type ReceptiveField,
  receptiveField,
  type WindowLayer,
} from "./nn/receptive_field.ts";
export { PaddedShortcut, ResidualBlock, type ResidualBlockOptions } from "./nn/residual_block.ts";
export { SelfAttention2d, type SelfAttention2dOptions } from "./nn/self_attention_2d.ts";
export { Sequential } from "./nn/sequential.ts";
export { countParameters, type ModelSummary, summary, type SummaryRow } from "./nn/summary.ts";
export { TokenEmbedding, type TokenEmbeddingOptions } from "./nn/token_embedding.ts";
export { TransformerBlock, type TransformerBlockOptions } from "./nn/transformer_block.ts";
export { TransformerEncoder, type TransformerEncoderOptions } from "./nn/transformer_encoder.ts";

// Models
export {
  CrossViT,
  crossViT,
  CrossViTBranch,
  type CrossViTBranchOptions,
  type CrossViTBranchSetting,
  type CrossViTOptions,
  type CrossViTWeights,
  type PublishedCrossViTOptions,
} from "./models/cross_vit.ts";
export {
  GridVisionTransformer,
  type GridVisionTransformerOptions,
} from "./models/grid_vision_transformer.ts";
export { ConvolutionBlock, PlainCnn, type PlainCnnOptions } from "./models/plain_cnn.ts";
export {
  ResNet,
  resNet18,
  type ResNet18Options,
  type ResNetOptions,
  smallResNet,
  type SmallResNetOptions,
} from "./models/resnet.ts";
export { VisionTransformer, type VisionTransformerOptions } from "./models/vision_transformer.ts";

// Data
export { cifar10, cifar10Colors } from "./datasets/cifar10.ts";
export {
  type Cifar10FolderOptions,
  cifar10FolderSizes,
  writeCifar10Folder,
} from "./datasets/cifar10_folder.ts";
export type { Batch, Dataset } from "./datasets/dataset.ts";
export { ownPicturesFolder } from "./datasets/data_folder.ts";
export { DownloadError } from "./platform/fetching/download_error.ts";
export { download, type DownloadOptions } from "./platform/fetching/download.ts";
export type { DownloadProgress, DownloadReporter } from "./platform/fetching/progress.ts";
export { ImageDataset, split, subset } from "./datasets/image_dataset.ts";
export { classFolders, imageFolder, type ImageFolderOptions } from "./datasets/image_folder.ts";
export { fetchImagenette, imagenette, imagenetteFolder } from "./datasets/imagenette.ts";
export type { LoadOptions, TrainAndTest } from "./datasets/loading.ts";
export { fashionMnist, mnist } from "./datasets/mnist.ts";
export {
  choosePictures,
  coursePictures,
  type PicturesOptions,
  type PictureSource,
} from "./datasets/pictures.ts";

// Augmentations
export { type AffineOptions, randomAffine } from "./augmentations/affine.ts";
export { colorJitter, type ColorJitterOptions } from "./augmentations/color_jitter.ts";
export { type CropOptions, randomCrop } from "./augmentations/crop.ts";
export { type ErasingOptions, randomErasing } from "./augmentations/erasing.ts";
export { type FlipOptions, randomHorizontalFlip } from "./augmentations/flip.ts";
export { cutmix, type MixOptions, mixup } from "./augmentations/mixup.ts";
export { normalize } from "./augmentations/normalize.ts";
export { randAugment, type RandAugmentOptions } from "./augmentations/rand_augment.ts";
export { randomResizedCrop, type ResizedCropOptions } from "./augmentations/resized_crop.ts";
export { compose, imageTransform, type Transform } from "./augmentations/transform.ts";

// Places, files and the environment
export { exists, FileError } from "./platform/files.ts";
export { homePath, projectPath } from "./platform/places.ts";
export { quick } from "./platform/variables.ts";

// Training
export {
  Checkpointing,
  type CheckpointingOptions,
  earlyStopping,
  type EarlyStoppingOptions,
  type FinishedTraining,
  LearningRateMonitor,
  loadTrained,
  readLog,
} from "./training/callbacks.ts";
export type { Callback, Outcome } from "./training/callback.ts";
export {
  type CheckpointInfo,
  loadWeights,
  readCheckpointInfo,
  saveWeights,
} from "./training/checkpoint.ts";
export {
  type EarlierRun,
  type GivenWeights,
  loadEarlierRun,
  loadGivenWeights,
  type Measurement,
  trainFromEarlierRun,
} from "./training/earlier_run.ts";
export {
  evaluate,
  evaluateExamples,
  type EvaluationOptions,
  Evaluator,
  type ExampleResults,
  metricsOf,
} from "./training/evaluate.ts";
export { clipByGlobalNorm, globalNorm } from "./training/gradients.ts";
export { readResult, trainingIn, type TrainingResult } from "./training/result.ts";
export { freeFolder } from "./training/training_folder.ts";
export { isRunComplete, type OwnTraining, weightsFolder } from "./training/trained_weights.ts";
export {
  learningRateFind,
  type LearningRateFindOptions,
  type LearningRateFindResult,
} from "./training/learning_rate_finder.ts";
export { LiveChart, trainingCurves, type TrainingCurvesOptions } from "./training/live_chart.ts";
export {
  crossEntropy,
  crossEntropyOfEach,
  type CrossEntropyOptions,
  type Labels,
  type Loss,
  smoothedCrossEntropy,
} from "./training/losses.ts";
export {
  accuracy,
  confusionMatrix,
  correctCount,
  highestLosses,
  type Metrics,
  perClassAccuracy,
} from "./training/metrics.ts";
export {
  Adam,
  type AdamOptions,
  AdamW,
  noDecayOnNormsAndBiases,
  Optimizer,
  type OptimizerOptions,
  type ParameterGroup,
  SGD,
  type SGDOptions,
} from "./training/optimizers.ts";
export { overfitOneBatch, type OverfitOptions, type OverfitResult } from "./training/overfit.ts";
export type { EpochReport, StepReport } from "./training/report.ts";
export type { Exchange } from "./training/shares.ts";
export {
  constant,
  cosine,
  linearWarmup,
  multiStep,
  oneCycle,
  perEpoch,
  type Schedule,
  warmupCosine,
  type WarmupCosineOptions,
} from "./training/schedules.ts";
export {
  Search,
  type SearchOptions,
  type SearchRound,
  type Trial,
  type TrialResult,
  type TrialTraining,
} from "./training/search.ts";
export {
  between,
  gridTrials,
  type NumberRange,
  randomTrials,
  type RandomTrialsOptions,
  type SearchSpace,
  type Setting,
  type SettingsOf,
} from "./training/search_space.ts";
export { writeTensorBoardLog } from "./training/tensorboard/log.ts";
export { openTensorBoard } from "./training/tensorboard/open.ts";
export { TensorBoard, type TensorBoardOptions } from "./training/tensorboard/tensorboard.ts";
export { NotFiniteError, Trainer } from "./training/trainer.ts";
export type { TrainerOptions } from "./training/trainer_options.ts";

// Display
export { attentionExplorer, type AttentionExplorerOptions } from "./display/attention_explorer.ts";
export { attentionMaps, type AttentionMapsOptions } from "./display/attention_maps.ts";
export { gradientRollout } from "./display/gradient_rollout.ts";
export { bars, type BarsOptions, histogram, type HistogramOptions } from "./display/bars.ts";
export { Chart } from "./display/chart.ts";
export { type CurvePanel, curves, type CurvesOptions, type Series } from "./display/curves.ts";
export {
  confusionMap,
  type ConfusionMapOptions,
  heatMap,
  type HeatMapOptions,
} from "./display/heat_map.ts";
export {
  imageGrid,
  type ImageGridOptions,
  patchGrid,
  type PatchGridOptions,
} from "./display/images.ts";
export { fromPython } from "./display/from_python.ts";
export { LiveDisplay } from "./display/live.ts";
export { show } from "./display/show.ts";
export { summaryTable, type SummaryTableOptions } from "./display/model_summary.ts";
export {
  parallelCoordinates,
  type ParallelCoordinatesOptions,
} from "./display/parallel_coordinates.ts";
export {
  shiftDifferences,
  type ShiftedLayer,
  shiftExplorer,
  type ShiftExplorerOptions,
} from "./display/shift_explorer.ts";
export { Table, table, type TableOptions } from "./display/tables.ts";

// Exercises
export { checkAttention } from "./exercises/attention/attention.ts";
export { checkClassAttention, checkRollout } from "./exercises/attention/attention_reading.ts";
export { type BasicBlockOptions, checkBasicBlock } from "./exercises/residual/basic_block.ts";
export { checkAugmentation } from "./exercises/training/augmentation.ts";
export {
  checkAttentionHead,
  checkMultiHeadAttention,
  type HeadOptions,
  type HeadsOptions,
} from "./exercises/attention/attention_heads.ts";
export { CheckError, type CheckOptions } from "./exercises/engine/check.ts";
export {
  checkNormalisedCnn,
  checkPlainCnn,
  checkPooledCnn,
  checkStridedCnn,
  type CnnOptions,
} from "./exercises/convolution/cnn.ts";
export { assertShape, expectClose } from "./exercises/engine/compare.ts";
export { checkEmbedding, type EmbeddingOptions } from "./exercises/vision_transformer/embedding.ts";
export { checkEncoder, type EncoderOptions } from "./exercises/transformer/encoder.ts";
export {
  checkTrainEpoch,
  type EpochParts,
  type TrainEpoch,
} from "./exercises/training/epoch_accuracy.ts";
export { checkFeedForward, type FeedForwardOptions } from "./exercises/transformer/feed_forward.ts";
export { checkGate, type GateOptions, type MeasuredCheckpoint } from "./exercises/training/gate.ts";
export { checkGlobalAveragePool } from "./exercises/convolution/global_pool.ts";
export {
  checkGridBlock,
  checkGridFeedForward,
  type GridBlockOptions,
  type GridFeedForwardOptions,
} from "./exercises/grid/grid_blocks.ts";
export {
  checkGridModel,
  checkGridModelConstructor,
  type GridModelOptions,
} from "./exercises/grid/grid_model.ts";
export { checkGridPatches } from "./exercises/grid/grid_patches.ts";
export { checkPatches } from "./exercises/vision_transformer/patches.ts";
export {
  checkPositionEncoding,
  checkSinusoidalPositions,
  type PositionOptions,
} from "./exercises/vision_transformer/positions.ts";
export {
  checkCrossAttention,
  checkCrossViT,
  checkFusion,
} from "./exercises/cross_attention/cross_attention.ts";
export {
  checkComparison,
  checkEnhancement,
  checkVariantAccuracy,
  type Experiment,
  type TrainedModel,
  trainingSamples,
} from "./exercises/training/measured.ts";
export { fingerprint } from "./exercises/training/fingerprint.ts";
export {
  checkMomentum,
  type MomentumSettings,
  type MomentumState,
} from "./exercises/training/momentum.ts";
export { checkReceptiveField } from "./exercises/convolution/receptive_field.ts";
export {
  checkResidualBlock,
  type ShortcutBlockOptions,
} from "./exercises/residual/residual_block.ts";
export { checkResNet, type DeepOptions } from "./exercises/residual/resnet.ts";
export { checkSearch } from "./exercises/training/search.ts";
export {
  checkSelfAttention2d,
  checkSelfAttentionConstructor,
  type GridAttentionOptions,
} from "./exercises/grid/self_attention.ts";
export { checkVit, type VitOptions } from "./exercises/vision_transformer/small_vit.ts";
export { checkStandardize } from "./exercises/tensors/standardize.ts";
export { checkStepSchedule, type StepScheduleOptions } from "./exercises/training/step_schedule.ts";
export { checkTested } from "./exercises/training/tested.ts";
export { checkAtLeast, checkTrainer } from "./exercises/training/training.ts";
export {
  type BlockOptions,
  checkTransformerBlock,
} from "./exercises/transformer/transformer_block.ts";
export { checkBasicBlockVariants, checkBlockVariants } from "./exercises/variants/variants.ts";
export {
  checkVisionTransformer,
  type ModelOptions,
} from "./exercises/vision_transformer/vision_transformer.ts";
export { copyParameters, copyWeights, transferWeights } from "./exercises/engine/weights.ts";

// What a cell shows that ends with a model, a trainer or a data set.
import "./last_values.ts";
