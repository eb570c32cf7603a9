/** What a player or a file needs before the first fragment: `ftyp` and `moov`. */
export interface InitSegment {
  readonly bytes: Uint8Array;
  /** RFC 6381, as MediaSource wants it: `avc1.64001f`, `hvc1.1.6.L93.B0`. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** Media time units a second. */
  readonly timescale: number;
}

/** One `moof` with its `mdat`: one picture of the stream, as the camera encoded it. */
export interface Fragment {
  /** Counts from 0 with each init segment. */
  readonly seq: number;
  readonly bytes: Uint8Array;
  /** Can be begun with. */
  readonly isKeyframe: boolean;
  /** When it began, by the unit's clock, epoch ms; follows the media time and is put right when either jumps. */
  readonly atMs: number;
  /** Media time since the init segment. */
  readonly mediaMs: number;
  readonly durationMs: number;
}

export interface FragmentListener {
  /** A stream begins; what comes after belongs to it. Called again when the camera came back or changed its picture. */
  onInit(init: InitSegment): void;
  onFragment(fragment: Fragment): void;
  /** The stream is broken off; another `onInit` may follow. */
  onEnd?(): void;
}
