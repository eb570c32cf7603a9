import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { sweepExchange } from '../../../../cloud/src/modules/ticket-exchange/jobs.js';
import { readMessage, replayMessage } from '../../../../cloud/src/modules/ticket-exchange/verbs/messages.js';
import { testChannel } from '../../../../cloud/src/modules/ticket-exchange/verbs/probe.js';
import { publishKind } from '../../../../cloud/src/modules/tickets/testing.js';
import { signRequest } from '../../peers/platform-12345/sign.js';
import { exchangeKind } from './exchange-kind.js';
import { bringUpExchange, type ExchangeRig, nothingUnderWay, type RigChannel } from './exchange-rig.js';

t.setTimeout(600_000);

interface Answer {
  readonly status: number;
  readonly isSigned: boolean;
  readonly json: Record<string, never> & { readonly code?: string; readonly items?: never[] };
}

/** As a platform calls, but each part may be another’s. */
const call = async (
  rig: ExchangeRig,
  hub: RigChannel['hub'],
  of: {
    readonly method?: string;
    readonly path: string;
    readonly body?: string;
    readonly sent?: string;
    readonly to?: string;
  },
): Promise<Answer> => {
  const { method = 'GET', body = '' } = of;
  const url = new URL(hub.url + of.path);
  const headers = signRequest(hub, {
    ...{ method, path: url.pathname + url.search, body, atMs: rig.tickets.clock.now() },
  });
  const answer = await fetch(of.to ?? url, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body: of.sent ?? body }),
  });
  const isSigned = answer.headers.has('x-exchange-signature');
  return { status: answer.status, isSigned, json: (await answer.json()) as Answer['json'] };
};

