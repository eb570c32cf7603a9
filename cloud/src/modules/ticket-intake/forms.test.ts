import pino from 'pino';
import t from 'tap';
import { folderBlobStore } from '../../blobs/index.js';
import { createApp } from '../../http/create-app.js';
import { MetricsRegistry } from '../../http/metrics.js';
import { postgresIdempotency } from '../../http/postgres-idempotency.js';
import { createSealing } from '../pki/sealing.js';
import { bringUpTickets, shippedKind } from '../tickets/testing.js';
import { networkOf } from './forms/network-of.js';
import { progressLink } from './forms/progress-pass.js';
import { openIntake } from './index.js';
import { escapeHtml, html } from './pages/html.js';
import { createForm, listForms } from './verbs/forms.js';
import { previewForm } from './verbs/preview-form.js';

t.setTimeout(300_000);

const bringUpForms = async (t: Parameters<typeof bringUpTickets>[0]) => {
  const tickets = await bringUpTickets(t, { kinds: [shippedKind('citizen_request')] });
  const { db, clock, bus } = tickets;
  const log = pino({ level: process.env.LOG ?? 'silent' });
  const sealing = createSealing('x'.repeat(32));
  const evidence = folderBlobStore('/nonexistent');
  const intake = openIntake({ database: db, clock, live: bus, log, sealing, evidence });
  const app = await createApp({
    ...{ verbContext: { db, clock, live: bus }, routes: intake.routes, mounts: [intake.mount], checkAnswers: true },
    ...{ log, clock, idempotency: postgresIdempotency(db, clock), checks: {}, metrics: new MetricsRegistry() },
    authenticator: { authenticate: async () => null },
    ...{ metricsToken: null, publicUrl: null, trustedProxies: 1, consoleFolder: '/nonexistent', version: '0' },
  });
  t.teardown(() => intake.close());
  const ctx = tickets.systemContext();
  await createForm(ctx, {
    ...{ slug: 'ask', kind: 'citizen_request', title: { zh: '我要反映', en: 'Tell us' }, intro: null, hallId: null },
    ...{
      fields: ['title', 'content', 'nature', 'place', 'requester', 'phone', 'files'],
      answers: ['reply'],
      enabled: true,
      source: 'web_form',
    },
  });
  const send = (path: string, body: FormData | object | undefined, ip = '203.0.113.9', cookie = '') =>
    app.request(`http://hall.test${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'x-forwarded-for': ip,
        ...(cookie === '' ? {} : { cookie }),
        ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
    });
  return { tickets, ctx, send, sealing };
};

const filledWith = (values: Readonly<Record<string, string>>): FormData => {
  const form = new FormData();
  for (const [key, value] of Object.entries(values)) form.set(key, value);
  return form;
};
const filled = (more: Record<string, string> = {}) =>
  filledWith({
    ...{ title: '路灯<b>不亮</b>', content: '三天了', nature: 'help', place: '人民路', requester: '王小明' },
    ...{ phone: '13812348000', website: '', ...more },
  });

t.test('somebody asks on the page, comes back with number and PIN, judges the result', async (t) => {
  const { tickets, ctx, send } = await bringUpForms(t);
  const shown = await (await send('/form/ask?lang=en', undefined)).text();
  t.match(shown, '<html lang="en">');
  t.match(shown, /<label for="f-title">.+required/);
  t.notMatch(
    shown,
    /<script(?! src="\/form-guard\.js" defer><\/script>)/,
    'none but one of our own, which it does not need',
  );
  new Function(await (await send('/form-guard.js', undefined)).text());
  const wrong = await send('/form/ask', filled({ phone: '12', title: '' }));
  t.equal(wrong.status, 400);
  const told = await wrong.text();
  t.match(told, /role="alert"[\s\S]+#f-title[\s\S]+#f-phone/);
  t.notMatch(told, '请重新选择', 'none had been chosen');
  const form = filled();
  form.append(
    'files',
    new File([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')], '灯.png', { type: 'image/png' }),
  );
  const sent = await send('/form/ask', form);
  t.equal(sent.status, 201);
  const page = await sent.text();
  const [number = '', pin = ''] = [...page.matchAll(/<dd class="big">([^<]+)/g)].map(([, text]) => text ?? '');
  const [row] = await tickets.rows<{ id: string; source: string; made_by_name: string; number: string }>(
    'SELECT * FROM tickets',
  );
  t.match(row, { source: 'web_form', made_by_name: '王**', number });
  t.equal((await tickets.rows('SELECT 1 FROM ticket_files WHERE ticket_id IS NOT NULL')).length, 1);
  const asked = new FormData();
  asked.set('number', number.toLowerCase());
  asked.set('pin', `${pin.slice(0, 4)}-${pin.slice(4)}`.toLowerCase());
  const progress = await (await send('/progress', asked)).text();
  t.match(progress, '待登记');
  t.notMatch(progress, /王小明|13812348000|人民路|路灯/);
  // The office does its work.
  const id = row?.id ?? '';
  const task = async () =>
    (await tickets.rows<{ id: string }>(`SELECT live_tasks #>> '{0,id}' AS id FROM tickets`))[0]?.id ?? '';
  const submit = async (action: string, fields: object, more: object = {}) =>
    tickets.act(ctx, id, { do: 'submit', task: await task(), action, fields: fields as never, ...more });
  await submit('to_dispatch', {});
  await submit('dispatch', { category: ['lighting'] }, { to: [{ kind: 'office', id: tickets.offices.works }] });
  await tickets.act(ctx, id, { do: 'sign', task: await task() });
  await submit('solved', { result: '已修', reply: '路灯已于今日修复' });
  await submit('pass', {});
  const solved = (await (await send(`/api/v1/public/tickets/${number}/progress`, { pin })).json()) as {
    answers: object[];
  };
  t.match(solved, { phase: 'solved', mayJudge: true, mayWithdraw: false, answers: [{ text: '路灯已于今日修复' }] });
  const judgement = filledWith({ number, pin, satisfaction: '1', cause: 'unsolved', words: '还是不亮' });
  const judged = await send('/progress/visit', judgement);
  t.equal(judged.status, 200);
  const next = await judged.text();
  t.match(next, /role="status" class="done">感谢您的评价。没有让您满意.+已转入“待派遣”继续办理/, 'what comes next');
  const again = await send(`/api/v1/public/tickets/${number}/visit`, { pin, satisfaction: 1 });
  t.equal(again.status, 409, 'nothing is asked any more');
  t.match(await (await send(`/api/v1/public/tickets/${number}/progress`, { pin })).json(), {
    state: { zh: '待派遣' },
  });
  t.equal((await send(`/api/v1/public/tickets/${number}/withdraw`, { pin, words: '自己修好了' })).status, 204);
  t.match(await (await send(`/api/v1/public/tickets/${number}/progress`, { pin })).json(), { phase: 'cancelled' });
});

