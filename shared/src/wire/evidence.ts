import { z } from 'zod';
import { chainSchema, epochMsSchema, idSchema } from './primitives.js';

/** docs/protocol.md 6: what is taken as evidence, with what its first bytes must be. */
export const evidenceMediaTypes = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'video/mp4',
  'audio/wav',
  'application/pdf',
] as const;
export const evidenceMediaTypeSchema = z.enum(evidenceMediaTypes);
export type EvidenceMediaType = z.infer<typeof evidenceMediaTypeSchema>;

/** Of one file. */
export const maxEvidenceBytes = 512 * 1_048_576;
/** As many first bytes as `mediaTypeOf` looks at. */
export const evidenceHeadBytes = 12;

const text = (head: Uint8Array, offset: number, expected: string): boolean =>
  [...expected].every((char, i) => head[offset + i] === char.charCodeAt(0));
const bytes = (head: Uint8Array, ...expected: number[]): boolean => expected.every((byte, i) => head[i] === byte);

const magic: Readonly<Record<EvidenceMediaType, (head: Uint8Array) => boolean>> = {
  'image/jpeg': (head) => bytes(head, 0xff, 0xd8, 0xff),
  'image/png': (head) => bytes(head, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
  'image/webp': (head) => text(head, 0, 'RIFF') && text(head, 8, 'WEBP'),
  'video/mp4': (head) => text(head, 4, 'ftyp'),
  'audio/wav': (head) => text(head, 0, 'RIFF') && text(head, 8, 'WAVE'),
  'application/pdf': (head) => text(head, 0, '%PDF-'),
};

/** What a file is by its first bytes, whatever it is called; undefined: nothing that is taken. */
export const mediaTypeOf = (head: Uint8Array): EvidenceMediaType | undefined =>
  evidenceMediaTypes.find((type) => magic[type](head));

export const evidenceStates = ['pending', 'uploading', 'complete', 'missing', 'given_up'] as const;
export type EvidenceState = (typeof evidenceStates)[number];

/** `GET /unit/v1/evidence/state/{id}`: what the cloud has of a file. `unknown`: nothing, nor its manifest. */
export const evidenceStandingSchema = z.object({
  id: idSchema,
  state: z.enum([...evidenceStates, 'unknown']),
  /** Of what the cloud has whole, and checked. */
  sha256: chainSchema.nullable(),
  serverTime: epochMsSchema,
});
export type EvidenceStanding = z.infer<typeof evidenceStandingSchema>;
