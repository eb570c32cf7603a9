import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import t from 'tap';
import { folderBlobStore } from '../../../blobs/index.js';
import { testOrigin } from '../../../http/testing.js';
import { csvCell } from '../../../workbook/write-csv.js';
import { bringUpTickets, publishKind, request, shippedKind } from '../testing.js';
import { readTicket } from '../verbs/read-ticket.js';
import { sweepFiles } from './sweep-files.js';

const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), randomBytes(64)]);

t.test('files: by their bytes and not their names, ahead of a ticket or of one, theirs alone', async (t) => {
  const kind = shippedKind('citizen_request');
  const sign = { key: 'sign', label: { zh: '签名' }, type: 'signature', personal: true, searched: false } as const;
  kind.fields.push(sign);
  kind.steps[0]?.fields.edit.push('sign');
  const cloud = await bringUpTickets(t, { kinds: [kind] });
  const clerk = await cloud.signInAs('ticket-clerk');
  const other = await cloud.signInAs('ticket-clerk', { hallIds: [cloud.hallId] });
  const send = async (who: typeof clerk, path: string, bytes: Buffer) => {
    const response = await cloud.app.request(`${testOrigin}/api/v1${path}`, {
      method: 'POST',
      headers: { cookie: who.cookie, origin: testOrigin, 'content-type': 'application/octet-stream' },
      body: new Uint8Array(bytes),
    });
    return { status: response.status, body: (await response.json()) as { id: string; sha256: string; code?: string } };
  };
  const name = encodeURIComponent('现场 照片.png');
  const ahead = await send(clerk, `/ticket-files?name=${name}&takenAt=2026-11-22T01:00:00Z&lon=117.2&lat=31.8`, png);
  t.match(ahead, { status: 201, body: { name: '现场 照片.png', mediaType: 'image/png', taken: { lon: 117.2 } } });
  const fields = { ...request().fields, files: [ahead.body.id] };
  t.equal((await other.post('/tickets', { ...request(), fields })).status, 400, 'another’s file is none');
  const made = await clerk.post('/tickets', { ...request(), fields });
  t.equal(made.status, 201);
  const path = `/tickets/${made.body.id}`;
  t.match((await clerk.get(path)).body.files, [{ id: ahead.body.id, field: 'files' }]);
  const got = await clerk.get(`${path}/files/${ahead.body.id}`);
  t.equal(got.status, 200);
  t.match(got.headers.get('content-disposition'), /^attachment;/);
  t.equal(got.headers.get('x-content-type-options'), 'nosniff');
  t.equal((await other.get(`${path}/files/${ahead.body.id}`)).status, 404);
  t.equal((await send(other, `${path}/files?name=a.png`, png)).status, 404, 'before a byte is read');
  const zip = Buffer.concat([Buffer.from([0x50, 0x4b, 0x03, 0x04]), randomBytes(16)]);
  for (const [hostile, kept, bytes] of [
    ['../../etc/passwd', 'etc_passwd', png],
    ['a\u0000.png', 'a_.png', png],
    ['\u202egnp.exe', 'gnp.exe', png],
    ['con', 'file-con', png],
    ['.htaccess', 'htaccess', png],
    ['<img src=x onerror=alert(1)>.png', 'img src=x onerror=alert(1)_.png', png],
    ['截图 12:30.png', '截图 12_30.png', png],
    [`${'长'.repeat(80)}.png`, `${'长'.repeat(65)}.png`, png],
    ['roof.jpg', 'roof.jpg.zip', zip],
  ] as const) {
    const sent = await send(clerk, `${path}/files?name=${encodeURIComponent(hostile)}`, bytes);
    t.match(sent, { status: 201, body: { name: kept } }, hostile);
  }
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  t.equal((await send(clerk, `${path}/files?name=a.svg`, svg)).status, 415);
  t.equal((await send(clerk, `${path}/files?name=a.png`, Buffer.from('<html><script>alert(1)</script>'))).status, 415);
  t.equal((await send(clerk, `${path}/files?name=a.png`, Buffer.alloc(0))).status, 400);
  t.equal((await send(clerk, `${path}/files?name=a.png&field=title`, png)).status, 400);
  t.equal((await send(clerk, `${path}/files?name=b.png&field=files`, png)).status, 201);

  // A signature is a file of its field, closed to who may not read what is personal.
  const drawn = await send(clerk, '/ticket-files?name=signature.png', Buffer.concat([png, Buffer.from('s')]));
  const signed = { name: '李主任', at: '2026-11-22T01:00:00Z', file: drawn.body.id };
  const slip = await clerk.post('/tickets', { ...request(), fields: { ...request().fields, sign: signed } });
  t.equal(slip.status, 201);
  const leader = await cloud.signInAs('hall-manager');
  const clerks = (await clerk.get(`/tickets/${slip.body.id}`)).body;
  t.match(clerks, { fields: { sign: signed }, files: [{ id: drawn.body.id, field: 'sign' }] });
  const theirs = (await leader.get(`/tickets/${slip.body.id}`)).body;
  t.match(theirs, { fields: { sign: '***' }, masked: ['requester', 'phone', 'sign'], files: [] });
  t.equal((await leader.get(`/tickets/${slip.body.id}/files/${drawn.body.id}`)).status, 404);
  const again = { ...request().fields, sign: { ...signed, file: ahead.body.id } };
  t.equal((await clerk.post('/tickets', { ...request(), fields: again })).status, 400, 'another ticket’s file');

  // Who has the ticket in hand may learn which file it is, and names it in a field of their own: it stays where it is.
  const handler = await cloud.signInAs('ticket-handler');
  await cloud.join(cloud.offices.reception, [handler.userId]);
  const ctx = await cloud.ctxOf(handler);
  const [task] = (await readTicket(ctx, { ticketId: slip.body.id })).tasks;
  t.match(
    (await handler.post(`/tickets/${slip.body.id}/reveal`, { field: 'sign', reason: '核对' })).body.value,
    signed,
  );
  const edit = (fields: object) =>
    cloud.act(ctx, slip.body.id, { do: 'edit', task: task?.id ?? '', fields: fields as never });
  await t.rejects(edit({ files: [drawn.body.id] }), { code: 'invalid_input' });
  const removed = shippedKind('citizen_request');
  await publishKind(cloud.db, { tenantId: cloud.tenantId, kind: removed, version: 2 });
  const move = 'UPDATE tickets SET kind_version = $2 WHERE id = $1';
  await cloud.rows(move, [slip.body.id, 2]);
  await t.rejects(edit({ files: [drawn.body.id] }), { code: 'invalid_input' });
  t.equal(
    (await handler.get(`/tickets/${slip.body.id}/files/${drawn.body.id}`)).status,
    404,
    'of a field that is no more',
  );
  t.equal((await clerk.get(`/tickets/${slip.body.id}/files/${drawn.body.id}`)).status, 200);
  // What a step hides is hidden with its files, and from whoever has it in hand.
  removed.fields.push(sign);
  removed.steps[0]?.fields.hidden.push('sign', 'phone');
  await publishKind(cloud.db, { tenantId: cloud.tenantId, kind: removed, version: 3 });
  await cloud.rows(move, [slip.body.id, 3]);
  t.equal((await clerk.get(`/tickets/${slip.body.id}/files/${drawn.body.id}`)).status, 404);
  t.equal((await handler.post(`/tickets/${slip.body.id}/reveal`, { field: 'phone', reason: '联系' })).status, 403);
  await cloud.rows(move, [slip.body.id, 1]);
  await edit({ sign: { ...signed, name: '王科员' } });
  t.match(await cloud.rows('SELECT field FROM ticket_files WHERE id = $1', [drawn.body.id]), [{ field: 'sign' }]);

  const left = await send(clerk, '/ticket-files?name=left.png', Buffer.concat([png, Buffer.from('x')]));
  t.equal(left.status, 201);
  const shared = await send(clerk, '/ticket-files?name=shared.png', Buffer.concat([png, Buffer.from('y')]));
  const { sha256 } = shared.body;
  await cloud.rows(
    `INSERT INTO exchange_channels (id, tenant_id, code, name, partner, key_id, secret, mapping) VALUES ($1, $1, 'c', 'c', '12345', 'k', '', '{}')`,
    [cloud.tenantId],
  );
  await cloud.rows(
    `INSERT INTO exchange_files (tenant_id, channel_id, direction, sha256, name, bytes, at) VALUES ($1, $1, 'in', $2, 'a.png', 1, now())`,
    [cloud.tenantId, sha256],
  );
  const deps = { database: cloud.db, clock: cloud.clock };
  t.equal(await sweepFiles(deps), 0);
  await cloud.clock.advance(25 * 3_600_000);
  t.equal(await sweepFiles(deps), 2, 'what no ticket names goes after a day');
  const content = folderBlobStore(join(cloud.folder, 'blobs'));
  t.ok(await content.stat({ tenantId: cloud.tenantId, sha256 }), 'not the content that a platform sent too');
  t.notOk(await content.stat({ tenantId: cloud.tenantId, sha256: left.body.sha256 }));
  t.same(await cloud.rows('SELECT name FROM ticket_files WHERE ticket_id IS NULL'), []);
});

t.test('no title becomes a formula', (t) => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1', '＠A1', '\n=1'])
    t.match(csvCell(text), /^"?'/);
  t.equal(csvCell('a,"b"\n'), '"a,""b""\n"');
  t.equal(csvCell('路灯'), '路灯');
  t.end();
});
