import { uuidv7 } from '@hallhub/shared';
import { exchangeMappingSchema } from '@hallhub/shared/exchange';
import pino from 'pino';
import t from 'tap';
import { folderBlobStore } from '../../../blobs/index.js';
import { createSealing } from '../../pki/sealing.js';
import { bringUpTickets } from '../../tickets/testing.js';
import { sealBody } from '../channel/message-seal.js';
import { createChannel } from './channels.js';
import { dropMessage, replayMessage } from './messages.js';

const sealing = createSealing('test-secret-of-32-characters-or-more');

/** A message on its way, and somebody who decides on it while its answer is being written down. */
const bringUp = async (t: Parameters<typeof bringUpTickets>[0]) => {
  const cloud = await bringUpTickets(t);
  const ctx = cloud.systemContext();
  const { tenantId } = cloud;
  const { channel } = await createChannel(ctx, {
    ...{ code: 'city', name: '市', partner: '12345', baseUrl: null, hallId: null, sealing },
    mapping: exchangeMappingSchema.parse({ v: 1, incoming: null, outgoing: null }),
  });
  const deps = {
    ...{ database: cloud.db, clock: cloud.clock, live: cloud.bus, log: pino({ level: 'silent' }), sealing },
    ...{ blobs: folderBlobStore(cloud.folder), uploadsDir: cloud.folder, allowPrivate: false },
  };
  const { id: ticketId } = await cloud.make(ctx);
  const stateOf = async (id: string) =>
    (await cloud.rows<{ state: string }>('SELECT state FROM exchange_messages WHERE id = $1', [id]))[0]?.state;
  const onItsWay = async () => {
    const [link, id] = [uuidv7(), uuidv7()];
    await cloud.rows(
      `INSERT INTO exchange_tickets (id, tenant_id, channel_id, owner, number, ticket_id, state, opened_at, updated_at)
       VALUES ($1, $2, $3, 'platform', $4, $5, 'dispatched', now(), now())`,
      [link, tenantId, channel.id, `P-${link}`, ticketId],
    );
    await cloud.rows(
      `INSERT INTO exchange_messages (id, tenant_id, channel_id, link_id, direction, message_id, owner, number, act, pos, seq, body, state, next_at, made_at)
       VALUES ($1, $2, $3, $4, 'out', $5, 'platform', $6, 'sign', 1, 1, $7, 'waiting', now(), now())`,
      [id, tenantId, channel.id, link, `m-${id}`, `P-${link}`, sealBody(sealing, id, '{}')],
    );
    return { link, messageId: id };
  };
  /** `decide` is asked while another process, which holds the link, writes down that the platform has accepted it. */
  const whileAccepted = async (decide: (of: { channelId: string; messageId: string }) => Promise<unknown>) => {
    const { link, messageId } = await onItsWay();
    const sender = await cloud.db.ownerPool.connect();
    try {
      await sender.query('BEGIN');
      await sender.query('SELECT 1 FROM exchange_tickets WHERE id = $1 FOR UPDATE', [link]);
      await sender.query(`UPDATE exchange_messages SET state = 'accepted' WHERE id = $1`, [messageId]);
      const decided = decide({ channelId: channel.id, messageId }).catch((error: unknown) => error);
      const waits = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      while ((await cloud.rows(waits)).length === 0) await new Promise(setImmediate);
      await sender.query('COMMIT');
      return { said: await decided, state: await stateOf(messageId) };
    } finally {
      sender.release();
    }
  };
  return { cloud, ctx, deps, channelId: channel.id, onItsWay, whileAccepted, stateOf };
};

t.test('what is accepted while somebody decides on it stays accepted', async (t) => {
  const { cloud, ctx, deps, channelId, onItsWay, whileAccepted, stateOf } = await bringUp(t);
  const again = await whileAccepted((of) => replayMessage(ctx, { ...of, deps, wake: () => {} }));
  t.match(again, { said: { code: 'conflict', message: /was accepted/ }, state: 'accepted' }, 'sent again');
  const given = await whileAccepted((of) => dropMessage(ctx, { ...of, reason: '不发了' }));
  t.match(given, { said: { code: 'conflict' }, state: 'accepted' }, 'given up');
  t.same(await cloud.auditRows('exchangemessage.given_up'), []);

  const { messageId } = await onItsWay();
  t.match(await replayMessage(ctx, { channelId, messageId, deps, wake: () => {} }), { state: 'waiting' });
  t.match(await dropMessage(ctx, { channelId, messageId, reason: '不发了' }), { state: 'dropped', detail: '不发了' });
  t.match(await replayMessage(ctx, { channelId, messageId, deps, wake: () => {} }).catch((error) => error), {
    code: 'conflict',
  });
  t.equal(await stateOf(messageId), 'dropped');
});
