import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@hallhub/shared';
import fc from 'fast-check';
import { ImapFlow } from 'imapflow';
import pino from 'pino';
import t from 'tap';
import { MetricsRegistry } from '../../../http/metrics.js';
import { openNotices } from '../../notices/index.js';
import { decoded, mailServer } from '../../notices/outward/testing-peers.js';
import { createSealing } from '../../pki/sealing.js';
import { bringUpTickets } from '../../tickets/testing.js';
import { hasDovecot, startDovecot } from './dovecot.js';
import { textOfHtml } from './html-text.js';
import { openMailIntake } from './index.js';
import { readLetter } from './read-letter.js';

t.setTimeout(300_000);

const until = async <T>(read: () => Promise<T | undefined | false>): Promise<T> => {
  const endMs = performance.now() + 60_000;
  for (;;) {
    const found = await read();
    if (found) return found;
    if (performance.now() > endMs) throw new Error('it did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

let serial = 0;
const letter = (of: { from?: string; subject?: string; text?: string; id?: string; more?: string[] } = {}): string =>
  [
    `Message-ID: <${of.id ?? `m${++serial}@example.org`}>`,
    `From: ${of.from ?? '=?UTF-8?B?546L5bCP5piO?= <wang@example.org>'}`,
    'To: desk@hall.example',
    `Subject: ${of.subject ?? '=?UTF-8?B?6Lev54Gv5LiN5Lqu?='}`,
    ...(of.more ?? ['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit']),
    '',
    of.text ?? '人民路八十号门前的路灯坏了三天。',
    '',
  ].join('\r\n');

const withFiles = [
  'Content-Type: multipart/mixed; boundary="x"',
  '',
  '--x',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<p>见<b>照片</b></p><script>alert(1)</script>',
  '--x',
  'Content-Type: image/png',
  'Content-Disposition: attachment; filename="../灯.png"',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').toString('base64'),
  '--x',
  'Content-Type: application/octet-stream',
  'Content-Disposition: attachment; filename="virus.exe"',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('MZ not a picture').toString('base64'),
  '--x--',
];

/** What Postfix writes of a letter that it could not bring (RFC 3464), with the letter’s head. */
const bounceOf = (messageId: string, action = 'failed', status = '5.1.1', last = 'rfc822; wang@example.org'): string =>
  letter({
    from: 'MAILER-DAEMON@mx.example.org',
    subject: 'Undelivered Mail Returned to Sender',
    more: [
      'Auto-Submitted: auto-replied',
      'Content-Type: multipart/report; report-type=delivery-status; boundary="B"',
      '',
      '--B',
      'Content-Type: text/plain',
      '',
      'I am sorry.',
      '--B',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.example.org',
      '',
      `Final-Recipient: ${last}`,
      `Action: ${action}`,
      `Status: ${status}`,
      'Diagnostic-Code: smtp; 550 5.1.1 <wang@example.org>: Recipient address',
      '    rejected: User unknown',
      '--B',
      'Content-Type: text/rfc822-headers',
      '',
      `Message-ID: ${messageId}`,
      'Subject: x',
      '--B--',
    ],
    text: '',
  });

t.test('what is read of a letter, hostile or not', async (t) => {
  t.equal(textOfHtml('<style>p{}</style><p>甲&amp;乙</p>丙<br>丁<script>x</scr'), '甲&乙\n丙\n丁');
  t.equal(textOfHtml('<img src=x onerror="a>b">文<!-- <p>no -->字&#x4e2d;&#0;&bogus;'), 'b">文字中\ufffd&bogus;');
  const before = process.cpuUsage();
  textOfHtml('<'.repeat(400_000));
  textOfHtml('<script>'.repeat(100_000));
  t.ok(process.cpuUsage(before).user < 5_000_000, 'in one pass: µs of the processor');
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      (html) => !/<script|[\u0000-\u0008\u202e]/.test(textOfHtml(`<div>${html}</div>`).replace(/&lt;/g, '')),
    ),
    { numRuns: 300 },
  );
  const aside = async (...more: string[]) => (await readLetter(Buffer.from(letter({ more })))).aside;
  t.equal(await aside('Auto-Submitted: auto-replied'), 'auto_reply');
  t.equal(await aside('Auto-Submitted: no'), undefined);
  t.equal(await aside('List-Id: <a.b>'), 'list');
  t.equal(await aside('Content-Type: multipart/report; boundary=x'), 'bounce');
  t.equal(await aside('Return-Path: <>'), 'bounce');
  t.equal(await aside('Precedence: bulk'), 'bulk');
  t.equal(await aside('Return-Path: <>', 'Auto-Submitted: auto-replied (vacation)'), 'auto_reply');
  t.equal(
    await aside('Content-Type: multipart/report; report-type=disposition-notification; boundary=x'),
    'auto_reply',
  );
  const asideBy = async (subject: string) => (await readLetter(Buffer.from(letter({ subject })))).aside;
  t.equal(await asideBy('自动回复：路灯'), 'auto_reply');
  t.equal(await asideBy('自动回复设备坏了'), undefined, 'a person’s words');
  const reportOf = async (raw: string) => (await readLetter(Buffer.from(raw))).report;
  t.same(await reportOf(bounceOf('<x@hall.example>')), {
    ...{ action: 'failed', status: '5.1.1', about: ['<x@hall.example>'] },
    detail: '550 5.1.1 <wang@example.org>: Recipient address rejected: User unknown',
    finalRecipient: 'wang@example.org',
  });
  const lastOf = async (last: string) =>
    (await reportOf(bounceOf('<x@hall.example>', 'failed', '5.1.1', last)))?.finalRecipient;
  t.equal(await lastOf('RFC822;<王@例子.中国>'), '王@例子.中国');
  t.same(await Promise.all(['x400; /c=cn', 'rfc822;', 'rfc822; a b'].map(lastOf)), [null, null, null]);
  t.match(await reportOf(bounceOf('<x@hall.example>', 'relayed', '2.0.0')), { action: 'delivered' });
  t.equal(await reportOf(bounceOf('<x@hall.example>', 'whatever')), undefined);
  t.equal(await reportOf(letter({ text: 'Message-ID: <x@hall.example>' })), undefined, 'anybody can quote');
  const exim = letter({
    ...{ from: 'Mailer-Daemon@mx.example.org', text: 'failed:\n\n> Message-Id: <x@hall.example>\n> Subject: y' },
    more: ['X-Failed-Recipients: wang@example.org', 'Auto-Submitted: auto-replied'],
  });
  t.match(await reportOf(exim), {
    ...{ action: 'failed', status: null, finalRecipient: null, about: ['<x@hall.example>'] },
  });
  const gb = Buffer.concat([
    Buffer.from('From: a@b.cn\r\nContent-Type: text/plain; charset=gb18030\r\n\r\n'),
    Buffer.from([0xc2, 0xb7, 0xb5, 0xc6]),
  ]);
  t.match(await readLetter(gb), { from: 'a@b.cn', text: '路灯', messageId: undefined });
  const same = [await readLetter(gb), await readLetter(gb)];
  t.same(same[0]?.key, same[1]?.key, 'the same letter, although it has no Message-ID');
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (bytes) => void (await readLetter(bytes))),
    { numRuns: 100 },
  );
});

