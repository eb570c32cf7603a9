import type { Evidence, EvidenceState } from '../../api/evidence.js';
import type { StatusLook } from '../../ui/StatusMark.js';

export const evidenceLooks: Record<EvidenceState, StatusLook> = {
  pending: { tone: 'quiet', shape: 'ring' },
  uploading: { tone: 'accent', shape: 'half' },
  complete: { tone: 'quiet', shape: 'check' },
  missing: { tone: 'warn', shape: 'dashed' },
  given_up: { tone: 'warn', shape: 'cross' },
};

export type EvidenceKind = 'image' | 'video' | 'audio' | 'document' | 'other';

/** What it is to a person. */
export function kindOf({ mediaType }: Pick<Evidence, 'mediaType'>): EvidenceKind {
  const [family] = (mediaType ?? '').split('/');
  if (family === 'image' || family === 'video' || family === 'audio') return family;
  return mediaType === 'application/pdf' ? 'document' : 'other';
}

const shown = new Set(['image/jpeg', 'image/png', 'image/webp']);

/** Only what a browser draws and runs nothing of. */
export const isPicture = ({ mediaType, state }: Pick<Evidence, 'mediaType' | 'state'>): boolean =>
  state === 'complete' && mediaType !== null && shown.has(mediaType);

const reasons = ['space', 'limit', 'lost', 'damaged'] as const;

/** A reason newer than this console is shown as it is. */
export const knownReason = (reason: string | null): (typeof reasons)[number] | undefined =>
  reasons.find((one) => one === reason);
