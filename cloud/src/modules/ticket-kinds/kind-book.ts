import { HubError, isHubError } from '@hallhub/shared';
import { type TicketKind, ticketKindSchema } from '@hallhub/shared/ticket';
import type { Tx } from '../../db/index.js';

export interface PublishedKind {
  readonly version: number;
  readonly kind: TicketKind;
}

const mostKept = 500;
/** Versions never change: what was read once is so for ever. */
const kept = new Map<string, TicketKind>();

/** One published version; left out: the one that new tickets begin with. Undefined: there is none, or it was retired. Errors: `configuration` where its document is damaged. */
export const readKind = async (
  tx: Tx,
  tenantId: string,
  code: string,
  version?: number,
): Promise<PublishedKind | undefined> => {
  const number = version ?? (await publishedVersion(tx, tenantId, code));
  if (number === undefined) return undefined;
  const key = `${tenantId} ${code} ${number}`;
  const known = kept.get(key);
  if (known) return { version: number, kind: known };
  const { rows } = await tx.$client.query<{ document: unknown }>(
    'SELECT document FROM ticket_kind_versions WHERE tenant_id = $1 AND code = $2 AND version = $3',
    [tenantId, code, number],
  );
  const [row] = rows;
  if (!row) return undefined;
  // Read by today's schema: what it has learned since has its default there.
  const read = ticketKindSchema.safeParse(row.document);
  if (read.success) return { version: number, kind: keep(key, read.data) };
  throw new HubError('configuration', `The document of version ${number} of the kind ${code} is damaged`, {
    cause: read.error,
    context: { kind: code, version: number },
  });
};

/** For what shows many tickets: a kind whose document is damaged is as one that is not there. */
export const readSoundKind = async (
  tx: Tx,
  tenantId: string,
  code: string,
  version: number,
): Promise<PublishedKind | undefined> => {
  try {
    return await readKind(tx, tenantId, code, version);
  } catch (error) {
    if (isHubError(error, 'configuration')) return undefined;
    throw error;
  }
};

/** Kinds that new tickets can be made of, by code. */
export const listMakeable = async (
  tx: Tx,
  tenantId: string,
): Promise<readonly (PublishedKind & { readonly code: string })[]> => {
  const { rows } = await tx.$client.query<{ code: string; version: number }>(
    `SELECT code, published_version AS version FROM ticket_kinds
     WHERE tenant_id = $1 AND published_version IS NOT NULL AND retired_at IS NULL ORDER BY code`,
    [tenantId],
  );
  const found: (PublishedKind & { readonly code: string })[] = [];
  for (const { code, version } of rows) {
    const published = await readKind(tx, tenantId, code, version);
    if (published) found.push({ code, ...published });
  }
  return found;
};

const publishedVersion = async (tx: Tx, tenantId: string, code: string): Promise<number | undefined> => {
  const { rows } = await tx.$client.query<{ version: number | null }>(
    'SELECT published_version AS version FROM ticket_kinds WHERE tenant_id = $1 AND code = $2 AND retired_at IS NULL',
    [tenantId, code],
  );
  return rows[0]?.version ?? undefined;
};

const keep = (key: string, kind: TicketKind): TicketKind => {
  if (kept.size >= mostKept) kept.delete(kept.keys().next().value ?? '');
  kept.set(key, kind);
  return kind;
};
