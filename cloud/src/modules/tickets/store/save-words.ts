import type { Tx } from '../../../db/index.js';

/** What a ticket is found by from now on. */
export const saveWords = async (
  tx: Tx,
  of: {
    readonly tenantId: string;
    readonly ticketId: string;
    /** Epoch ms. */
    readonly madeAt: number;
    readonly words: readonly string[];
  },
): Promise<void> => {
  await tx.$client.query(
    `INSERT INTO ticket_words (tenant_id, ticket_id, made_at, words)
     SELECT $1, $2, $3, array_to_tsvector($4::text[] || ticket_week_word($1::uuid, ticket_week($3::timestamptz)))
     ON CONFLICT (tenant_id, ticket_id) DO UPDATE SET words = excluded.words`,
    [of.tenantId, of.ticketId, new Date(of.madeAt), of.words],
  );
};
