export const sourceStates = ['connecting', 'playing', 'refused', 'silent', 'corrupt', 'gone'] as const;

/**
 * `connecting`: not yet seen; `playing`; `refused`: the camera does not let us in; `silent`: it was reached and sends nothing;
 * `corrupt`: it sends what cannot be decoded; `gone`: it is not reached, or ended.
 */
export type SourceStateName = (typeof sourceStates)[number];

export const sourceReasons = [
  'wrong_credentials',
  'no_answer',
  'connection_refused',
  'not_found',
  'not_resolved',
  'busy',
  'ended',
  'no_bytes',
  'no_pictures',
  'bad_data',
  'decode_errors',
  'picture_changed',
  'not_recordable',
  'hardware_failed',
  'no_ffmpeg',
  'crashed',
] as const;
export type SourceReason = (typeof sourceReasons)[number];

export interface SourceState {
  readonly state: SourceStateName;
  /** Epoch ms. */
  readonly since: number;
  readonly reason?: SourceReason;
  /** What ffmpeg said last, without addresses. */
  readonly detail?: string;
}

export const stateOf: Readonly<Record<SourceReason, SourceStateName>> = {
  wrong_credentials: 'refused',
  no_answer: 'silent',
  connection_refused: 'gone',
  not_found: 'gone',
  not_resolved: 'gone',
  busy: 'gone',
  ended: 'gone',
  no_bytes: 'silent',
  no_pictures: 'corrupt',
  bad_data: 'corrupt',
  decode_errors: 'corrupt',
  picture_changed: 'connecting',
  not_recordable: 'connecting',
  hardware_failed: 'connecting',
  no_ffmpeg: 'gone',
  crashed: 'gone',
};
