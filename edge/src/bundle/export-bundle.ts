import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Clock, HubError, uuidv7 } from '@hallhub/shared';
import {
  type BundleHeader,
  type BundlePart,
  bundleHeaderSchema,
  bundleSignatureSchema,
  defaultBatchLimits,
  laneNames,
  maxBundleParts,
} from '@hallhub/shared/wire';
import { type EvidenceStore, hashOfFile } from '../evidence/index.js';
import type { UnitIdentity } from '../identity/index.js';
import { type ClockSegments, type Cursor, encodeContent, nextContent, type Outbox } from '../outbox/index.js';
import { makeFolder } from '../store/make-folder.js';

export interface ExportDeps {
  readonly outbox: Outbox;
  readonly evidence: EvidenceStore;
  readonly segments: ClockSegments;
  readonly clock: Clock;
  readonly identity: UnitIdentity;
  /** Signs gaps. */
  readonly secret: string;
  readonly bootId: string;
  readonly software: string;
}

export interface ExportedBundle {
  readonly id: string;
  readonly file: string;
  readonly bytes: number;
  readonly madeAt: number;
  readonly streams: BundleHeader['streams'];
  readonly rows: number;
  readonly files: number;
  /** What did not fit under the limit and waits for the next one. */
  readonly left: { readonly rows: number; readonly files: number };
}

/**
 * docs/protocol.md 7. Everything that the cloud has not acknowledged, events first, then files, as far as it fits. The unit keeps all of it: only a receipt, or the
 * line, lets it go. Written beside and renamed, so that a stick pulled out too early holds no half a bundle under the right name.
 */
export const exportBundle = async (
  deps: ExportDeps,
  { folder, maxBytes, withFiles }: { readonly folder: string; readonly maxBytes: number; readonly withFiles: boolean },
): Promise<ExportedBundle> => {
  const { clock, identity, software } = deps;
  const madeAt = clock.now();
  const id = uuidv7(madeAt);
  const stamp = new Date(madeAt).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const prefix = `hallhub-${identity.unitId.slice(-8)}-`;
  // A unit whose clock begins anew at each start makes the same time twice.
  const file = path.join(folder, `${prefix}${stamp}-${id.slice(-4)}.hhb`);
  const [body, draft] = [`${file}.body.part`, `${file}.part`];
  // A file that the line takes meanwhile stays until it is copied.
  const release = deps.evidence.keepFiles();
  try {
    await prepareFolder(folder, prefix);
    const written = await writeBatches(deps, body, maxBytes);
    const files = withFiles
      ? await chooseFiles(deps.evidence, maxBytes - written.bytes, maxBundleParts - written.parts.length)
      : [];
    const parts = [...written.parts, ...files.map(({ part }) => part)];
    if (parts.length === 0 && written.leftRows > 0) {
      throw new HubError('too_large', 'nothing fits into a bundle of this size', {
        hint: 'hub bundle export --max 64M',
      });
    }
    const { unitId } = identity;
    const header: BundleHeader = { v: 1, kind: 'up', id, unitId, madeAt, software, streams: written.streams, parts };
    const line = Buffer.from(JSON.stringify(bundleHeaderSchema.parse(header)));
    const signature = JSON.stringify(
      bundleSignatureSchema.parse({
        algorithm: 'ecdsa-p256-sha256',
        signature: identity.sign(line).toString('base64'),
        certificates: [...identity.certificates],
      }),
    );
    const sources = [body, ...files.map(({ source }) => source)];
    await pipeline(
      joined([line, Buffer.from(`\n${signature}\n`)], sources),
      createWriteStream(draft, { flags: 'wx', mode: 0o640, flush: true }),
    );
    const { size: bytes } = await stat(draft);
    await rename(draft, file);
    await syncFolder(folder);
    const left = { rows: written.leftRows, files: deps.evidence.waiting.files - files.length };
    return { ...{ id, file, bytes, madeAt, streams: written.streams, rows: written.rows, files: files.length }, left };
  } catch (error) {
    throw folderError(error, folder);
  } finally {
    for (const left of [body, draft]) await rm(left, { force: true }).catch(() => undefined);
    await release();
  }
};

