import { z } from 'zod';
import { uuidPattern } from '../ids/index.js';

export const protocolVersion = 1;
export const laneNames = ['events', 'live', 'manifest', 'backlog'] as const;

/** In order of service: what people and alarms wait for first. */
export const laneSchema = z.enum(laneNames);
export type Lane = z.infer<typeof laneSchema>;

export const idSchema = z.string().regex(uuidPattern, 'a lower-case UUID');
export const epochMsSchema = z.number().int().min(0).max(253_402_300_799_999);
export const epochSchema = z.string().regex(/^[0-9a-f]{16}$/, '16 hex digits');
export const chainSchema = z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits');
export const seqSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
export const nameSchema = z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/, 'a letter, then letters, digits, _ . -');

export const clockSchema = z.object({
  state: z.enum(['trusted', 'untrusted']),
  /** Grows by one whenever the wall clock jumps against the monotonic clock. */
  segment: z.number().int().min(1),
  /** Server time minus unit time in ms as learned in this segment; null while unknown. */
  offsetMs: z.number().nullable(),
});
export type WireClock = z.infer<typeof clockSchema>;

export const wireErrorSchema = z.object({ code: z.string().min(1).max(64), message: z.string().max(2000) });
export type WireError = z.infer<typeof wireErrorSchema>;

/** Deeper JSON is refused before anything walks through it: whoever recurses over it would run out of stack. */
export const maxJsonDepth = 32;

const isShallow = (value: unknown): boolean => {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxJsonDepth) return false;
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return true;
};

/** A JSON object of any shape up to `maxJsonDepth`, as device payloads carry it. */
export const jsonObjectSchema = z
  .unknown()
  .refine(isShallow, { error: `nested deeper than ${maxJsonDepth}`, abort: true })
  .pipe(z.record(z.string().max(128), z.json()));
