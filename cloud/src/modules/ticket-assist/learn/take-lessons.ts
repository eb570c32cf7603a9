import type { Clock } from '@hallhub/shared';
import { type Database, type Tx, withSystem } from '../../../db/index.js';
import type { JobDefinition } from '../../../jobs/index.js';
import type { Labels } from '../tables.js';

/** Tickets of one transaction. */
const atOnce = 500;

interface Lesson {
  readonly ticketId: string;
  readonly labels: Labels | null;
  readonly words: readonly string[];
  readonly taught: { readonly labels: Labels; readonly words: readonly string[] } | null;
}

/** How counts change: by purpose and label, by purpose and word and label. A tab stands in no key. */
class Changes {
  readonly labels = new Map<string, { tickets: number; words: number }>();
  readonly words = new Map<string, number>();

  add(labels: Labels, words: readonly string[], times: 1 | -1): void {
    // Every ticket teaches how frequent its words are at all.
    for (const [purpose, label] of [...Object.entries(labels), ['words', 'all'] as const]) {
      const sum = this.labels.get(`${purpose}\t${label}`) ?? { tickets: 0, words: 0 };
      this.labels.set(`${purpose}\t${label}`, {
        tickets: sum.tickets + times,
        words: sum.words + times * words.length,
      });
      for (const word of words) {
        const key = `${purpose}\t${word}\t${label}`;
        this.words.set(key, (this.words.get(key) ?? 0) + times);
      }
    }
  }

  get purposes(): string[] {
    return [...new Set([...this.labels.keys()].map((key) => key.split('\t')[0] as string))];
  }
}

const columns = (keys: readonly string[], count: number): string[][] =>
  Array.from({ length: count }, (_, i) => keys.map((key) => key.split('\t')[i] as string));

const apply = async (tx: Tx, tenantId: string, changes: Changes, at: Date): Promise<void> => {
  const labels = [...changes.labels].filter(([, { tickets, words }]) => tickets !== 0 || words !== 0);
  const words = [...changes.words].filter(([, tickets]) => tickets !== 0);
  const [purposes, names] = columns(
    labels.map(([key]) => key),
    2,
  );
  await tx.$client.query(
    `INSERT INTO assist_labels (tenant_id, purpose, label, tickets, words)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::int[], $5::bigint[])
     ON CONFLICT (tenant_id, purpose, label) DO UPDATE
       SET tickets = assist_labels.tickets + excluded.tickets, words = assist_labels.words + excluded.words`,
    [tenantId, purposes, names, labels.map(([, { tickets }]) => tickets), labels.map(([, one]) => one.words)],
  );
  const [of, word, label] = columns(
    words.map(([key]) => key),
    3,
  );
  await tx.$client.query(
    `INSERT INTO assist_words (tenant_id, purpose, word, label, tickets)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::int[])
     ON CONFLICT (tenant_id, purpose, word, label) DO UPDATE SET tickets = assist_words.tickets + excluded.tickets`,
    [tenantId, of, word, label, words.map(([, tickets]) => tickets)],
  );
  await tx.$client.query('DELETE FROM assist_labels WHERE tenant_id = $1 AND purpose = ANY($2) AND tickets <= 0', [
    ...[tenantId, changes.purposes],
  ]);
  await tx.$client.query(
    'DELETE FROM assist_words WHERE tenant_id = $1 AND purpose = ANY($2) AND word = ANY($3) AND tickets <= 0',
    [tenantId, changes.purposes, [...new Set(word)]],
  );
  await tx.$client.query(
    `INSERT INTO assist_purposes (tenant_id, purpose, vocabulary, learned_at)
     SELECT $1, purpose, (SELECT count(DISTINCT word) FROM assist_words w WHERE w.tenant_id = $1 AND w.purpose = p.purpose), $3
     FROM unnest($2::text[]) AS p (purpose)
     ON CONFLICT (tenant_id, purpose) DO UPDATE SET vocabulary = excluded.vocabulary, learned_at = excluded.learned_at`,
    [tenantId, changes.purposes, at],
  );
};

const takeSome = async (tx: Tx, at: Date): Promise<number> => {
  const { rows: tenants } = await tx.$client.query<{ tenant_id: string }>(
    'SELECT tenant_id FROM assist_waiting ORDER BY since LIMIT 1',
  );
  const tenantId = tenants[0]?.tenant_id;
  if (tenantId === undefined) return 0;
  // Two processes at once would count the same lesson twice.
  await tx.$client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 4702))', [`assist ${tenantId}`]);
  const { rows: waiting } = await tx.$client.query<Pick<Lesson, 'ticketId' | 'labels'>>(
    `DELETE FROM assist_waiting WHERE (tenant_id, ticket_id) IN
       (SELECT tenant_id, ticket_id FROM assist_waiting WHERE tenant_id = $1 ORDER BY since LIMIT $2 FOR UPDATE SKIP LOCKED)
     RETURNING ticket_id AS "ticketId", labels`,
    [tenantId, atOnce],
  );
  const { rows } = await tx.$client.query<Lesson>(
    `SELECT a.ticket_id AS "ticketId", n.labels, a.words, a.taught
     FROM unnest($2::uuid[], $3::jsonb[]) AS n (ticket_id, labels)
     JOIN assist_tickets a ON a.tenant_id = $1 AND a.ticket_id = n.ticket_id FOR UPDATE OF a`,
    [
      ...[tenantId, waiting.map(({ ticketId }) => ticketId)],
      waiting.map(({ labels }) => (labels ? JSON.stringify(labels) : null)),
    ],
  );
  const changes = new Changes();
  for (const { labels, words, taught } of rows) {
    if (taught) changes.add(taught.labels, taught.words, -1);
    if (labels) changes.add(labels, words, 1);
  }
  if (rows.length > 0) await apply(tx, tenantId, changes, at);
  await tx.$client.query(
    `UPDATE assist_tickets a SET taught = n.taught
     FROM unnest($2::uuid[], $3::jsonb[]) AS n (ticket_id, taught) WHERE a.tenant_id = $1 AND a.ticket_id = n.ticket_id`,
    [
      ...[tenantId, rows.map(({ ticketId }) => ticketId)],
      rows.map(({ labels, words }) => (labels ? JSON.stringify({ labels, words }) : null)),
    ],
  );
  return waiting.length;
};

/** Learns from tickets that were closed, forgets those that were reopened. Returns how many. */
export const takeLessons = async (
  { database, clock }: { readonly database: Database; readonly clock: Clock },
  signal?: AbortSignal,
): Promise<number> => {
  let all = 0;
  for (let taken = atOnce; taken > 0 && !signal?.aborted; all += taken)
    taken = await withSystem(database, (tx) => takeSome(tx, new Date(clock.now())));
  return all;
};

export const ticketAssistJobs = (deps: { readonly database: Database; readonly clock: Clock }): JobDefinition[] => [
  {
    name: 'ticket-assist.learn',
    cron: '* * * * *',
    expireInSeconds: 600,
    run: (_, signal) => takeLessons(deps, signal),
  },
];
