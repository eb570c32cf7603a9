import type { TicketKind } from '@hallhub/shared/ticket';
import t from 'tap';
import { assistHook } from '../../ticket-assist/index.js';
import { statisticsHook } from '../../ticket-statistics/index.js';
import { bringUpTickets, publishKind, request, shippedKind } from '../testing.js';
import { registerTicketHook } from '../ticket-hooks.js';
import { sealOlder } from './seal-older.js';

/** As it was before somebody thought of the requester: only a newer version calls the content personal. */
const withContent = (personal: boolean): TicketKind => {
  const kind = shippedKind('citizen_request');
  return { ...kind, fields: kind.fields.map((one) => (one.key === 'content' ? { ...one, personal } : one)) };
};

t.test(
  'what becomes personal lies in clear nowhere: tickets that run, tickets that are over, their history, their words',
  async (t) => {
    const cloud = await bringUpTickets(t, { kinds: [withContent(false)] });
    const ctx = cloud.systemContext();
    const deps = { database: cloud.db, clock: cloud.clock, live: cloud.bus };
    const content = '翡翠湾七栋的王小二电话打不通';
    const make = () => cloud.make(ctx, { fields: { ...request().fields, content } });
    const [running, over] = [await make(), await make()];
    await cloud.act(ctx, over.id, { do: 'cancel', opinion: '不用了' });
    const handler = await cloud.signInAs('ticket-handler');
    const found = async () =>
      (await handler.get(`/tickets?view=all&q=${encodeURIComponent('翡翠湾')}`)).body.items.length;
    const inClear = async () =>
      (
        await cloud.rows<{ text: string }>(
          `SELECT t::text AS text FROM tickets t UNION ALL SELECT h::text FROM ticket_history h`,
        )
      )
        .map(({ text }) => text)
        .filter((text) => /翡翠|王小/.test(text)).length;
    t.equal(await found(), 2);
    t.equal(await sealOlder(deps), 0, 'nothing is to be done of a first version');
    t.ok((await inClear()) > 0);

    await publishKind(cloud.db, { tenantId: cloud.tenantId, kind: withContent(true), version: 2 });
    const masked = (await handler.get(`/tickets/${running.id}`)).body;
    t.ok(masked.masked.includes('content'), 'shown no more from the moment on that it is published');
    t.notMatch(JSON.stringify(masked.fields), /翡翠/);
    await sealOlder(deps);
    t.equal(await inClear(), 0);
    t.equal(await found(), 0, 'nor found by its words');
    t.equal(await sealOlder(deps), 0);
    t.match(await cloud.auditRows('ticket_kind.fields_sealed'), [{ after: { version: 2, tickets: 2, failed: 0 } }]);

    const clerk = await cloud.signInAs('ticket-clerk');
    t.equal((await clerk.get(`/tickets/${over.id}`)).body.fields.content, content, 'who may, reads it still');
    await cloud.act(ctx, running.id, { do: 'comment', opinion: '照办' });
    t.equal(await inClear(), 0, 'an act brings it back nowhere');
    const [shown] = (await clerk.get(`/tickets/${running.id}/history`)).body.items;
    t.match(shown, { type: 'made' }, 'the history reads');
  },
);

t.test('nor do suggestions and statistics keep what became personal', async (t) => {
  const shipped = shippedKind('citizen_request');
  const withPersonal = (personal: boolean): TicketKind => ({
    ...shipped,
    fields: shipped.fields.map((one) => (one.type === 'place' || one.key === 'nature' ? { ...one, personal } : one)),
  });
  const cloud = await bringUpTickets(t, { kinds: [withPersonal(false)] });
  for (const hook of [assistHook, statisticsHook]) registerTicketHook(cloud.db, hook);
  const ctx = cloud.systemContext();
  const key = shipped.fields.find(({ type }) => type === 'place')?.key ?? '';
  const place = { text: '翡翠湾七栋二单元', lon: 117.2, lat: 31.8 };
  await cloud.make(ctx, { fields: { ...request().fields, [key]: place } });
  const kept = () =>
    cloud.rows(
      `SELECT (SELECT count(*)::int FROM assist_places) AS places, a.lon, a.words::text ~ '翡翠' AS says, f.choices ? 'nature' AS nature
       FROM assist_tickets a JOIN ticket_facts f USING (ticket_id)`,
    );
  t.match(await kept(), [{ places: 1, lon: 117.2, nature: true }]);
  await publishKind(cloud.db, { tenantId: cloud.tenantId, kind: withPersonal(true), version: 2 });
  await sealOlder({ database: cloud.db, clock: cloud.clock, live: cloud.bus });
  t.same(await kept(), [{ places: 0, lon: null, says: false, nature: false }]);
});
