import { createHash, sign } from 'node:crypto';
import { uuidv7 } from '@hallhub/shared';
import type { BundleHeader } from '@hallhub/shared/wire';
import type { TestStream } from '../streams/testing.js';

export interface TestPart {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Where it is not the part's own. */
  readonly sha256?: string;
}

export interface TestBundle {
  readonly unitId: string;
  readonly parts: readonly TestPart[];
  readonly streams?: BundleHeader['streams'];
  readonly id?: string;
  readonly madeAt?: number;
  /** PEM. Left out: a signature that nobody checks. */
  readonly signer?: { readonly privateKeyPem: string; readonly certificate: string };
  /** What a unit never writes. */
  readonly change?: object;
}

/** As `hub bundle export` writes it, by hand. */
export const makeTestBundle = (given: TestBundle): Buffer => {
  const { unitId, parts, streams = [], id = uuidv7(), madeAt = Date.now(), signer, change } = given;
  const header = {
    ...{ v: 1, kind: 'up', id, unitId, madeAt, software: '0.1.0-test', streams },
    parts: parts.map(({ name, bytes, sha256 = createHash('sha256').update(bytes).digest('hex') }) => ({
      ...{ name, bytes: bytes.length, sha256 },
    })),
    ...change,
  };
  const line = Buffer.from(JSON.stringify(header));
  const signature = JSON.stringify({
    algorithm: 'ecdsa-p256-sha256',
    signature: signer ? sign('sha256', line, signer.privateKeyPem).toString('base64') : 'AAAA',
    certificates: [signer?.certificate ?? 'none'],
  });
  return Buffer.concat([line, Buffer.from(`\n${signature}\n`), ...parts.map(({ bytes }) => bytes)]);
};

/** Batches of `rows` rows each, from the row after `cursor` up to `toSeq`. */
export const batchParts = (
  stream: TestStream,
  { cursor, toSeq = stream.head, rows }: { readonly cursor: number; readonly toSeq?: number; readonly rows: number },
): TestPart[] => {
  const parts: TestPart[] = [];
  for (let first = cursor + 1; first <= toSeq; first += rows) {
    const count = Math.min(rows, toSeq - first + 1);
    parts.push({ name: `batch/${stream.lane}/${parts.length + 1}`, bytes: stream.batch(first, count) });
  }
  return parts;
};

export const streamOf = ({ lane, epoch }: TestStream, fromSeq: number, toSeq: number) => ({
  ...{ lane, epoch, fromSeq, toSeq },
});