t.test(
  'what is for others goes back with its code; sent again, people have it; the fast list needs no dispatcher',
  async (t) => {
    const rig = await bringUpExchange(t);
    const incoming = {
      ...{ kind: 'exchange_try', levels: { '*': null }, more: [{ theirs: 'ids', ours: 'photos' }] },
      fields: { title: 'title', text: 'content', files: 'photos' },
      triage: [
        ...[
          {
            name: '涉警',
            categories: ['J01'],
            words: ['盗窃', '斗殴'],
            unless: ['防盗门'],
            code: 'police',
            say: '请转 110 办理',
          },
        ],
      ],
      fast: { field: 'fastList', acts: [{ do: 'sign', step: 'handle' }] },
      says: [{ when: { type: 'signed' }, act: 'sign' }],
    };
    const { platform } = await rig.addChannel({ code: 'triage', mapping: { incoming } });
    const [police, door, fast, plain] = [
      platform.dispatch({ title: '小区有人盗窃', text: '昨晚' }),
      platform.dispatch({ title: '盗窃频发，请装防盗门' }),
      platform.dispatch({ title: '道路保洁', fields: { fastList: true } }),
      platform.dispatch({ title: '路灯', fields: { fastList: false } }),
    ];
    await nothingUnderWay(rig, platform);
    const theirs = (number: string) => platform.ticket('platform', number);
    t.match(theirs(police), { state: 'returned', heard: ['return'], words: ['请转 110 办理'] });
    t.match(theirs(door), { state: 'dispatched' });
    t.match(theirs(fast), { state: 'signed', heard: ['sign'] });
    t.match(theirs(plain), { state: 'dispatched', heard: [] });
    const known = await rig.rows<{ title: string; status: string; effect: string }>(
      `SELECT t.title, t.status, m.effect FROM tickets t JOIN exchange_tickets k ON k.ticket_id = t.id
     JOIN exchange_messages m ON m.link_id = k.id AND m.act = 'dispatch'`,
      [],
    );
    // They came beside one another.
    t.match(Object.fromEntries(known.map(({ title, ...rest }) => [title, rest])), {
      小区有人盗窃: { status: 'ended', effect: 'triaged' },
      '盗窃频发，请装防盗门': { effect: 'made' },
      道路保洁: { effect: 'fast' },
      路灯: { effect: 'made' },
    });
    // What they have accepted is not said once more: their book would stay, and ours go on.
    const [sign] = await rig.rows<{ id: string; channel: string; link: string }>(
      `SELECT id, channel_id AS channel, link_id AS link FROM exchange_messages WHERE act = 'sign' AND direction = 'out' AND state = 'accepted'`,
      [],
    );
    await rig.rows(`UPDATE exchange_tickets SET state = 'dispatched' WHERE id = $1`, [sign?.link]);
    const replay = replayMessage(rig.ctx, {
      ...{ channelId: sign?.channel ?? '', messageId: sign?.id ?? '', deps: rig.deps },
      wake: () => {},
    });
    await t.rejects(replay, { code: 'conflict' });
    await nothingUnderWay(rig, platform);
    t.same(await rig.rows('SELECT state FROM exchange_tickets WHERE id = $1', [sign?.link]), [{ state: 'dispatched' }]);
    const returned = theirs(police);
    t.ok(returned && platform.act(returned, { act: 'dispatch', title: '盗窃：已与公安核实，属物业管理' }));
    await nothingUnderWay(rig, platform);
    t.match(theirs(police), { state: 'dispatched', heard: ['return'] });
    const [again] = await rig.rows<{ status: string }>(
      `SELECT t.status FROM exchange_tickets k JOIN tickets t ON t.id = k.ticket_id WHERE k.number = $1`,
      [police],
    );
    t.equal(again?.status, 'running', 'nobody gives it back a second time without looking');

    // What lies in personal fields is personal in the log, too.
    const words = { text: '张三丰家门口', place: { text: '幸福小区3栋501' }, requester: { name: '张三丰' } };
    const number = platform.dispatch({ title: '噪声', ...words });
    await nothingUnderWay(rig, platform);
    const [logged] = await rig.rows<{ id: string; channel: string }>(
      'SELECT id, channel_id AS channel FROM exchange_messages WHERE number = $1',
      [number],
    );
    const read = async (may: boolean) => {
      const actor = { ...rig.ctx.actor, can: () => may };
      const message = { channelId: logged?.channel ?? '', messageId: logged?.id ?? '', sealing: rig.deps.sealing };
      return (await readMessage({ ...rig.ctx, actor }, message)).body;
    };
    t.match(await read(true), words);
    const masked = { place: { text: '***' }, requester: { name: '张••' } };
    t.match(await read(false), { title: '噪声', ...masked, text: words.text }, 'no field here takes the place');
    const secret = new Set(['content', 'photos']);
    const fields = exchangeKind.fields.map((one) => (secret.has(one.key) ? { ...one, personal: true } : one));
    const { db, tenantId } = rig.tickets;
    await publishKind(db, { tenantId, kind: { ...exchangeKind, fields }, version: 2 });
    t.match(await read(false), { title: '噪声', ...masked, text: '张**' });

    // Files are as personal as the field, also those that it has no room for; an id that a platform says is none of its files.
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    const files = [1, 2, 3, 4].map((i) => platform.addFile(`${i}.png`, Buffer.concat([png, Buffer.from([i])])));
    const [ahead] = await rig.rows<{ id: string }>(
      `INSERT INTO ticket_files (id, tenant_id, name, media_type, size_bytes, sha256, made_at, made_by, made_by_name)
       VALUES (gen_random_uuid(), $1, 'other.png', 'image/png', 1, 'x', now(), 'system', '网上表单') RETURNING id`,
      [tenantId],
    );
    platform.dispatch({ title: '占道', fields: { ids: [ahead?.id ?? ''] }, files });
    await nothingUnderWay(rig, platform);
    const kept = await rig.rows<{ name: string; field: string | null; isOurs: boolean }>(
      `SELECT name, field, ticket_id IS NOT NULL AS "isOurs" FROM ticket_files ORDER BY name`,
      [],
    );
    t.same(kept, [
      ...[1, 2, 3, 4].map((i) => ({ name: `${i}.png`, field: 'photos', isOurs: true })),
      { name: 'other.png', field: null, isOurs: false },
    ]);
  },
);

