import { z } from 'zod';
import { epochMsSchema, idSchema } from '../wire/primitives.js';
import type { MediaEnd, MediaTime } from './recordings.js';
import type { LiveSight, LiveTracks } from './turning.js';

/**
 * docs/protocol.md 8.4. What a camera's live stream consists of, on its way from the unit to a browser:
 * `describe` JSON, `init` (ftyp + moov), `key` (moof + mdat that begins with a key picture), `more` (one that does not), `state` JSON.
 * Of recordings (8.5) also `time` and `end`, JSON; of live pictures `tracks` and `sight` (8.6), where they are asked for.
 */
export const liveKinds = ['describe', 'init', 'key', 'more', 'state', 'time', 'end', 'tracks', 'sight'] as const;
export type LiveKind = (typeof liveKinds)[number];

export interface LiveRecord {
  readonly kind: LiveKind;
  readonly payload: Uint8Array;
}

export const liveDescriptionSchema = z.object({
  v: z.literal(1),
  /** The same as before: pictures go on where they were, although the request is a new one. */
  stream: z.string().min(1).max(36),
  /** As MediaSource wants it: `avc1.64001f`. */
  codec: z.string().regex(/^[a-zA-Z0-9.]{1,64}$/),
  width: z.number().int().min(1).max(16_384),
  height: z.number().int().min(1).max(16_384),
});
export type LiveDescription = z.infer<typeof liveDescriptionSchema>;

export const liveStates = ['asking', 'live', 'silent', 'refused', 'ended'] as const;
export const liveStateSchema = z.object({
  v: z.literal(1),
  state: z.enum(liveStates),
  /** A code, for the texts of whoever shows it: `unit_offline`, `camera_gone`, `not_watched`, `busy`, `metered`, `cannot_convert`. */
  reason: z.string().max(64).optional(),
});
export type LiveState = z.infer<typeof liveStateSchema>;

/** As the camera encodes it, or encoded anew as MPEG-1 for a browser that cannot play that. */
export const liveForms = ['copy', 'mpeg1'] as const;
export type LiveForm = (typeof liveForms)[number];
/** In `describe.codec`: records hold MPEG transport stream packets and there is no `init`. */
export const mpeg1Codec = 'mpeg1';

/** `down/live`: somebody looks at this camera for the next `leaseMs`; said again while they do. */
export const downLiveSchema = z.object({
  v: z.literal(1),
  deviceId: idSchema,
  leaseMs: z.number().int().min(0).max(120_000),
  /** Beside the pictures, for the same lease: `tracks`, `sight`. An older unit sends pictures alone. */
  want: z.array(z.string().max(16)).max(8).optional(),
  form: z.enum(liveForms).optional(),
  /** Somebody who may asked for pictures although the unit's line is paid for by volume. */
  despiteMetered: z.boolean().optional(),
  at: epochMsSchema,
});
export type DownLive = z.infer<typeof downLiveSchema>;

/** Of one record: a key picture of 4K at a high rate is below. */
export const maxLiveRecordBytes = 8 * 1024 * 1024;
const headBytes = 5;

/** Length of kind and payload (uint32, big endian), kind, payload. */
export const encodeLiveRecord = ({ kind, payload }: LiveRecord): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(headBytes + payload.length);
  new DataView(bytes.buffer).setUint32(0, payload.length + 1);
  bytes[4] = liveKinds.indexOf(kind);
  bytes.set(payload, headBytes);
  return bytes;
};

/** A record as one message: kind, payload. */
export const liveMessage = ({ kind, payload }: LiveRecord): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(1 + payload.length);
  bytes[0] = liveKinds.indexOf(kind);
  bytes.set(payload, 1);
  return bytes;
};

/** Undefined for what is no record. */
export const readLiveMessage = (bytes: Uint8Array): LiveRecord | undefined => {
  const kind = liveKinds[bytes[0] ?? liveKinds.length];
  return kind && bytes.length <= maxLiveRecordBytes ? { kind, payload: bytes.subarray(1) } : undefined;
};

/** Cuts a byte stream into records; throws `RangeError` where it is none. */
export class LiveRecordReader {
  #parts: Uint8Array[] = [];
  #held = 0;
  #wanted = headBytes - 1;
  #inBody = false;

  push(chunk: Uint8Array): LiveRecord[] {
    const records: LiveRecord[] = [];
    this.#parts.push(chunk);
    this.#held += chunk.length;
    while (this.#held >= this.#wanted) {
      const bytes = this.#take(this.#wanted);
      if (!this.#inBody) {
        const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
        if (length < 1 || length > maxLiveRecordBytes) throw new RangeError(`a record of ${length} bytes`);
        this.#wanted = length;
        this.#inBody = true;
        continue;
      }
      const record = readLiveMessage(bytes);
      if (!record) throw new RangeError(`a record of kind ${bytes[0]}`);
      records.push(record);
      this.#wanted = headBytes - 1;
      this.#inBody = false;
    }
    return records;
  }

  #take(count: number): Uint8Array {
    const taken = new Uint8Array(count);
    let at = 0;
    while (at < count) {
      const part = this.#parts[0] as Uint8Array;
      const used = Math.min(part.length, count - at);
      taken.set(part.subarray(0, used), at);
      at += used;
      if (used === part.length) this.#parts.shift();
      else this.#parts[0] = part.subarray(used);
    }
    this.#held -= count;
    return taken;
  }
}

export const liveJson = (
  kind: 'describe' | 'state' | 'time' | 'end' | 'tracks' | 'sight',
  value: LiveDescription | LiveState | MediaTime | MediaEnd | LiveTracks | LiveSight,
): LiveRecord => ({
  kind,
  payload: new TextEncoder().encode(JSON.stringify(value)),
});
