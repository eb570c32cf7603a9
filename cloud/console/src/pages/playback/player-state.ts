import type { ApiError } from '../../api/api-error.js';

export const rates = [-1, 0.5, 1, 2, 4, 8] as const;
export type Rate = (typeof rates)[number];

export type Notice = { kind: 'gap'; from: number; to: number } | { kind: 'set_back'; to: number };

export interface PlayerState {
  /** `ready`: nothing was asked for yet; `loading`: the picture of the time asked for is on its way. */
  status: 'ready' | 'loading' | 'playing' | 'paused' | 'waiting' | 'ended' | 'codec';
  /** What is shown, epoch ms. */
  at: number | undefined;
  rate: Rate;
  size: { width: number; height: number } | undefined;
  codec: string | undefined;
  /** Why nothing comes; it is tried again by itself. */
  trouble: ApiError | undefined;
  notice: Notice | undefined;
  /** From asking for a time to its picture. */
  firstPictureMs: number | undefined;
}

/** Faster than a decoder and a line take whole, and backwards, key pictures alone are shown. */
export const byKeys = (rate: Rate): boolean => rate < 0 || rate >= 8;

export const nothingShown: PlayerState = {
  ...{ status: 'ready', at: undefined, rate: 1, size: undefined, codec: undefined, trouble: undefined },
  ...{ notice: undefined, firstPictureMs: undefined },
};
