import type { ErrorCode } from '@hallhub/shared';
import type { ModelIdentity, ModelThresholds } from './detector.js';
import type { AbsentModel, LookingRole, OpenOptions } from './open-models.js';

/** What the thread is asked, each with a number of its own. */
export type Asked =
  | { readonly id: number; readonly kind: 'open'; folder: string; role: LookingRole; options: OpenOptions }
  | {
      readonly id: number;
      readonly kind: 'look';
      readonly runner: number;
      readonly width: number;
      readonly height: number;
      readonly rgb: Uint8Array;
    }
  | { readonly id: number; readonly kind: 'close'; readonly runner: number };

export interface OpenedRunner {
  readonly runner: number;
  readonly model: ModelIdentity;
  readonly thresholds: ModelThresholds;
  readonly labels: readonly string[];
}

export interface ToldError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly context: Readonly<Record<string, unknown>>;
}

export type Answered =
  | { readonly id: number; readonly result: OpenedRunner | AbsentModel | readonly unknown[] | undefined }
  | { readonly id: number; readonly error: ToldError };
