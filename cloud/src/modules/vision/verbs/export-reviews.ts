import type { Readable } from 'node:stream';
import { HubError } from '@hallhub/shared';
import { sql } from 'drizzle-orm';
import { ZipFile } from 'yazl';
import type { BlobStore } from '../../../blobs/index.js';
import { withTenant } from '../../../db/index.js';
import { inExportPlace } from '../../../workbook/export-places.js';
import { writeWorkbook } from '../../../workbook/write-workbook.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { type ExportedFinding, sheetOfReviews } from '../export/sheet-of-reviews.js';
import type { FileLanguage } from '../export/words.js';
import { readFindings, readItems, reviewWhere } from '../read-reviews.js';
import type { ReviewFilter } from '../review-contract.js';

export interface ExportInput extends ReviewFilter {
  readonly files: 'none' | 'pictures' | 'all';
  readonly language: FileLanguage;
}

export const mostExported = 2_000;
/** An item can hold 64: they are read all at once. */
const mostFindings = 10_000;

const extensions: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
};

interface ArchivedFile {
  readonly name: string;
  readonly sha256: string;
}

/**
 * A ZIP of a sheet and the pictures it links to, made while it is sent: one file is open at a time. That it was taken out of the
 * house stands in the trail for each camera, before the first byte. Errors: `too_large` past 2,000 items, `rate_limited`.
 */
export const exportReviews = async (
  ctx: VerbContext,
  deps: { readonly blobs: BlobStore },
  input: ExportInput,
): Promise<Readable> => {
  const { body } = await inExportPlace(ctx.actor, async () => ({ body: await makeArchive(ctx, deps, input) }));
  return body;
};

const makeArchive = async (
  ctx: VerbContext,
  { blobs }: { readonly blobs: BlobStore },
  input: ExportInput,
): Promise<Readable> => {
  const { tenantId } = ctx.actor;
  const { files: wanted, language, ...filter } = input;
  const { rows, files } = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const reach = inReach(sql`i.hall_id`, ctx.actor, 'evidence.read') ?? sql`true`;
    const items = await readItems(tx, {
      tenantId,
      where: sql`${reviewWhere(ctx, filter)} AND ${reach}`,
      order: sql`i.started_at, i.id`,
      limit: mostExported + 1,
    });
    if (items.length > mostExported) {
      throw new HubError('too_large', `More than ${mostExported} items at once`, {
        context: { most: mostExported },
        hint: 'Choose a shorter time or a single camera.',
      });
    }
    const count = items.reduce((sum, item) => sum + item.findings, 0);
    if (count > mostFindings) {
      throw new HubError('too_large', `More than ${mostFindings} findings at once`, {
        context: { most: mostFindings },
        hint: 'Choose a shorter time or a single camera.',
      });
    }
    const findings = await readFindings(tx, { tenantId, itemIds: items.map(({ id }) => id) });
    const ids = [...findings.values()].flat().flatMap(({ evidence }) => evidence.map(({ id }) => id));
    const stored = await tx.$client.query<{ id: string; sha256: string }>(
      `SELECT id, encode(stored_sha256, 'hex') AS sha256 FROM evidence WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND state = 'complete'`,
      [tenantId, ids],
    );
    const blobOf = new Map(stored.rows.map(({ id, sha256 }) => [id, sha256]));
    const files: ArchivedFile[] = [];
    const inArchive = new Set<string>();
    const taken = new Map<string, { name: string; hallId: string; findings: number; files: number }>();
    const rows = items.flatMap((item) =>
      (findings.get(item.id) ?? []).map((finding): ExportedFinding => {
        const names: Partial<Record<'overview' | 'closeup' | 'clip' | 'composite', string>> = {};
        for (const { id, role, state, mediaType } of finding.evidence) {
          const sha256 = blobOf.get(id);
          if (state !== 'complete' || !sha256 || wanted === 'none' || (wanted === 'pictures' && role === 'clip'))
            continue;
          if (names[role] !== undefined) continue;
          // Numbers are of 40 bits and a unit makes them: a picture must not stand for another finding of the same one.
          const place = `${role === 'clip' ? 'clips' : 'pictures'}/${finding.number}-${role}`;
          const extension = extensions[mediaType ?? ''] ?? 'bin';
          let name = `${place}.${extension}`;
          for (let other = 2; inArchive.has(name); other++) name = `${place}-${other}.${extension}`;
          inArchive.add(name);
          names[role] = name;
          files.push({ name, sha256 });
        }
        const camera = taken.get(item.deviceId) ?? {
          name: item.deviceName,
          hallId: item.hallId,
          findings: 0,
          files: 0,
        };
        camera.findings += 1;
        camera.files += Object.keys(names).length;
        taken.set(item.deviceId, camera);
        return { item, finding, files: names };
      }),
    );
    for (const [deviceId, camera] of taken) {
      await audit(tx, ctx, {
        action: 'review.exported',
        target: { kind: 'camera', id: deviceId, name: camera.name },
        hallId: camera.hallId,
        after: { findings: camera.findings, files: camera.files, of: wanted, filter },
      });
    }
    return { rows, files };
  });
  const zip = new ZipFile();
  zip.addBuffer(await writeWorkbook([sheetOfReviews(rows, language)]), `findings.xlsx`, {
    mtime: new Date(ctx.clock.now()),
  });
  const output = zip.outputStream as Readable;
  let open: Readable | undefined;
  for (const { name, sha256 } of files) {
    zip.addReadStreamLazy(name, { compress: false, mtime: new Date(ctx.clock.now()) }, (done) => {
      blobs.open({ tenantId, sha256 }).then(
        (stream) => {
          open = stream;
          done(null, stream);
        },
        (error: unknown) => done(error, undefined as never),
      );
    });
  }
  // Somebody who goes away half-way leaves no file open.
  output.once('close', () => open?.destroy());
  zip.on('error', (error: Error) => output.destroy(error));
  zip.end();
  return output;
};
