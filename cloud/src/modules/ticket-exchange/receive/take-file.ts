import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isHubError } from '@hallhub/shared';
import { exchangeUploadSchema, maxExchangeFileBytes } from '@hallhub/shared/exchange';
import { assertRoom, type BlobKey, freeBytesOf } from '../../../blobs/index.js';
import { withTenant } from '../../../db/index.js';
import { checkUpload } from '../../../http/check-upload.js';
import { lockContent } from '../../tickets/files/lock-content.js';
import { sha256Hex } from '../channel/channel-secret.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import type { ChannelRow } from '../tables.js';
import { Refused } from './refused.js';

const kinds = ['jpeg', 'png', 'webp', 'gif', 'pdf', 'mp4', 'wav'] as const;

/** Takes an attachment before the message that names it. Throws `Refused`: `invalid`, `too_large`. */
export const takeFile = async (
  deps: ExchangeDeps,
  channel: ChannelRow,
  body: string,
): Promise<{ readonly v: 1; readonly result: 'accepted' | 'repeated'; readonly sha256: string }> => {
  const read = exchangeUploadSchema.safeParse(parse(body));
  if (!read.success) throw new Refused('invalid', read.error.issues[0]?.message ?? 'Not a file');
  const { sha256, name } = read.data;
  const bytes = Buffer.from(read.data.content, 'base64');
  if (sha256Hex(bytes) !== sha256) throw new Refused('invalid', 'The SHA-256 is not the content’s');
  try {
    checkUpload({ name, bytes: bytes.length, head: bytes.subarray(0, 16) }, { kinds, maxBytes: maxExchangeFileBytes });
  } catch (error) {
    if (!isHubError(error)) throw error;
    throw new Refused(error.code === 'too_large' ? 'too_large' : 'invalid', error.message);
  }
  const key = { tenantId: channel.tenantId, sha256 };
  const isNew = await withTenant(deps.database, channel, async (tx) => {
    await lockContent(tx, key);
    if ((await deps.blobs.stat(key)) === undefined) await putContent(deps, key, bytes);
    const { rowCount } = await tx.$client.query(
      `INSERT INTO exchange_files (tenant_id, channel_id, direction, sha256, name, bytes, at) VALUES ($1, $2, 'in', $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
      [channel.tenantId, channel.id, sha256, name, bytes.length, new Date(deps.clock.now())],
    );
    return rowCount === 1;
  });
  return { v: 1, result: isNew ? 'accepted' : 'repeated', sha256 };
};

const putContent = async (deps: ExchangeDeps, key: BlobKey, bytes: Buffer): Promise<void> => {
  await mkdir(deps.uploadsDir, { recursive: true, mode: 0o700 });
  assertRoom(await freeBytesOf(deps.uploadsDir), bytes.length);
  const draft = join(deps.uploadsDir, `${randomUUID()}.part`);
  try {
    await writeFile(draft, bytes, { mode: 0o600 });
    await deps.blobs.adopt(key, draft);
  } finally {
    await rm(draft, { force: true });
  }
};

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};
