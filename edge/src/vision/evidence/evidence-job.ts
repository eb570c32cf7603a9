import type { Box, Finding, Overlay, Seen, VisionRule } from '@hallhub/shared/vision';
import type { FileHashes } from './hashes.js';
import type { RawPicture } from './raw-picture.js';

/** What pictures and a clip are made of. */
export interface EvidenceJob {
  readonly episodeId: string;
  readonly cameraId: string;
  readonly cameraName: string;
  readonly placeName: string;
  /** IANA name of the hall's zone. */
  readonly zone: string;
  readonly rule: VisionRule;
  readonly overlay: Overlay;
  /** Anti-forgery code. */
  readonly code: string;
  /** When the episode began, and of the picture: epoch ms by the unit's clock. */
  readonly startedAt: number;
  readonly atMs: number;
  readonly seen: readonly Seen[];
  /** Everybody in the picture, whom the rule is about or not. */
  readonly people: readonly Box[];
  /** The picture that was looked at. */
  readonly picture: RawPicture;
  /** Which way, of somebody who crossed a line. */
  readonly way?: 'in' | 'out' | undefined;
  readonly position?: { readonly lat: number; readonly lon: number } | undefined;
  /** Of the moments before, the oldest first, where the overlay asks for four in one. */
  readonly earlier?: readonly EarlierPicture[];
}

export interface EarlierPicture {
  readonly atMs: number;
  readonly picture: RawPicture;
  readonly people: readonly Box[];
}

export interface MadeFile extends FileHashes {
  readonly role: Finding['evidence'][number]['role'];
  readonly file: string;
}

export type Faces = Finding['faces'];

export interface MadePictures {
  readonly files: readonly MadeFile[];
  readonly faces: Faces;
  /** Of the overview, without its band. */
  readonly picture: { readonly width: number; readonly height: number };
  /** Where it comes from: the recording in full resolution, or the picture that was looked at. */
  readonly source: 'recorded' | 'analysed';
  /** Why it is no better. */
  readonly problem?: string | undefined;
}

export interface MadeClip {
  readonly file: MadeFile;
  /** `clear`: as recorded; `blurred`: encoded anew, so small that no face can be told. */
  readonly faces: Extract<Faces, 'clear' | 'blurred'>;
  readonly fromMs: number;
  readonly toMs: number;
  readonly isShortened: boolean;
}