t.test(
  'letters of a real server become tickets, once, and only the requester’s answers are added',
  { skip: !hasDovecot && 'dovecot-imapd is not installed' },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'hallhub-dovecot-'));
    chmodSync(folder, 0o755);
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const server = await startDovecot(t, folder);
    let intake: ReturnType<typeof openMailIntake> | undefined;
    let notices: ReturnType<typeof openNotices> | undefined;
    const sealing = createSealing('x'.repeat(32));
    const log = pino({ level: process.env.LOG ?? 'silent' });
    const app = await bringUpTickets(t, {
      routes: ({ db, bus }) => {
        intake = openMailIntake(
          {
            database: db,
            clock: systemClock,
            ...{ live: bus, log, sealing, allowPrivate: true },
          },
          { everyMs: 100, pollMs: 1_000 },
        );
        notices = openNotices(
          {
            ...{ database: db, clock: systemClock, live: bus, log, sealing, allowPrivate: true },
            ...{ metrics: new MetricsRegistry(), publicUrl: 'https://hall.example.org' },
          },
          { everyMs: 100 },
        );
        return [...intake.routes, ...notices.routes];
      },
    });
    t.teardown(() => intake?.close());
    t.teardown(() => notices?.close());
    const smtp = await mailServer(t);
    const owner = await app.signInAs('owner');
    const dispatcher = await app.signInAs('ticket-dispatcher');
    const ca = readFileSync(server.certificate, 'utf8');
    const account = { host: 'localhost', port: server.tls, security: 'tls', userName: 'desk', ca };
    const tried = async (more: object) =>
      (await owner.post('/mailboxes/test', { ...account, password: 'geheim', ...more })).body;
    await until(async () => (await tried({})).ok);
    t.match(await tried({ password: 'falsch' }), { ok: false, failure: 'password' });
    const trail = await app.auditRows('mailbox.tested');
    t.match(trail.at(-1), { after: { userName: 'desk' } });
    t.notMatch(JSON.stringify(trail), /falsch|geheim/);
    t.match(await tried({ ca: null }), { ok: false, failure: 'certificate' });
    t.match(await tried({ folder: 'Nirgends' }), { ok: false, failure: 'folder' });
    t.match(await tried({ port: 1 }), { ok: false, failure: 'unreachable' });
    t.match(await tried({ host: 'no-such-host.invalid' }), { ok: false, failure: 'host' });
    t.match(await tried({ host: '169.254.169.254' }), { ok: false, failure: 'address' });
    t.match(
      await tried({ host: '203.0.113.7', security: 'plain' }),
      { ok: false, failure: 'plain' },
      'where all listen',
    );
    t.match(await tried({ port: server.plain, security: 'starttls' }), { ok: true });

    const writer = new ImapFlow({
      host: '127.0.0.1',
      port: server.plain,
      secure: false,
      doSTARTTLS: false,
      auth: { user: 'desk', pass: 'geheim' },
      logger: false,
    });
    await writer.connect();
    t.teardown(() => writer.close());
    await writer.append('INBOX', letter({ subject: 'old', id: 'old@example.org' }));
    const mailbox = { ...account, name: '诉求邮箱', address: 'desk@hall.example', kind: 'citizen_request' };
    t.equal((await dispatcher.post('/mailboxes', { ...mailbox, password: 'geheim' })).status, 403);
    t.equal((await owner.post('/mailboxes', { ...mailbox, password: 'geheim', kind: 'none' })).status, 400);
    const made = (await owner.post('/mailboxes', { ...mailbox, password: 'geheim' })).body;
    t.match(made, {
      state: 'new',
      mapping: { title: 'title', text: 'content', requester: 'requester', files: 'files' },
    });
    t.notOk(JSON.stringify(made).includes('geheim'));
    t.equal((await owner.post('/mailboxes', { ...mailbox, password: 'geheim' })).status, 409);
    const state = async () => (await owner.get('/mailboxes')).body.items[0];
    await until(async () => (await state()).state === 'ok');
    await app.join(app.offices.reception, [dispatcher.userId]);
    const config = { ...smtp.config, from: 'notice@hall.example' };
    t.equal(
      (await owner.post('/notice-channels', { kind: 'email', name: '邮箱', config, password: 'mail-password' })).status,
      201,
    );

    await writer.append('INBOX', letter({ id: 'first@example.org' }));
    await writer.append('INBOX', letter({ id: 'first@example.org' }));
    await writer.append('INBOX', letter({ more: withFiles, text: '', subject: 'Re: photo' }));
    await writer.append('INBOX', letter({ more: ['Auto-Submitted: auto-replied'] }));
    await writer.append('INBOX', letter({ from: 'desk@hall.example' }));
    await until(async () => ((await state()).letters.aside === 2 ? true : undefined));
    const tickets = await app.rows<{ id: string; number: string; title: string }>(
      'SELECT * FROM tickets ORDER BY made_at, number',
    );
    t.match(tickets, [
      { source: 'email', title: '路灯不亮', made_by_name: '王**', origin_system: 'mail' },
      { title: 'photo' },
    ]);
    t.equal(tickets.length, 2, 'the same letter twice is one ticket, and what was there before is none');
    const [first, photo] = tickets;
    t.match(await app.rows('SELECT name, ticket_id FROM ticket_files'), [{ name: /灯.png$/, ticket_id: photo?.id }]);
    const page = (await dispatcher.get(`/tickets/${photo?.id}`)).body;
    t.match(page.fields.content, /见照片[\s\S]*virus\.exe/);

    await writer.append(
      'INBOX',
      letter({ id: 'a2@example.org', subject: `Re: [${first?.number}]`, text: '还是不亮\r\n> 旧文' }),
    );
    await writer.append(
      'INBOX',
      letter({
        from: 'li@example.org',
        subject: `Re: [${first?.number}]`,
        more: ['In-Reply-To: <first@example.org>'],
        text: '我是别人',
      }),
    );
    await writer.append(
      'INBOX',
      letter({ subject: 'x', more: ['References: <z@z> <a2@example.org>'], text: '第三封' }),
    );
    await writer.append(
      'INBOX',
      letter({ subject: 'x', more: ['References: <first@example.org> <a2@example.org>'], text: '第四封' }),
    );
    await until(async () => ((await state()).letters.added === 3 ? true : undefined));
    await until(async () => ((await app.rows('SELECT 1 FROM tickets')).length === 3 ? true : undefined));
    const lines = await app.rows<{ opinion: string }>(
      `SELECT opinion FROM ticket_history WHERE ticket_id = '${first?.id}' AND opinion LIKE '来信%' ORDER BY seq`,
    );
    t.same(
      lines.map(({ opinion }) => opinion),
      ['来信（发件人未经核实）：还是不亮', '来信（发件人未经核实）：第三封', '来信：第四封'],
      'another’s words are a ticket of theirs; whoever has seen no letter of it is not taken for its requester',
    );
    const letters = (await owner.get(`/mailboxes/${made.id}/letters?state=aside`)).body.items;
    t.match(letters, [{ reason: 'own' }, { reason: 'auto_reply', ticket: null }]);

    // Each that became a ticket is answered, once, as an answer; what was put aside is not.
    await until(async () => (smtp.mails.length === 3 ? true : undefined));
    const answered = smtp.mails.find(({ raw }) => raw.includes('In-Reply-To: <first@example.org>'))?.raw ?? '';
    t.match(decoded(answered), first?.number);
    t.match(answered, /To: wang@example.org/);
    t.match(answered, /X-Auto-Response-Suppress: OOF, AutoReply/);
    const acknowledged = /Message-ID: (<[^>]+>)/.exec(answered)?.[1] ?? '';
    await writer.append('INBOX', letter({ more: [`In-Reply-To: ${acknowledged}`], subject: '谢谢', text: '好的' }));
    await until(async () => ((await state()).letters.added === 4 ? true : undefined));
    await writer.append('INBOX', letter({ from: 'notice@hall.example', subject: 'ours, come back' }));

    // It comes back: its notice says so, and whose turn the ticket is are told, once.
    await writer.append('INBOX', bounceOf(acknowledged, 'delayed', '4.4.1'));
    const delivery = async () => (await owner.get(`/notice-deliveries?ticketId=${first?.id}`)).body.items[0];
    await until(async () => (await delivery()).code === 'delayed');
    t.match(await delivery(), { state: 'sent' });
    await writer.append('INBOX', bounceOf(acknowledged));
    await until(async () => (await delivery()).state === 'failed');
    t.match(await delivery(), {
      code: 'bounced_address',
      detail: '5.1.1 550 5.1.1 <w***@example.org>: Recipient address',
    });
    await writer.append('INBOX', bounceOf(acknowledged));
    await until(async () => ((await state()).letters.aside === 6 ? true : undefined));
    const told = (await dispatcher.get('/me/notices')).body.items.filter(
      (one: { rule: string }) => one.rule === 'mail_bounced',
    );
    t.equal(told.length, 1);
    t.match(told[0].text, { zh: `${first?.number} 发给 w***@example.org 的邮件没有送达：地址不存在` });
    t.match(await owner.post(`/notice-deliveries/${(await delivery()).id}/replay`), { status: 409 });
    const [newest] = (await owner.get(`/mailboxes/${made.id}/letters?state=aside`)).body.items;
    t.match(newest, { reason: 'bounce', ticket: { number: first?.number } });
    t.equal(smtp.mails.length, 3, 'none of these is answered');

    // Read and not noted, as by a process that was killed in between: the note decides, the mark follows.
    await app.rows('UPDATE mailboxes SET last_uid = 1, version = version + 1');
    const before = (await app.rows('SELECT 1 FROM mail_letters')).length;
    await until(async () =>
      (await app.rows('SELECT 1 FROM mailboxes WHERE last_uid > 5')).length > 0 ? true : undefined,
    );
    t.equal((await app.rows('SELECT 1 FROM tickets')).length, 3);
    t.equal((await app.rows('SELECT 1 FROM mail_letters')).length, before);

    const now = await state();
    const edit = { ...mailbox, folder: 'INBOX', acknowledge: true, enabled: true };
    const mapping = { ...now.mapping, requester: null };
    const elsewhere = { ...edit, mapping: { ...mapping, category: ['nowhere'] } };
    t.equal((await owner.put(`/mailboxes/${made.id}`, elsewhere, now.version)).status, 400, 'no such category');
    t.equal((await owner.put(`/mailboxes/${made.id}`, { ...edit, mapping }, now.version)).status, 200);
    t.equal(
      (await owner.put(`/mailboxes/${made.id}`, { ...edit, host: '127.0.0.1' }, now.version + 1)).status,
      400,
      'a password goes nowhere else',
    );
    t.equal((await owner.put(`/mailboxes/${made.id}`, { ...edit, password: 'falsch' }, now.version + 1)).status, 200);
    const failed = await until(async () => ((await state()).state === 'failed' ? state() : undefined));
    t.match(failed, { failure: 'password', failures: 1, mapping: { requester: null } }, 'what was mapped stays');
    t.ok(Date.parse(failed.nextAt) > Date.now(), 'tried again later');
    t.equal((await owner.delete(`/mailboxes/${made.id}`, failed.version)).status, 204);
    t.notMatch(JSON.stringify(await app.auditRows()), /geheim|falsch/);
  },
);
