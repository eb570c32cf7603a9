import { type LiveRecord, liveJson, type MediaEnd } from '@hallhub/shared/vision';
import { findInRing, type RingPlace } from './find-in-ring.js';
import { OpenRingFile } from './open-ring-file.js';
import { joinMs } from './recorded-spans.js';
import { listRingFiles, type RingFile } from './ring-folder.js';

export interface PlayRequest {
  /** Of one camera's ring. */
  readonly folder: string;
  readonly from: number;
  readonly to?: number | undefined;
  /** Where an earlier answer ended. */
  readonly cursor?: string | undefined;
  readonly pictures: 'all' | 'keys';
  /** Of one answer; one fragment may go over it. */
  readonly maxBytes: number;
}

/** Media time that strays further from the clock's than this is told anew. */
const strayMs = 1_500;
/** A group of pictures at most: whoever looks was written down as looking at the time that was asked for, whatever the cursor says. */
const backMs = 60_000;

const cursorOf = ({ file, at }: RingPlace): string => `${file.seq}.${at}`;
const end = (reason: MediaEnd['reason'], place: RingPlace | undefined, at?: number): LiveRecord =>
  liveJson('end', {
    ...{ v: 1, reason, cursor: place ? cursorOf(place) : null },
    ...(at === undefined ? {} : { at: Math.round(at) }),
  });

/**
 * What a camera recorded, as records of docs/protocol.md 8.5: reads a block at a time and only as fast as it is asked on. Where nothing
 * of that time or later is here it says so at once. The ring may go on and lose its oldest files meanwhile.
 */
export async function* playRing(request: PlayRequest): AsyncGenerator<LiveRecord, void, void> {
  const { folder, from, to, pictures, maxBytes } = request;
  let files = await listRingFiles(folder);
  let place = request.cursor === undefined ? await findInRing(files, from) : placeOf(files, request.cursor);
  let isFound = request.cursor === undefined;
  let sent = 0;
  let stream: string | undefined;
  let zeroAt: number | undefined;
  let endedMs: number | undefined;
  walk: while (place) {
    const opened = await OpenRingFile.open(place.file.file);
    if (!opened) {
      // Renamed as it was closed, or given up for space; one that was only just begun has nothing yet.
      files = await listRingFiles(folder);
      const { seq, file } = place.file;
      const next = files.find((one) => one.seq > seq || (one.seq === seq && one.file !== file));
      if (!next) {
        yield end('newest', place);
        return;
      }
      place = { file: next, at: next.seq === seq ? place.at : 0 };
      continue;
    }
    try {
      const anchor = await opened.entryAt(opened.start);
      let at = Math.max(place.at, opened.start);
      for (
        let entry = await opened.entryAt(at);
        entry;
        at = OpenRingFile.after(entry), entry = await opened.entryAt(at)
      ) {
        if (!isFound && endedMs === undefined && entry.atMs < from - backMs) {
          isFound = true;
          place = await findInRing(files, from);
          continue walk;
        }
        if (endedMs !== undefined && entry.atMs < endedMs - joinMs && at === opened.start) {
          yield end('jump', { file: place.file, at }, entry.atMs);
          return;
        }
        if (to !== undefined && entry.atMs >= to) {
          yield end('to', { file: place.file, at }, entry.atMs);
          return;
        }
        if (sent >= maxBytes) {
          yield end('more', { file: place.file, at }, entry.atMs);
          return;
        }
        endedMs = entry.atMs + entry.durationMs;
        if (pictures === 'keys' && !entry.isKeyframe) continue;
        if (stream !== opened.stream) {
          stream = opened.stream;
          const { codec, width, height, bytes } = opened.header;
          yield liveJson('describe', { v: 1, stream, codec, width, height });
          yield { kind: 'init', payload: bytes };
        }
        // All of a file by its first fragment: whoever begins in its middle gets the same times.
        const fileZero = anchor ? anchor.atMs - anchor.mediaMs : entry.atMs - entry.mediaMs;
        const zero = Math.abs(fileZero + entry.mediaMs - entry.atMs) > strayMs ? entry.atMs - entry.mediaMs : fileZero;
        if (zeroAt === undefined || (zero !== zeroAt && Math.abs(zero - zeroAt) > 0.01)) {
          zeroAt = zero;
          yield liveJson('time', { v: 1, zeroAt: Math.max(0, zero) });
        }
        const payload = await opened.read(entry);
        sent += payload.length;
        yield { kind: entry.isKeyframe ? 'key' : 'more', payload };
      }
      files = await listRingFiles(folder);
      const { seq } = place.file;
      const next = files.find((one) => one.seq > seq);
      // What was written between the last look and the next file's beginning still belongs to this one.
      const more: boolean = next !== undefined && (await opened.entryAt(at)) !== undefined;
      if (!next) {
        yield end('newest', { file: place.file, at });
        return;
      }
      place = more ? { file: place.file, at } : { file: next, at: 0 };
    } finally {
      await opened.close();
    }
  }
  yield end('newest', undefined);
}

/** A file that is gone meanwhile: the next that is left. */
const placeOf = (files: readonly RingFile[], cursor: string): RingPlace | undefined => {
  const [seq = 0, at = 0] = cursor.split('.').map(Number);
  const file = files.find((one) => one.seq >= seq);
  return file && { file, at: file.seq === seq ? at : 0 };
};