/** Without what an export that was killed left there. */
const prepareFolder = async (folder: string, prefix: string): Promise<void> => {
  makeFolder(folder, 0o750);
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix) && name.endsWith('.part'));
  for (const name of names) await rm(path.join(folder, name), { force: true });
};

const folderError = (error: unknown, folder: string): unknown => {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') {
    return new HubError('store_full', `there is no room for the bundle in ${folder}`, { cause: error });
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new HubError('invalid_input', `${folder} is no folder`, { cause: error, hint: '--to another folder' });
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'ENOENT') {
    return new HubError('forbidden', `the agent may not write into ${folder}`, {
      cause: error,
      hint: '--to another folder',
    });
  }
  return error;
};

interface Written {
  readonly parts: BundlePart[];
  readonly streams: BundleHeader['streams'];
  readonly bytes: number;
  readonly rows: number;
  readonly leftRows: number;
}

const writeBatches = async (deps: ExportDeps, file: string, maxBytes: number): Promise<Written> => {
  const { outbox, segments, clock, identity, secret, bootId } = deps;
  const parts: BundlePart[] = [];
  const streams: BundleHeader['streams'] = [];
  let [bytes, rows, leftRows, isFull] = [0, 0, 0, false];
  const handle = await open(file, 'wx', 0o600);
  try {
    for (const lane of laneNames) {
      const store = outbox.lane(lane);
      const { epoch } = store;
      let cursor: Cursor = store.base;
      let number = 0;
      while (!isFull && store.epoch === epoch) {
        // Acknowledged by the line meanwhile: the cloud has those rows, and no gap is to say that it has not.
        if (cursor.seq < store.base.seq) cursor = store.base;
        const { maxBatchBytes, maxBatchRows } = defaultBatchLimits;
        const content = nextContent(store, cursor, { maxRows: maxBatchRows, maxBytes: maxBatchBytes });
        if (content === 'nothing' || content === 'broken') break;
        const facts = { unitId: identity.unitId, secret, bootId, monoMs: Math.round(clock.monotonicMs()) };
        const wire = { sentAt: clock.now(), clock: segments.wire(content.segment), pack: 'best' } as const;
        const payload = await encodeContent(lane, content, { ...facts, ...wire });
        if (bytes + payload.length > maxBytes || parts.length >= maxBundleParts) {
          isFull = true;
          break;
        }
        await handle.write(payload);
        const sha256 = createHash('sha256').update(payload).digest('hex');
        parts.push({ name: `batch/${lane}/${++number}`, bytes: payload.length, sha256 });
        const [known] = streams.filter((one) => one.lane === lane);
        if (known) known.toSeq = content.lastSeq;
        else streams.push({ lane, epoch, fromSeq: content.firstSeq, toSeq: content.lastSeq });
        bytes += payload.length;
        rows += content.count;
        cursor = { seq: content.lastSeq, chain: content.chain };
      }
      leftRows += Math.max(0, store.head.seq - cursor.seq);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { parts, streams, bytes, rows, leftRows };
};

/** Oldest first; one that is damaged on the disk stays behind: the uploader says so. */
const chooseFiles = async (evidence: EvidenceStore, maxBytes: number, maxFiles: number) => {
  const chosen: { readonly part: BundlePart; readonly source: string }[] = [];
  let left = maxBytes;
  for (const { evidenceId, bytes, sha256 } of evidence.listWaiting(Math.min(10_000, maxFiles))) {
    if (bytes > left) continue;
    const source = evidence.pathOf(evidenceId);
    if ((await hashOfFile(source)) !== sha256) continue;
    chosen.push({ part: { name: `evidence/${evidenceId}`, bytes, sha256 }, source });
    left -= bytes;
  }
  return chosen;
};

const joined = async function* (lines: readonly Buffer[], files: readonly string[]): AsyncGenerator<Buffer> {
  yield* lines;
  for (const file of files) yield* createReadStream(file) as Readable & AsyncIterable<Buffer>;
};

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync().catch(() => undefined);
  } finally {
    await handle.close();
  }
};
