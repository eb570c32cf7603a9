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

/** A point of the picture, in fractions of it: across and down; may lie outside where the model guesses. */
export type PicturePoint = readonly [number, number];

/** Right and left are the person's own. */
export interface FaceLandmarks {
  readonly rightEye: PicturePoint;
  readonly leftEye: PicturePoint;
  readonly nose: PicturePoint;
  readonly mouth: PicturePoint;
  readonly rightEar: PicturePoint;
  readonly leftEar: PicturePoint;
}

export interface Face {
  readonly box: Box;
  readonly confidence: number;
  /** Not every model tells them. */
  readonly landmarks?: FaceLandmarks;
}

export interface FaceFinder extends AsyncDisposable {
  readonly model: ModelIdentity;
  readonly thresholds: ModelThresholds;
  find(picture: PictureBytes): Promise<readonly Face[]>;
}

/** Where points of a face lie in what a face model of this kind is shown; fractions of it. */
export type FacePlace = Readonly<Record<'rightEye' | 'leftEye' | 'nose' | 'mouth', PicturePoint>>;

/** Tells how alike two faces are, by numbers that are nobody's name. */
export interface FaceEmbedder extends AsyncDisposable {
  readonly model: ModelIdentity;
  /** Of likeness: from `sure` on it is the same person; below `least` another one; between them a person has to look. */
  readonly thresholds: ModelThresholds;
  /** What `embed` is to be shown: a square of `side` pixels with the face in its place. */
  readonly side: number;
  readonly place: FacePlace;
  /** The caller wipes what it gets; nothing of it stays here. */
  embed(aligned: PictureBytes): Promise<Float32Array>;
  /** 0 to 1. */
  likeness(a: Float32Array, b: Float32Array): number;
}
