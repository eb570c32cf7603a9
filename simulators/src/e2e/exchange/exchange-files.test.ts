import { createHash, randomBytes } from 'node:crypto';
import t from 'tap';
import { keepFile } from '../../../../cloud/src/modules/tickets/files/keep-file.js';
import { platformPeople } from '../../peers/platform-12345/platform-people.js';
import { waitUntil } from '../wait-until.js';
import { bringUpExchange, nothingUnderWay } from './exchange-rig.js';

t.setTimeout(600_000);

const jpeg = () => Buffer.concat([Buffer.from('ffd8ffe000104a46494600', 'hex'), randomBytes(200)]);
const shaOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

t.test(
  'attachments of theirs are the ticket’s, whatever their names; what is refused is told, and the ticket comes',
  async (t) => {
    const rig = await bringUpExchange(t);
    const { platform } = rig;
    platform.faults.set({ cutUpload: 0.5, loseOwnAnswer: 0.2, sendTwice: 0.5 });
    const good = jpeg();
    const files = [
      platform.addFile('../../etc/现场:1\u202egpj.jpg', good),
      platform.addFile('表.exe', Buffer.from('MZ nothing that is taken')),
      ...[1, 2, 3].map((i) => platform.addFile(`${i}.jpg`, jpeg())),
    ];
    const number = platform.dispatch({ title: '井盖缺失', files });
    await nothingUnderWay(rig);
    const rows = await rig.rows<{ name: string; sha256: string; field: string | null; media_type: string }>(
      'SELECT name, sha256, field, media_type FROM ticket_files ORDER BY name',
      [],
    );
    t.equal(rows.length, 4, 'each once, though messages came twice');
    t.match(
      rows.find(({ sha256 }) => sha256 === shaOf(good)),
      { name: '现场_1gpj.jpg', media_type: 'image/jpeg', field: 'photos' },
    );
    t.equal(rows.filter(({ field }) => field === null).length, 1, 'beyond what the field takes: beside');
    const left = await rig.rows('SELECT name, code FROM exchange_ticket_files WHERE state = $1', ['refused']);
    t.match(left, [{ name: '表.exe', code: 'invalid' }], 'and the log says which did not come');
    t.equal(platform.ticket('platform', number)?.state, 'dispatched');
  },
);

t.test('attachments of ours go along once; what they refuse is left out with its reason', async (t) => {
  const rig = await bringUpExchange(t);
  const { platform, tickets, ctx } = rig;
  platform.behaviour = platformPeople({}, () => 1);
  platform.judgeFile = (name) => (name.startsWith('refuse') ? 'invalid' : undefined);
  platform.faults.set({ loseAnswer: 0.1, loseFile: 0.2 });
  const send = async (name: string, ticketId: string | null, bytes = jpeg()) => {
    const body = new Blob([new Uint8Array(bytes)]).stream() as ReadableStream<Uint8Array>;
    return { id: (await keepFile(ctx, body, { ticketId, name })).id, sha256: shaOf(bytes) };
  };
  const [one, bad] = [await send('one.jpg', null), await send('refuse.jpg', null)];
  const ours = await tickets.make(ctx, {
    ...{ kind: 'exchange_try', fields: { title: '噪声', content: '夜间', outside: true, photos: [one.id, bad.id] } },
  });
  await nothingUnderWay(rig);
  const theirs = () => platform.ticket('hub', ours.number);
  t.same(theirs()?.files, [one.sha256]);
  t.same(theirs()?.left, ['invalid']);
  const later = await send('later.pdf', ours.id, Buffer.from('%PDF-1.7 something'));
  const [task] = await rig.rows<{ id: string }>(`SELECT live_tasks #>> '{0,id}' AS id FROM tickets WHERE id = $1`, [
    ours.id,
  ]);
  await rig.act(ours.id, { do: 'submit', task: task?.id ?? '', action: 'again', fields: {}, opinion: '未解决' });
  await nothingUnderWay(rig);
  t.ok(theirs()?.files.includes(later.sha256), 'what was added since goes with what is said next');
  t.ok(platform.files.has(later.sha256));
  const noted = await rig.rows('SELECT name, state, code FROM exchange_ticket_files ORDER BY name', []);
  t.match(noted, [
    { name: 'later.pdf' },
    { name: 'one.jpg', state: 'accepted' },
    { name: 'refuse.jpg', code: 'invalid' },
  ]);
});

t.test('a platform that does not answer keeps no other waiting', async (t) => {
  const rig = await bringUpExchange(t);
  const slow = rig.platform;
  slow.faults.set({ lateShare: 1, lateMs: 600_000 });
  await rig.tickets.make(rig.ctx, { kind: 'exchange_try', fields: { title: '一', content: 'x', outside: true } });
  for (let i = 0; i < 12; i++) {
    await rig.tickets.make(rig.ctx, { kind: 'exchange_try', fields: { title: `${i}`, content: 'x', outside: true } });
  }
  const quick = await rig.addChannel({ code: 'grid', mapping: { outgoing: null } });
  const numbers = Array.from({ length: 20 }, (_, i) => quick.platform.dispatch({ title: `格 ${i}` }));
  await waitUntil('their tickets here', () => quick.platform.isIdle);
  const rows = await rig.rows<{ id: string; task: string }>(
    `SELECT id, live_tasks #>> '{0,id}' AS task FROM tickets WHERE origin_system = $1`,
    [`exchange:${quick.channelId}`],
  );
  for (const { id, task } of rows) await rig.act(id, { do: 'sign', task });
  await waitUntil(
    'all signed at the quick one',
    () => numbers.every((number) => quick.platform.ticket('platform', number)?.state === 'signed'),
    { everyMs: 20 },
  );
  t.equal(slow.tickets.size, 0, 'and the slow one has not answered once');
});