t.test(
  'a grid system that is never called reads its lists, tickets, files, areas and messages, and answers',
  async (t) => {
    const rig = await bringUpExchange(t);
    const { tickets } = rig;
    const grid = await rig.addChannel({ code: 'grid', isCalled: false, mapping: { reads: ['tickets', 'boundaries'] } });
    const ask = (path: string, body?: object) =>
      call(rig, grid.hub, body === undefined ? { path } : { method: 'POST', path, body: JSON.stringify(body) });
    await rig.rows(
      `INSERT INTO office_areas (tenant_id, id, office_id, purpose, name, polygon) VALUES ($1, gen_random_uuid(), $2, NULL, '东片', $3)`,
      [
        tickets.tenantId,
        rig.works,
        JSON.stringify([
          [117, 31],
          [117, 32],
          [118, 32],
        ]),
      ],
    );
    // The other channel has the same office: both are told, each by itself.
    const made = await tickets.make(rig.ctx, {
      ...{ kind: 'exchange_try', fields: { title: '占道', content: '人行道', outside: true } },
    });
    t.match((await ask('/tickets?list=todo')).json, {
      items: [{ owner: 'hub', number: made.number, state: 'dispatched', title: '占道' }],
      next: null,
    });
    const [first] = (await ask('/outbox')).json.items as unknown as { id: string; act: string; seq: number }[];
    t.match(first, { act: 'dispatch', seq: 1, ticket: { owner: 'hub', number: made.number }, title: '占道' });
    t.same((await ask('/outbox')).json.items?.[0], first, 'the same until it is answered');
    const receipt = { v: 1, result: 'accepted', id: first?.id, state: 'dispatched', number: 'G-1' };
    t.match((await ask('/receipts', { v: 1, answers: [receipt, { ...receipt, id: 'none' }] })).json, { settled: 1 });
    t.same((await ask('/outbox')).json.items, []);
    const act = (seq: number, what: object) =>
      ask('/messages', {
        ...{ v: 1, id: `g-${seq}`, ticket: { owner: 'hub', number: made.number }, seq, seen: 1, at: 1, by: '网格员 7' },
        ...what,
      });
    t.equal((await act(1, { act: 'sign' })).status, 200);
    t.equal((await act(2, { act: 'finish', words: '已清理', step: '处置' })).status, 200);
    t.match((await ask('/tickets?list=todo')).json.items, []);
    t.match((await ask('/tickets?list=done')).json.items, [{ number: made.number, state: 'finished' }]);
    t.match((await ask('/tickets?list=handled')).json.items, [{ number: made.number }]);
    t.match((await ask('/tickets?list=closed')).json.items, []);
    const whole = (await ask(`/tickets/hub/${made.number}`)).json as unknown as { acts: object[] };
    t.match(whole.acts, [
      { from: 'hub', act: 'dispatch' },
      { from: 'platform', act: 'sign', by: '网格员 7' },
      { from: 'platform', act: 'finish', words: '已清理', step: '处置' },
    ]);
    const [said] = await rig.rows<{ opinion: string }>(
      `SELECT opinion FROM ticket_history WHERE type = 'finished' AND ticket_id = $1`,
      [made.id],
    );
    t.match(said?.opinion, '已清理——处置，网格员 7', 'who said it, and where, stands in the history');
    const areas = (await ask('/boundaries')).json as unknown as {
      features: { geometry: { coordinates: number[][][] } }[];
    };
    t.match(areas, {
      type: 'FeatureCollection',
      features: [{ properties: { office: { code: 'works' }, name: '东片' } }],
    });
    t.same(areas.features[0]?.geometry.coordinates[0], [
      ...[
        [118, 32],
        [117, 32],
        [117, 31],
      ],
      ...[[118, 32]],
    ]);
    t.match(await ask('/tickets?list=odd'), { status: 400, isSigned: true });
    t.match(await ask('/tickets?after=1%27'), { status: 400 });
    t.match(await ask(`/files/${'a'.repeat(64)}`), { status: 409, json: { code: 'no_such_file' } });
    const other = { owner: 'hub', platform: rig.platform };
    t.equal(other.platform.ticket('hub', made.number)?.number ?? made.number, made.number);
    const closed = await rig.addChannel({ code: 'closed' });
    t.match(await call(rig, closed.hub, { path: '/tickets' }), { status: 403, json: { code: 'not_yours' } });
    t.match(await call(rig, closed.hub, { path: '/outbox' }), { status: 403 });
  },
);

