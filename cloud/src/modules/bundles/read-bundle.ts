import { open, stat } from 'node:fs/promises';
import { HubError, uuidPattern } from '@hallhub/shared';
import {
  type BundleHeader,
  bundleHeaderSchema,
  bundleSignatureSchema,
  defaultBatchLimits,
  evidenceOfPart,
  laneOfPart,
  maxBundleHeaderBytes,
  maxBundleSignatureBytes,
  maxEvidenceBytes,
  maxHeaderBytes,
} from '@hallhub/shared/wire';
import { hashFile } from '../../blobs/index.js';
import type { Pki } from '../pki/pki-port.js';

export interface PlacedPart {
  readonly name: string;
  readonly sha256: string;
  /** In the file; `end` counts in, and lies before `start` where the part is empty. */
  readonly start: number;
  readonly end: number;
}

export interface ReadBundle {
  readonly header: BundleHeader;
  readonly parts: readonly PlacedPart[];
}

const refuse = (message: string, hint: string): HubError => new HubError('invalid_input', message, { hint });
const again = 'Copy it from the stick again; if that does not help, make a new one: hub bundle export.';

/**
 * Everything about a bundle that needs no stream: whose it is, that it is whole and nobody changed it. Nothing is unpacked here, and no length is
 * believed that the file itself does not bear out. Throws `invalid_input` or `forbidden`, in words for whoever holds the stick.
 */
export const readBundle = async (file: string, pki: Pick<Pki, 'verifyUnit'>): Promise<ReadBundle> => {
  const lines = await firstLines(file);
  if (!lines) throw refuse('This file is no bundle', 'A bundle ends in .hhb and comes from hub bundle export.');
  const header = bundleHeaderSchema.safeParse(parse(lines.header));
  const signature = bundleSignatureSchema.safeParse(parse(lines.signature));
  if (!header.success || !signature.success) throw refuse('This file is no bundle that is understood here', again);
  const { signature: text, certificates } = signature.data;
  const unitId = await pki.verifyUnit(lines.header, Buffer.from(text, 'base64'), certificates);
  if (unitId === null || unitId !== header.data.unitId) {
    throw new HubError('forbidden', 'This bundle is not signed by a unit of this cloud', {
      hint: 'It was changed, its unit was archived, its certificate revoked, or it belongs to another cloud.',
    });
  }
  const parts: PlacedPart[] = [];
  let at = lines.bytes;
  const names = new Set<string>();
  for (const { name, bytes, sha256 } of header.data.parts) {
    const most = laneOfPart(name) ? defaultBatchLimits.maxBatchBytes + maxHeaderBytes + 65_536 : maxEvidenceBytes;
    if (bytes > most) throw refuse(`The part ${name} of this bundle is larger than a part may be`, again);
    if (names.has(name)) throw refuse(`The part ${name} is in this bundle twice`, again);
    if (!laneOfPart(name) && !uuidPattern.test(evidenceOfPart(name) ?? ''))
      throw refuse(`The part ${name} is not known here`, again);
    names.add(name);
    parts.push({ name, sha256, start: at, end: at + bytes - 1 });
    at += bytes;
  }
  const { size } = await stat(file);
  if (size !== at) {
    const what = size < at ? 'is not whole' : 'has more in it than it says';
    throw refuse(`This bundle ${what}: ${size} bytes instead of ${at}`, again);
  }
  for (const part of parts) {
    if ((await hashFile(file, part)) !== part.sha256)
      throw refuse(`The part ${part.name} of this bundle is damaged`, again);
  }
  return { header: header.data, parts };
};

export const readPart = async (file: string, { start, end }: PlacedPart): Promise<Buffer> => {
  const handle = await open(file, 'r');
  try {
    const bytes = Buffer.alloc(end - start + 1);
    await handle.read(bytes, 0, bytes.length, start);
    return bytes;
  } finally {
    await handle.close();
  }
};

const firstLines = async (file: string) => {
  const most = maxBundleHeaderBytes + maxBundleSignatureBytes + 2;
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const head = Buffer.alloc(Math.min(most, size));
    await handle.read(head, 0, head.length, 0);
    const first = head.indexOf(0x0a);
    const second = first < 0 ? -1 : head.indexOf(0x0a, first + 1);
    if (head[0] !== 0x7b || second < 0 || first > maxBundleHeaderBytes) return undefined;
    return { header: head.subarray(0, first), signature: head.subarray(first + 1, second), bytes: second + 1 };
  } finally {
    await handle.close();
  }
};

const parse = (line: Buffer): unknown => {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
};