t.test('sent twice, at once or later, it is one request with one PIN; other words are another', async (t) => {
  const { tickets, send } = await bringUpForms(t);
  const token = /name="token" value="([\w-]{16,})"/.exec(await (await send('/form/ask', undefined)).text())?.[1] ?? '';
  t.not(token, '');
  const png = new File([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')], '灯?.png');
  const form = (more: Record<string, string> = {}, ...files: File[]) => {
    const body = filled({ token, ...more });
    for (const file of files) body.append('files', file);
    return body;
  };
  const receipt = async (body: FormData) => {
    const response = await send('/form/ask', body);
    const page = await response.text();
    return {
      status: response.status,
      page,
      keys: [...page.matchAll(/<dd class="big">([^<]+)/g)].map(([, text]) => text),
    };
  };
  const [one, two] = await Promise.all([receipt(form({}, png)), receipt(form({}, png))]);
  t.match([one.status, two.status], [201, 201]);
  t.same(one.keys, two.keys);
  t.same((await receipt(form({}, png))).keys, one.keys, 'after an answer that was lost');
  t.same((await receipt(form())).keys, one.keys, 'after a step back: browsers bring the words again and the files not');
  const [number, pin] = one.keys;
  t.equal((await send(`/api/v1/public/tickets/${number}/progress`, { pin })).status, 200);
  t.equal((await tickets.rows('SELECT 1 FROM tickets')).length, 1);
  t.equal((await tickets.rows('SELECT 1 FROM ticket_files')).length, 1, 'and one picture');
  const other = await receipt(form({ content: '又坏了' }));
  t.not(other.keys[0], number);
  t.not(other.keys[1], pin);
  // Refused: nothing is kept, what was said stands, and it is still the same page.
  for (const [why, files] of Object.entries({
    'no picture': [png, new File(['MZ evil'], 'a.jpg')],
    'an archive': [png, new File([Buffer.from('504b0304', 'hex'), Buffer.alloc(20)], 'bomb.jpg')],
    'a drawing with a script': [png, new File(['<svg onload="alert(1)"/>'], 'a.svg')],
    'too many': Array.from({ length: 7 }, () => png),
  })) {
    const refused = await receipt(form({ content: why }, ...files));
    t.equal(refused.status, 400, why);
    t.match(refused.page, `value="${token}"`, why);
    t.match(refused.page, why === 'too many' ? '最多 6 个附件' : '请用照片或 PDF', why);
  }
  t.equal((await tickets.rows('SELECT 1 FROM ticket_files')).length, 1, 'no file is left of them');
});

t.test('robots, floods and guesses get nowhere', async (t) => {
  const { tickets, send } = await bringUpForms(t);
  t.match(await (await send('/form/ask', filled({ website: 'http://x' }))).text(), 'OK0000');
  t.equal((await tickets.rows('SELECT 1 FROM tickets')).length, 0);
  const body = { fields: { title: '问', content: '问', nature: 'consult' } };
  const statuses = [];
  for (let i = 0; i < 12; i++) statuses.push((await send('/api/v1/public/forms/ask', body, `192.0.2.${i}`)).status);
  t.same(statuses.slice(-2), [429, 429], 'one network is one asker');
  t.equal((await send('/api/v1/public/forms/none', undefined)).status, 404);
  const foreign = await send(
    '/api/v1/public/forms/ask',
    { fields: { ...body.fields, responsibility: 'first' } },
    '198.51.100.7',
  );
  t.equal(foreign.status, 400, 'what only the house may write is not taken');
  const file = { fields: { ...body.fields, files: ['01990000-0000-7000-8000-000000000001'] } };
  t.equal((await send('/api/v1/public/forms/ask', file, '198.51.100.7')).status, 400, 'nor a file that is not sent');
});

t.test('a form is seen before it is saved, with what may stand on it; how often it was sent is counted', async (t) => {
  const { ctx, send } = await bringUpForms(t);
  const written = {
    ...{ kind: 'citizen_request', title: { zh: '我要<b>反映', en: 'Ask' }, intro: null, answers: [], hallId: null },
    ...{ enabled: true, source: 'web_form' as const, slug: 'ask', fields: ['title', 'phone'], language: 'zh' as const },
  };
  const shown = await previewForm(ctx, written);
  t.match(shown, { slugTaken: true, fault: /needs content/, answerable: [{ key: 'title' }] });
  t.match(
    shown.askable.find(({ key }) => key === 'nature'),
    { required: true, personal: false, type: 'choice' },
  );
  t.notOk(
    shown.askable.some(({ key }) => key === 'responsibility'),
    'what only the house writes is not offered',
  );
  t.match(shown.html, /<h1>我要&lt;b&gt;反映<\/h1>[\s\S]+f-title[\s\S]+f-phone/);
  const [form] = (await listForms(ctx)).items;
  t.match(form, { submitted: 0, lastAt: null });
  t.notOk((await previewForm(ctx, { ...written, formId: form?.id })).slugTaken, 'its own address is free for it');
  await send('/api/v1/public/forms/ask', { fields: { title: '问', content: '问', nature: 'consult' } });
  t.match((await listForms(ctx)).items, [{ submitted: 1, lastAt: /^20/ }]);
  await t.rejects(previewForm(ctx, { ...written, kind: 'none' }), { code: 'invalid_input' });
});

const question = { fields: { title: '问', content: '问', nature: 'consult' } };

t.test('whoever guesses is held, network by network; who has the PIN is not, whatever others do', async (t) => {
  const { tickets, send } = await bringUpForms(t);
  const made = (await (await send('/api/v1/public/forms/ask', question)).json()) as { number: string; pin: string };
  const ask = async (number: string, pin: string, ip: string) => {
    const answer = await send(`/api/v1/public/tickets/${number}/progress`, { pin }, ip);
    return { status: answer.status, text: (await answer.text()).replace(/"requestId":"[^"]*"/, '') };
  };
  const never = 'SQ2099010100001';
  const guesses = async (number: string, ip: string) => {
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push(await ask(number, `AAAAAAA${i}`, ip));
    return answers.map(({ status, text }) => ({ status, text: text.replaceAll(number, 'N') }));
  };
  const [known, unknown] = [await guesses(made.number, '198.51.100.1'), await guesses(never, '192.0.2.1')];
  t.same(
    known.map(({ status }) => status),
    [404, 404, 404, 404, 404, 429],
  );
  t.same(known, unknown, 'a number that nobody has answers like one that somebody has');
  t.equal((await ask(made.number, made.pin, '203.0.113.9')).status, 200, 'the owner is elsewhere, and not held');
  t.equal(
    (await ask(made.number, made.pin, '198.51.100.200')).status,
    429,
    'that network waits, also for the right one',
  );
  await tickets.clock.advance(60_001);
  t.equal((await ask(made.number, made.pin, '198.51.100.1')).status, 200, 'a minute, and not for ever');
  // From many networks at one number: it becomes slow, and stays open.
  const sleeps: number[] = [];
  const { clock } = tickets;
  const sleep = clock.sleep.bind(clock);
  clock.sleep = (ms, signal) => {
    sleeps.push(ms);
    return sleep(ms, signal);
  };
  const late = async (asked: ReturnType<typeof ask>) => {
    let isThere = false;
    void asked.finally(() => {
      isThere = true;
    });
    let tookMs = 0;
    while (!isThere) {
      await new Promise((resolve) => setImmediate(resolve));
      // The clock moves as far as the answer itself waits for it, however long the database takes.
      for (const ms of sleeps.splice(0)) {
        await tickets.clock.advance(ms);
        tookMs += ms;
      }
    }
    return { ...(await asked), tookMs };
  };
  t.equal((await late(ask(made.number, 'AAAAAAAA', '10.1.200.1'))).tookMs, 0, 'not at once');
  for (let i = 0; i < 20; i++) await late(ask(made.number, 'AAAAAAAA', `10.1.${i}.1`));
  const { status, tookMs } = await late(ask(made.number, made.pin, '203.0.113.9'));
  t.equal(status, 200);
  t.ok(tookMs >= 1_000, `late by ${tookMs} ms`);
  const plain = await tickets.rows<{ key: Buffer }>('SELECT key FROM ticket_pin_guesses');
  t.ok(plain.length > 0 && plain.every(({ key }) => key.length === 32), 'neither numbers nor networks are kept');
});

t.test('no PIN stands in an address or on a page, and a link of a message is followed once', async (t) => {
  const { tickets, send, sealing } = await bringUpForms(t);
  const made = (await (await send('/api/v1/public/forms/ask', question)).json()) as { number: string; pin: string };
  const form = new FormData();
  form.set('number', made.number);
  form.set('pin', made.pin);
  const shown = await send('/progress', form);
  const cookie = shown.headers.get('set-cookie')?.split(';')[0] ?? '';
  t.match(shown.headers.get('set-cookie'), /HttpOnly; SameSite=Lax/);
  t.notMatch(await shown.text(), made.pin);
  t.notMatch(cookie, made.pin);
  t.match(await (await send(`/progress?number=${made.number}&pin=${made.pin}`, undefined)).text(), 'id="pin"');
  t.match(await (await send(`/progress?number=${made.number}`, undefined, undefined, cookie)).text(), '待登记');
  t.match(await (await send('/progress?number=SQ2099010100001', undefined, undefined, cookie)).text(), 'id="pin"');
  const back = new FormData();
  back.set('number', made.number);
  back.set('words', '不用了');
  const forged = `hallhub_progress=${'A'.repeat(46)}`;
  t.equal((await send('/progress/withdraw', back, undefined, forged)).status, 404);
  t.equal((await send('/progress/withdraw', back, undefined, cookie)).status, 200, 'the cookie stands for the PIN');
  const [row] = await tickets.rows<{ id: string }>('SELECT id FROM tickets');
  const link = progressLink(sealing, { ticketId: row?.id ?? '', nowMs: tickets.clock.now() });
  t.match(link, /^\/p\/[A-Za-z0-9_-]{46}$/);
  for (let i = 0; i < 2; i++) t.match(await (await send(link, undefined)).text(), '<form class="card" method="post">');
  const followed = await send(link, new FormData());
  t.equal(followed.status, 303);
  t.match(followed.headers.get('location'), `/progress?number=${made.number}`);
  const mine = followed.headers.get('set-cookie')?.split(';')[0] ?? '';
  t.match(await (await send(`/progress?number=${made.number}`, undefined, undefined, mine)).text(), '已');
  t.equal((await send(link, new FormData())).status, 410, 'once');
  t.equal((await send(link, undefined, undefined, mine)).status, 303, 'but for the browser that followed it');
  t.equal(
    (await send(`${link.slice(0, -9)}${link.at(-9) === 'A' ? 'B' : 'A'}${link.slice(-8)}`, undefined)).status,
    404,
  );
  t.equal((await send(link.replace('/p/', '/progress?number=x&pass='), undefined)).status, 200);
});

t.test('a number that many organisations have given means the ticket whose PIN it is', async (t) => {
  const { tickets, send } = await bringUpForms(t);
  const body = { fields: { title: '问', content: '问', nature: 'consult' } };
  const made = (await (await send('/api/v1/public/forms/ask', body)).json()) as { number: string; pin: string };
  for (let i = 0; i < 12; i++) {
    const tenantId = `00000000-0000-7000-8000-0000000001${String(i).padStart(2, '0')}`;
    const copy = (table: string, change: object) =>
      tickets.rows(
        `INSERT INTO ${table} SELECT (jsonb_populate_record(one, $2::jsonb)).* FROM ${table} one WHERE tenant_id = $1 LIMIT 1`,
        [tickets.tenantId, JSON.stringify({ ...change, tenant_id: tenantId })],
      );
    await tickets.rows(`INSERT INTO tenants (id, code, name) VALUES ($1, $2, '别处')`, [tenantId, `elsewhere-${i}`]);
    await copy('ticket_forms', { id: tenantId, slug: `ask-${i}` });
    await copy('tickets', { id: tenantId });
    await copy('ticket_pins', { ticket_id: tenantId, form_id: tenantId });
  }
  t.equal((await send(`/api/v1/public/tickets/${made.number}/progress`, { pin: made.pin })).status, 200);
});

t.test('networks, and nothing that is put into a page is HTML', async (t) => {
  t.equal(networkOf('203.0.113.77'), '203.0.113.0/24');
  t.equal(networkOf('2001:db8:1:2ff::1'), networkOf('2001:db8:1:201:9::'));
  t.not(networkOf('2001:db8:1:2ff::1'), networkOf('2001:db8:1:3ff::1'));
  t.equal(networkOf(null), 'unknown');
  t.equal(escapeHtml(`<a href='x'>&"`), '&lt;a href=&#39;x&#39;&gt;&amp;&quot;');
  t.equal(html`<p>${['<i>', html`<b>${'<'}</b>`]}</p>`.text, '<p>&lt;i&gt;<b>&lt;</b></p>');
});