t.test(
  'no channel speaks for another, nothing that was changed on its way is taken, and no bomb goes off',
  async (t) => {
    const rig = await bringUpExchange(t);
    const mine = await rig.addChannel({ code: 'mine' });
    const other = await rig.addChannel({ code: 'other' });
    const message = (number: string, more: object = {}) =>
      JSON.stringify({
        ...{ v: 1, id: `m-${number}`, ticket: { owner: 'platform', number }, seq: 1, seen: 0, at: 1, act: 'dispatch' },
        ...{ title: '一', ...more },
      });
    const send = (body: string, more: object = {}, hub = mine.hub) =>
      call(rig, hub, { method: 'POST', path: '/messages', body, ...more });
    t.match(await send(message('A1')), { status: 200, isSigned: true });
    t.match(
      await send(message('A2'), { to: `${other.hub.url}/messages` }),
      { status: 401, isSigned: false, json: { code: 'signature' } },
      'signed for one channel, sent to another',
    );
    t.match(await send(message('A3'), { sent: message('A4') }), { status: 401, isSigned: false }, 'another body');
    t.match(await send(message('A5'), {}, { ...mine.hub, secret: other.hub.secret }), { status: 401 });
    t.match(await send(message('A6'), {}, { ...other.hub, url: mine.hub.url }), { status: 401 });
    const cancel = JSON.stringify({
      ...{
        v: 1,
        id: 'c-1',
        ticket: { owner: 'platform', number: 'A1' },
        seq: 2,
        seen: 0,
        at: 1,
        act: 'cancel',
        words: 'x',
      },
    });
    t.match(
      await send(cancel, {}, other.hub),
      { status: 404, json: { code: 'no_such_ticket' } },
      'their number, not theirs',
    );
    const deep = message('A7').replace(
      '"title":"一"',
      `"title":"一","fields":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
    );
    t.match(await send(deep), { status: 400, isSigned: true, json: { code: 'invalid' } });
    t.match(await send(message('A8', { text: 'x'.repeat(300_000) })), { status: 413, isSigned: true });
    t.match(await send('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'), {
      status: 400,
      json: { code: 'invalid' },
    });
    t.match(await send('[]'), { status: 400 });
    // What no column holds is no trouble of ours that they would send again and again.
    const nul = 'a\u0000b\ud83d';
    t.match(await send(message('B1', { level: nul })), { status: 422, json: { code: 'unmapped' } });
    const left = [{ sha256: 'a'.repeat(64), name: nul, code: nul }];
    t.match(await send(message('B2', { title: nul, by: nul, left })), { status: 200 });
    const [count] = await rig.rows<{ n: number }>(`SELECT count(*)::int AS n FROM exchange_tickets`, []);
    t.equal(count?.n, 2);
    const kept = JSON.stringify(await rig.rows('SELECT * FROM exchange_attempts', []));
    t.notMatch(kept, mine.hub.secret);
    t.notMatch(kept, other.hub.secret);
  },
);

t.test('the hub goes where it was sent and nowhere else', async (t) => {
  const rig = await bringUpExchange(t);
  let elsewhere = 0;
  const listen = async (handle: (request: IncomingMessage, response: ServerResponse) => void) => {
    const server = createServer(handle);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => new Promise((resolve) => server.close(resolve)));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const target = await listen((_, response) => {
    elsewhere += 1;
    response.end('{}');
  });
  const turning = await listen((_, response) => response.writeHead(307, { location: `${target}/book` }).end());
  const moved = async (baseUrl: string) => {
    await rig.rows('UPDATE exchange_channels SET base_url = $1', [baseUrl]);
    return testChannel(rig.ctx, { channelId: rig.channelId, deps: rig.deps });
  };
  t.match(await moved(turning), { ok: false, problem: 'unsigned', status: 307 });
  t.equal(elsewhere, 0, 'redirects are not followed');
  t.match(await moved('http://169.254.169.254/latest'), { ok: false, problem: 'address' });
  t.match(await moved('http://[::ffff:169.254.169.254]/'), { ok: false, problem: 'address' });
  t.match(await moved(`${target}/x`), { ok: false, problem: 'unsigned' }, 'nor is anybody believed who does not sign');
});

t.test('tries, nonces and files that nobody names do not pile up', async (t) => {
  const rig = await bringUpExchange(t);
  const { platform, deps, tickets } = rig;
  platform.dispatch({
    title: '一',
    files: [platform.addFile('a.jpg', Buffer.from('ffd8ffe000104a46494600aabb', 'hex'))],
  });
  await nothingUnderWay(rig);
  const count = async (table: string) =>
    Number((await rig.rows<{ n: string }>(`SELECT count(*) AS n FROM ${table}`, []))[0]?.n);
  await rig.rows(
    `INSERT INTO exchange_attempts (id, tenant_id, channel_id, direction, at, took_ms)
     SELECT gen_random_uuid(), $1, $2, 'in', $3, 1 FROM generate_series(1, 6000)`,
    [tickets.tenantId, rig.channelId, new Date(tickets.clock.now())],
  );
  await sweepExchange(deps);
  t.ok((await count('exchange_attempts')) > 6_000, 'what is young stays');
  for (const table of ['exchange_attempts', 'exchange_nonces', 'exchange_files']) {
    await rig.rows(`UPDATE ${table} SET at = at - interval '31 days'`, []);
  }
  await sweepExchange(deps);
  t.ok((await count('exchange_attempts')) < 100, 'tries that belong to no message go first');
  t.equal(await count('exchange_nonces'), 0);
  t.equal(await count('exchange_files'), 0);
  const [file] = await rig.rows<{ sha256: string }>('SELECT sha256 FROM ticket_files', []);
  const key = { tenantId: tickets.tenantId, sha256: file?.sha256 ?? '' };
  t.ok(await deps.blobs.stat(key), 'the ticket’s own stays');
});
