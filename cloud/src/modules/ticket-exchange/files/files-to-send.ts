import { uuidPattern } from '@hallhub/shared';
import { type ExchangeLeft, type ExchangeMapping, maxExchangeFileBytes } from '@hallhub/shared/exchange';
import type { Tx } from '../../../db/index.js';
import type { TicketLines } from '../../tickets/ticket-hooks.js';
import type { LinkRow } from '../tables.js';

type Side = Pick<NonNullable<ExchangeMapping['outgoing']>, 'attach' | 'fields'>;

/** Of one message. */
const mostOfMessage = 20;
const taken = new Set([
  ...['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'application/pdf', 'video/mp4', 'audio/wav'],
  ...['application/zip', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
]);

export interface FilesToSend {
  readonly files: { sha256: string; name: string }[];
  readonly left?: ExchangeLeft[];
}

const isId = (value: unknown): value is string => typeof value === 'string' && uuidPattern.test(value);

interface Row {
  sha256: string;
  name: string;
  size_bytes: string;
  media_type: string;
}

/**
 * Files of a ticket that go along with the next message: those that the mapping lets out and that neither end has sent yet. What is too
 * large for the exchange is named with its reason.
 */
export const filesToSend = async (
  tx: Tx,
  of: { readonly lines: TicketLines; readonly link: LinkRow; readonly side: Side },
): Promise<FilesToSend> => {
  const { lines, link, side } = of;
  const fields = fieldsOut(lines, side);
  const attach = side.attach ?? 'named';
  if (attach === 'none' || (attach === 'named' && fields.length === 0)) return { files: [] };
  // What a field names may not be the ticket's yet: it is claimed in the same transaction, after this.
  const named = fields.flatMap((key) => lines.after.fields[key] ?? []).filter(isId);
  const { rows } = await tx.$client.query<Row>(
    `SELECT DISTINCT ON (sha256) sha256, name, size_bytes, media_type FROM ticket_files f
     WHERE tenant_id = $1 AND (id = ANY($3::uuid[]) OR (ticket_id = $2 AND (field = ANY($4::text[]) OR ($5 AND field IS NULL))))
       AND NOT EXISTS (SELECT 1 FROM exchange_ticket_files x WHERE x.tenant_id = f.tenant_id AND x.link_id = $6 AND x.sha256 = f.sha256)
     ORDER BY sha256, made_at, id LIMIT ${mostOfMessage}`,
    [lines.ticket.tenantId, lines.ticket.id, named, fields, attach === 'all', link.id],
  );
  const problems = new Map(rows.map((row) => [row.sha256, problemOf(row)]));
  const left = rows.flatMap(({ sha256, name }) => {
    const code = problems.get(sha256);
    return code === undefined ? [] : [{ sha256, name: name.slice(0, 200), code }];
  });
  const files = rows.filter(({ sha256 }) => problems.get(sha256) === undefined);
  return {
    files: files.map(({ sha256, name }) => ({ sha256, name: name.slice(0, 200) })),
    ...(left.length > 0 ? { left } : {}),
  };
};

const problemOf = ({ size_bytes, media_type }: Row): string | undefined => {
  if (Number(size_bytes) > maxExchangeFileBytes) return 'too_large';
  return taken.has(media_type) ? undefined : 'unsupported';
};

/** Personal ones only where the mapping names them itself. */
const fieldsOut = ({ kind }: TicketLines, { attach = 'named', fields }: Side): string[] => {
  const ofFiles = kind.fields.filter(({ type }) => type === 'files');
  if (attach === 'all')
    return ofFiles.filter(({ key, personal }) => !personal || key === fields.files).map(({ key }) => key);
  return ofFiles.filter(({ key }) => key === fields.files).map(({ key }) => key);
};
