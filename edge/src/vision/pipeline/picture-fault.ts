export const pictureFaultKinds = ['black', 'frozen', 'covered', 'moved', 'blurred'] as const;
export type PictureFaultKind = (typeof pictureFaultKinds)[number];

/** Something is wrong with the camera's picture itself. */
export interface PictureFault {
  readonly kind: PictureFaultKind;
  /** Since when, by the unit's clock, epoch ms. */
  readonly sinceMs: number;
}
