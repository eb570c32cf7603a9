import type { Framing } from '../serial-schema.js';

/** A copy with the scrambled bytes shifted: `sign` 1 as for the wire, -1 back. A frame that is too short stays as it is. */
export function scramble(rule: NonNullable<Framing['scramble']>, frame: Uint8Array, sign: 1 | -1): Uint8Array {
  const shifted = frame.slice();
  for (let at = rule.from; at < frame.length + rule.until; at++) {
    shifted[at] = ((frame[at] ?? 0) + sign * rule.add) & 0xff;
  }
  return shifted;
}
