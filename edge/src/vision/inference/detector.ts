import type { Box } from '@hallhub/shared/vision';

/** What is looked at: packed RGB24, row by row. `Picture` of the pipeline is one. */
export interface PictureBytes {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

export interface ModelIdentity {
  readonly id: string;
  /** Of the ONNX file, hex. */
  readonly sha256: string;
}

export interface Detection {
  readonly label: string;
  readonly confidence: number;
  /** Inside the picture, fractions of it. */
  readonly box: Box;
}

/** How far to believe a model: from `sure` on a thing is there; below `least` nothing is given out. */
export interface ModelThresholds {
  readonly sure: number;
  readonly least: number;
}

export interface Detector extends AsyncDisposable {
  readonly model: ModelIdentity;
  readonly labels: readonly string[];
  readonly thresholds: ModelThresholds;
  /** Surest first. Blocks the thread while the model runs. */
  detect(picture: PictureBytes): Promise<readonly Detection[]>;
}

export interface Keypoint {
  readonly name: string;
  /** Fractions of the picture; may lie outside where the model guesses. */
  readonly x: number;
  readonly y: number;
  readonly confidence: number;
}

export interface Pose {
  readonly box: Box;
  readonly confidence: number;
  readonly keypoints: readonly Keypoint[];
}

export interface PoseEstimator extends AsyncDisposable {
  readonly model: ModelIdentity;
  readonly thresholds: ModelThresholds;
  estimate(picture: PictureBytes): Promise<readonly Pose[]>;
}

export interface Face {
  readonly box: Box;
  readonly confidence: number;
}

export interface FaceFinder extends AsyncDisposable {
  readonly model: ModelIdentity;
  readonly thresholds: ModelThresholds;
  find(picture: PictureBytes): Promise<readonly Face[]>;
}
