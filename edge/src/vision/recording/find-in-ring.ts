import { OpenRingFile } from './open-ring-file.js';
import { joinMs } from './recorded-spans.js';
import type { RingEntry } from './ring-file.js';
import type { RingFile } from './ring-folder.js';

export interface RingPlace {
  readonly file: RingFile;
  /** Of a fragment's mark. */
  readonly at: number;
}

/**
 * Where to begin to show the time `fromMs`: the key picture at or before it, or the first of what was recorded next. Of a time that was recorded
 * twice (the clock was set back) the earlier recording. Undefined: nothing of then or later is here.
 */
export const findInRing = async (files: readonly RingFile[], fromMs: number): Promise<RingPlace | undefined> => {
  const holding = files.filter(
    ({ startMs, endMs }) => startMs <= fromMs && fromMs < (endMs ?? Number.POSITIVE_INFINITY),
  );
  for (const file of holding) {
    const at = await keyBefore(file, fromMs);
    if (at !== undefined) return { file, at };
  }
  const later = files.filter(({ startMs }) => startMs > fromMs).sort((a, b) => a.startMs - b.startMs || a.seq - b.seq);
  for (const file of later) {
    const opened = await OpenRingFile.open(file.file);
    if (!opened) continue;
    await opened.close();
    return { file, at: opened.start };
  }
  return undefined;
};

/** The last key picture that began at `fromMs` or before; undefined where the file ends before that time. */
const keyBefore = async ({ file }: RingFile, fromMs: number): Promise<number | undefined> => {
  const opened = await OpenRingFile.open(file);
  if (!opened) return undefined;
  try {
    let key: number | undefined;
    let last: RingEntry | undefined;
    for (let at = opened.start; ; ) {
      const entry = await opened.entryAt(at);
      if (!entry) break;
      if (entry.atMs > fromMs && key !== undefined) return key;
      if (entry.isKeyframe) key = at;
      last = entry;
      at = OpenRingFile.after(entry);
    }
    return last && last.atMs + last.durationMs + joinMs > fromMs ? key : undefined;
  } finally {
    await opened.close();
  }
};

/** When the last whole fragment of a file ends; for one that is still written. */
export const endOf = async (file: string): Promise<number | undefined> => {
  const opened = await OpenRingFile.open(file);
  if (!opened) return undefined;
  try {
    let end: number | undefined;
    for (let at = opened.start; ; ) {
      const entry = await opened.entryAt(at);
      if (!entry) return end;
      end = Math.round(entry.atMs + entry.durationMs);
      at = OpenRingFile.after(entry);
    }
  } finally {
    await opened.close();
  }
};
