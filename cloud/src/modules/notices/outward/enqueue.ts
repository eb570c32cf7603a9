import { type Label, uuidv7 } from '@hallhub/shared';
import type { TicketNotice } from '@hallhub/shared/ticket';
import { and, eq, isNull } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import {
  type ChannelKind,
  type ContactPrefs,
  type NoticeChannelRow,
  type NoticeTopic,
  noticeChannels,
  noticeDeliveries,
} from '../tables.js';
import type { WebhookConfig } from './channel-config.js';
import { wakeAfterCommit } from './wake.js';

/** One notice of one ticket, and whom it is for. */
export interface Outward {
  readonly tenantId: string;
  readonly ticketId: string;
  readonly ticketKind: string;
  readonly notice: Pick<TicketNotice, 'id' | 'on' | 'to' | 'channels' | 'urgent'>;
  /** With `{link}` where the kind wants it. */
  readonly text: Label;
  readonly params: Readonly<Record<string, string>>;
  readonly people: readonly string[];
  readonly once: string;
}

/** What people choose by, of what the notice waits for. */
export const topicOf = ({ on }: Pick<TicketNotice, 'on'>): NoticeTopic => {
  switch (on.on) {
    case 'warning':
    case 'breach':
      return 'late';
    case 'reminded':
      return 'urged';
    case 'entered':
    case 'returned':
    case 'reopened':
    case 'made':
      return 'given';
    default:
      return 'news';
  }
};

export const wants = (prefs: ContactPrefs | null, channel: 'email' | 'sms', topic: NoticeTopic): boolean => {
  const mine = prefs?.[channel];
  return mine === undefined || (mine.on && mine.topics.includes(topic));
};

interface Reach {
  readonly id: string;
  readonly email: string | null;
  readonly verified_at: Date | null;
  readonly prefs: ContactPrefs | null;
}

const reachOf = async (tx: Tx, tenantId: string, people: readonly string[]): Promise<ReadonlyMap<string, Reach>> => {
  if (people.length === 0) return new Map();
  const { rows } = await tx.$client.query<Reach>(
    `SELECT u.id, u.email, c.verified_at, c.prefs FROM users u LEFT JOIN user_contacts c ON c.user_id = u.id
     WHERE u.tenant_id = $1 AND u.state = 'active' AND u.id = ANY($2::uuid[])`,
    [tenantId, people],
  );
  return new Map(rows.map((row) => [row.id, row]));
};

const isOut = ({ notice }: Outward): boolean => notice.channels.some((channel) => channel !== 'in_app');

/** Writes what leaves the house into the outbox, in the transaction of the change. Nothing where no such channel is set up. */
export const enqueueOutward = async (tx: Tx, ctx: VerbContext, all: readonly Outward[]): Promise<void> => {
  const wanted = all.filter(isOut);
  const [first] = wanted;
  if (!first) return;
  const { tenantId } = first;
  const channels = await tx
    .select()
    .from(noticeChannels)
    .where(
      and(eq(noticeChannels.tenantId, tenantId), eq(noticeChannels.enabled, true), isNull(noticeChannels.archivedAt)),
    );
  if (channels.length === 0) return;
  const people = [...new Set(wanted.flatMap((one) => one.people))];
  const isForPeople = channels.some(({ kind }) => kind !== 'webhook');
  const reach = isForPeople ? await reachOf(tx, tenantId, people) : new Map<string, Reach>();
  const at = new Date(ctx.clock.now());
  const rows = wanted.flatMap((one) =>
    channels
      .filter(({ kind }) => one.notice.channels.includes(kind))
      .flatMap((channel) => rowsOf(one, { channel, reach, by: ctx.actor.userId, at })),
  );
  if (rows.length === 0) return;
  // PostgreSQL takes 65,535 parameters.
  for (let i = 0; i < rows.length; i += 1_000) {
    await tx
      .insert(noticeDeliveries)
      .values(rows.slice(i, i + 1_000))
      .onConflictDoNothing();
  }
  wakeAfterCommit(tx, ctx.db);
};

type NewRow = typeof noticeDeliveries.$inferInsert;

interface Through {
  readonly channel: NoticeChannelRow;
  readonly reach: ReadonlyMap<string, Reach>;
  readonly by: string | null;
  readonly at: Date;
}

const rowsOf = (one: Outward, { channel, reach, by, at }: Through): NewRow[] => {
  const topic = topicOf(one.notice);
  const base = {
    ...{ tenantId: one.tenantId, channelId: channel.id, channel: channel.kind, ticketId: one.ticketId },
    ...{ ticketKind: one.ticketKind, rule: one.notice.id, urgent: one.notice.urgent ?? false, text: one.text },
    ...{ params: { ...one.params }, state: 'waiting' as const, nextAt: at, madeAt: at },
  };
  if (channel.kind === 'webhook') {
    const { kinds } = channel.config as Partial<WebhookConfig>;
    if (kinds && !kinds.includes(one.ticketKind)) return [];
    return [{ ...base, id: uuidv7(), addressee: 'endpoint', topic, once: one.once }];
  }
  const kind: Exclude<ChannelKind, 'webhook'> = channel.kind;
  const toPeople = one.people
    .filter((id) => id !== by)
    .flatMap((personId): NewRow[] => {
      const known = reach.get(personId);
      const isReached = kind === 'email' ? known?.email != null : known?.verified_at != null;
      if (!known || !isReached || !wants(known.prefs, kind, topic)) return [];
      return [{ ...base, id: uuidv7(), addressee: 'person', personId, topic, once: `${personId} ${one.once}` }];
    });
  const toRequester = one.notice.to.flatMap((rule): NewRow[] =>
    rule.kind === 'requester'
      ? [
          {
            ...base,
            id: uuidv7(),
            addressee: 'requester',
            field: rule.field,
            topic: 'answer',
            once: `? ${rule.field} ${one.once}`,
          },
        ]
      : [],
  );
  return [...toPeople, ...toRequester];
};
