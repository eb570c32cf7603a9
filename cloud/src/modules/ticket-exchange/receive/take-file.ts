import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isHubError } from '@hallhub/shared';
import { exchangeUploadSchema, maxExchangeFileBytes } from '@hallhub/shared/exchange';
import { assertRoom, type BlobKey, freeBytesOf } from '../../../blobs/index.js';
import { withTenant } from '../../../db/index.js';
import { checkUpload } from '../../../http/check-upload.js';
import { lockContent } from '../../tickets/files/lock-content.js';
import { mediaTypeOf, ticketFileKinds } from '../../tickets/files/receive-file.js';
import { sha256Hex } from '../channel/channel-secret.js';
import { parseJson } from '../channel/parse-json.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { safeFileName } from '../files/safe-name.js';
import type { ChannelRow } from '../tables.js';
import { Refused } from './refused.js';

interface TakenFile {
  readonly v: 1;
  readonly result: 'accepted' | 'repeated';
  readonly sha256: string;
}

/**
 * Takes an attachment before the message that names it. Throws `Refused`: `invalid`, `too_large`; that it was refused is kept, so that
 * the message is taken without it.
 */
export const takeFile = async (deps: ExchangeDeps, channel: ChannelRow, body: string): Promise<TakenFile> => {
  const read = exchangeUploadSchema.safeParse(parseJson(body));
  if (!read.success) throw new Refused('invalid', read.error.issues[0]?.message ?? 'Not a file');
  const { sha256 } = read.data;
  const name = safeFileName(read.data.name);
  const bytes = Buffer.from(read.data.content, 'base64');
  const file = { sha256, name, bytes: bytes.length };
  if (sha256Hex(bytes) !== sha256) {
    throw await refuse(deps, channel, file, new Refused('invalid', 'The SHA-256 is not the content’s'));
  }
  let mediaType: string;
  try {
    const rules = { kinds: ticketFileKinds, maxBytes: maxExchangeFileBytes };
    const { kind } = checkUpload({ name, bytes: bytes.length, head: bytes.subarray(0, 16) }, rules);
    mediaType = mediaTypeOf(kind, name);
  } catch (error) {
    if (!isHubError(error)) throw error;
    throw await refuse(
      deps,
      channel,
      file,
      new Refused(error.code === 'too_large' ? 'too_large' : 'invalid', error.message),
    );
  }
  const key = { tenantId: channel.tenantId, sha256 };
  const isNew = await withTenant(deps.database, channel, async (tx) => {
    await lockContent(tx, key);
    if ((await deps.blobs.stat(key)) === undefined) await putContent(deps, key, bytes);
    const { rows } = await tx.$client.query<{ is_new: boolean }>(
      `INSERT INTO exchange_files (tenant_id, channel_id, direction, sha256, name, bytes, media_type, at)
       VALUES ($1, $2, 'in', $3, $4, $5, $6, $7)
       ON CONFLICT (tenant_id, channel_id, direction, sha256) DO UPDATE SET name = excluded.name, bytes = excluded.bytes,
         media_type = excluded.media_type, at = excluded.at, refused = NULL, detail = NULL
       RETURNING xmax = 0 AS is_new`,
      [channel.tenantId, channel.id, sha256, name, bytes.length, mediaType, new Date(deps.clock.now())],
    );
    return rows[0]?.is_new === true;
  });
  return { v: 1, result: isNew ? 'accepted' : 'repeated', sha256 };
};

/** Under the name that the message will use: what was taken before under it stays taken. */
const refuse = async (
  { database, clock }: ExchangeDeps,
  channel: ChannelRow,
  file: { readonly sha256: string; readonly name: string; readonly bytes: number },
  refused: Refused,
): Promise<Refused> => {
  await withTenant(database, channel, (tx) =>
    tx.$client.query(
      `INSERT INTO exchange_files (tenant_id, channel_id, direction, sha256, name, bytes, refused, detail, at)
       VALUES ($1, $2, 'in', $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
      [
        ...[channel.tenantId, channel.id, file.sha256, file.name, file.bytes],
        ...[refused.code, refused.detail.slice(0, 500), new Date(clock.now())],
      ],
    ),
  );
  return refused;
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
