/** One picture of a camera, small enough to be looked at. */
export interface Picture {
  readonly cameraId: string;
  /** By the unit's clock when it came, epoch ms. */
  readonly atMs: number;
  readonly width: number;
  readonly height: number;
  /** Packed RGB24, row by row. Never written to after it was handed out. */
  readonly rgb: Uint8Array;
  /** Counts the pictures of this camera since the start of its source. */
  readonly seq: number;
}
