import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import { testOrigin } from '../../../http/testing.js';
import { openTable } from './read/open-table.js';
import { OpenZip } from './read/open-zip.js';
import { textOfCell } from './read/raw-row.js';
import { csvLine } from './read/read-csv.js';
import { bringUpImports, type TestImports } from './testing.js';

t.setTimeout(300_000);

const titles = ['标题', '诉求内容', '诉求类型', '手机号', '单号'];
const natures = ['求助', '咨询', 'help'];
const csv = (...rows: readonly (readonly string[])[]): string => `\ufeff${[titles, ...rows].map(csvLine).join('')}`;
const good = (n: number, number = ''): string[] => [
  `路灯不亮 ${n}`,
  '三天了',
  natures[n % 3] ?? '',
  '13812348000',
  number,
];

const download = async (app: TestImports, cookie: string, path: string): Promise<string[][]> => {
  const response = await app.app.request(`${testOrigin}/api/v1${path}`, { headers: { cookie } });
  if (response.status !== 200) throw new Error(await response.text());
  const file = join(app.folder, `d${Math.random()}`);
  writeFileSync(file, Buffer.from(await response.arrayBuffer()));
  const table = await openTable(file);
  try {
    const rows: string[][] = [[...table.titles]];
    for await (const { cells } of table.rows()) rows.push(cells.map(textOfCell));
    return rows;
  } finally {
    table.close();
  }
};

t.test('from the template to the tickets, with bad rows mended; nothing twice', async (t) => {
  const app = await bringUpImports(t);
  const person = await app.signInAs('ticket-dispatcher');
  const template = await download(app, person.cookie, '/ticket-imports/template?kind=citizen_request');
  t.match(template, [[/^标题.* \*$/]], 'titles alone: the example is skipped');
  t.equal(template.length, 1);
  const path = '/api/v1/ticket-imports/template?kind=citizen_request';
  const book = await app.app.request(`${testOrigin}${path}`, { headers: { cookie: person.cookie } });
  writeFileSync(join(app.folder, 'book'), Buffer.from(await book.arrayBuffer()));
  const zip = await OpenZip.open(join(app.folder, 'book'));
  const part = async (name: string) => {
    let text = '';
    for await (const some of zip.text(name)) text += some;
    return text;
  };
  const lists = [...(await part('xl/worksheets/sheet1.xml')).matchAll(/<dataValidation .*?<\/dataValidation>/g)].join();
  t.match(lists, /errorStyle="warning".*sqref="[A-Z]2:[A-Z]10001"><formula1>'选项 Choices'!\$A\$2:\$A\$\d+</);
  t.match(await part('xl/worksheets/sheet3.xml'), /诉求类型.*求助/);
  t.match(await part('xl/workbook.xml'), /name="选项 Choices" sheetId="3" state="hidden"/);
  zip.close();

  const file = csv(good(1), ['', '没有标题', '求助', '123', ''], good(2), [
    '=cmd|x',
    '内容',
    '没有这种',
    '13812348000',
    '',
  ]);
  const sent = await app.upload(person, file);
  t.equal(sent.status, 201);
  t.match(sent.body, {
    rows: 4,
    mapping: ['title', 'content', 'nature', 'phone', '@external'],
    missing: [],
  });
  const checked = await app.settled(person, sent.body.id);
  t.match(checked, { state: 'checked', checked: 4, faulty: 2, left: 4, known: 0, mine: true });
  t.match(checked.preview[1], {
    line: 3,
    faults: [
      { code: 'required', title: '标题' },
      { code: 'phone', value: '123' },
    ],
  });
  t.same(
    readdirSync(app.folder).filter((name) => name.endsWith('.part')),
    [],
    'the file itself is gone',
  );
  const faults = await person.get(`/ticket-imports/${checked.id}/faults?limit=1`);
  t.match(faults.body, { items: [{ line: 3, faults: [{ text: { zh: /必填/, en: /filled in/ } }, {}] }] });
  const more = await person.get(`/ticket-imports/${checked.id}/faults?cursor=${faults.body.nextCursor}`);
  t.match(more.body, { items: [{ line: 5, faults: [{ code: 'choice', text: { zh: /求助/ } }] }], nextCursor: null });

  const at = (version: number) => ({ 'if-match': `"${version}"` });
  t.equal((await person.post(`/ticket-imports/${checked.id}/start`, undefined, at(99))).status, 412);
  t.equal((await person.post(`/ticket-imports/${checked.id}/start`, undefined, at(checked.version))).status, 200);
  const done = await app.settled(person, checked.id);
  t.match(done, { state: 'done', rows: 4, made: 2, known: 0, bad: 2, left: 0 });
  const made = await app.rows<{ source: string; made_by: string; made_by_name: string; origin_key: string }>(
    'SELECT * FROM tickets',
  );
  t.equal(made.length, 2);
  t.match(made, [{ source: 'import', made_by: person.userId, origin_system: 'import', origin_key: /^row\// }]);
  t.notMatch(JSON.stringify(made), '13812348000', 'sealed as everywhere');
  const rows = await app.rows<{ cells: Buffer | null }>('SELECT * FROM ticket_import_rows');
  t.notMatch(Buffer.concat(rows.map(({ cells }) => cells ?? Buffer.of())).toString('utf8'), /内容|cmd/);
  t.equal(rows.filter(({ cells }) => cells === null).length, 2, 'what became a ticket is not kept besides');

  const again = await app.importAll(person, file);
  t.match(again, { made: 0, known: 2, bad: 2 });
  t.match(again.before, { made: 2 });
  for (const format of ['xlsx', 'csv']) {
    const bad = await download(
      app,
      person.cookie,
      `/ticket-imports/${checked.id}/bad-rows?format=${format}&language=en`,
    );
    t.match(bad, [
      [...titles, 'Row before', 'Reason', 'Row key'],
      ['', '没有标题', '求助', '123', '', '3', /标题: .+filled in.+手机号: Not a telephone/, /^row\//],
      ['=cmd|x', '内容', '没有这种', '13812348000', '', '5', /诉求类型/, /^row\//],
    ]);
    if (format === 'xlsx') continue;
    const mended = bad.map((row) =>
      row.map((text) => (text === '123' ? '13812348001' : text === '没有这种' ? '求助' : text)),
    );
    if (mended[1]) mended[1][0] = '有标题了';
    const text = mended.map(csvLine).join('');
    t.match(await app.importAll(person, text), {
      made: 2,
      known: 0,
      bad: 0,
      mapping: [{}, {}, {}, {}, {}, null, null, '@row'].map((one) => (one === null ? null : String)),
    });
    t.match(await app.importAll(person, `${text}\r\n`), { made: 0, known: 2 }, 'another file, the same rows');
  }
  const actions = (await app.auditRows())
    .map(({ action }) => action)
    .filter((action) => action.startsWith('ticketimport'));
  t.match(actions.slice(0, 3), ['ticketimport.uploaded', 'ticketimport.started', 'ticketimport.done']);
  t.ok(actions.includes('ticketimport.bad_rows_exported'));
});

t.test('whose it is, where, and what is in the way', async (t) => {
  const app = await bringUpImports(t);
  const person = await app.signInAs('ticket-dispatcher');
  const other = await app.signInAs('ticket-dispatcher');
  const ofHall = await app.signInAs('ticket-dispatcher', { hallIds: [app.otherHallId] });
  const clerk = await app.signInAs('ticket-clerk');
  t.equal((await app.upload(clerk, csv(good(1)))).status, 403);
  t.equal((await app.upload(ofHall, csv(good(1)), `&hallId=${app.hallId}`)).status, 403);
  t.match((await app.upload(person, 'a"b\n1,"2')).body, { context: { reason: 'quotes' } });
  t.match((await app.upload(person, '标题,内容\n')).body, { context: { reason: 'empty' } });
  const { body } = await app.upload(
    person,
    `标题,说明,营业厅,单号\n甲,乙,营业厅 H1,A1\n丙,丁,H2,A1\n戊,己,H9,A2\n庚,辛,,A3\n`,
  );
  const sent = await app.settled(person, body.id);
  t.match(sent.missing, ['nature']);
  t.match(
    (await person.post(`/ticket-imports/${sent.id}/start`, undefined, { 'if-match': `"${sent.version}"` })).body,
    { context: { reason: 'missing' } },
  );
  t.equal((await ofHall.get(`/ticket-imports/${sent.id}`)).status, 404);
  t.same((await ofHall.get('/ticket-imports')).body.items, []);
  const seen = await other.get(`/ticket-imports/${sent.id}`);
  t.match(seen.body, { mine: false, preview: [] }, 'seen, without what the rows say');
  t.equal((await other.put(`/ticket-imports/${sent.id}/mapping`, { mapping: [] }, sent.version)).status, 403);
  t.equal((await other.get(`/ticket-imports/${sent.id}/bad-rows`)).status, 403);
  const wrong = async (mapping: unknown) =>
    (await person.put(`/ticket-imports/${sent.id}/mapping`, { mapping }, sent.version)).status;
  t.equal(await wrong(['title']), 400);
  t.equal(await wrong(['title', 'title', null, null]), 400);
  t.equal(await wrong(['title', 'result', null, null]), 400, 'what later steps write');
  // The nature stands in no column: this kind cannot be made of this file, a file with one can.
  t.equal((await person.delete(`/ticket-imports/${sent.id}`)).status, 204);
  t.same(await app.rows('SELECT 1 FROM ticket_import_rows'), []);
  const numbered = `标题,内容,性质,营业厅,单号\n甲,乙,求助,营业厅 H1,A1\n丙,丁,求助,H2,A1\n戊,己,求助,H9,A2\n庚,辛,求助,,A3\n庚,辛,求助,,A3\n`;
  const file = numbered.replace('性质', '诉求类型').replace('内容', '诉求内容');
  const next = await app.settled(person, (await app.upload(person, file)).body.id);
  t.match(next, { faulty: 2, state: 'checked' });
  const { items } = (await person.get(`/ticket-imports/${next.id}/faults`)).body;
  t.match(items, [
    { line: 3, faults: [{ code: 'same_number', text: { zh: /第 2 行/ } }] },
    { line: 4, faults: [{ code: 'no_hall' }] },
  ]);
  await app.db.ownerPool.query('UPDATE ticket_kinds SET retired_at = now()');
  t.equal(
    (await person.post(`/ticket-imports/${next.id}/start`, undefined, { 'if-match': `"${next.version}"` })).status,
    409,
  );
  await app.db.ownerPool.query('UPDATE ticket_kinds SET retired_at = NULL');
  await person.post(`/ticket-imports/${next.id}/start`, undefined, { 'if-match': `"${next.version}"` });
  t.match(await app.settled(person, next.id), { state: 'done', made: 2, known: 1, bad: 2 });
  t.match(await app.rows('SELECT hall_id, origin_key FROM tickets ORDER BY number'), [
    { hall_id: app.hallId, origin_key: 'no/citizen_request/A1' },
    { hall_id: null, origin_key: 'no/citizen_request/A3' },
  ]);
  // Who loses the right meanwhile makes nothing more; what is left waits.
  const last = await app.settled(person, (await app.upload(person, csv(good(7)))).body.id);
  await app.db.ownerPool.query(`UPDATE users SET state = 'disabled' WHERE id = $1`, [person.userId]);
  await app.db.ownerPool.query(
    `UPDATE ticket_imports SET state = 'running', started_at = now(), leased_till = NULL WHERE id = $1`,
    [last.id],
  );
  t.match(await app.settled(other, last.id), { state: 'failed', failure: 'person', made: 0, left: 1 });
  // Or the desk would look every two seconds of these eight days.
  await app.imports.desk.close();
  await app.clock.advance(8 * 86_400_000);
  await app.imports.jobs[0]?.run({}, new AbortController().signal);
  t.same(await app.rows('SELECT 1 FROM ticket_import_rows'), []);
});

t.test('whatever rows there are, rows = made + known + bad, and each row once', async (t) => {
  const app = await bringUpImports(t);
  const person = await app.signInAs('ticket-dispatcher');
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.constantFrom('求助', '13812348000', 'A1', 'A2', '\0', '路灯'),
  );
  const row = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(fc.nat(9), fc.constantFrom('', 'A1', 'A2', 'A3')).map(([n, number]) => good(n, number)),
    },
    { weight: 2, arbitrary: fc.tuple(cell, cell, cell, cell, cell).map((all) => [...all]) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 16 }), async (rows) => {
      const clean = rows.filter((one) => one.join('').replaceAll('\0', '').trim() !== '');
      if (clean.length === 0) return;
      const before = (await app.rows('SELECT 1 FROM tickets')).length;
      // A NUL makes it no text at all.
      const file = csv(...clean.map((one) => one.map((text) => text.replace(/[\0-\x08\x0b-\x1f]/g, ''))));
      const { rows: count, made, known, bad, left, state } = await app.importAll(person, file);
      const after = (await app.rows('SELECT 1 FROM tickets')).length;
      if (state !== 'done' || left !== 0 || made + known + bad !== count || after - before !== made) {
        throw new Error(JSON.stringify({ count, made, known, bad, left, state, before, after }));
      }
      const twice = await app.importAll(person, file);
      if (twice.made !== 0 || twice.known !== made + known || twice.bad !== bad) throw new Error(JSON.stringify(twice));
    }),
    { numRuns: 5, endOnFailure: true },
  );
});

t.test('killed in the middle, again and again: gone on with, none lost, none twice', async (t) => {
  const app = await bringUpImports(t);
  await app.imports.close();
  const person = await app.signInAs('ticket-dispatcher');
  const rows = Array.from({ length: 120 }, (_, i) => (i % 10 === 3 ? ['', 'x', 'y', 'z', ''] : good(i)));
  const { body } = await app.upload(person, csv(...rows));
  const child = fileURLToPath(
    new URL(`desk/desk-process.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
  );
  const start = async () => {
    // As a lease runs out.
    await app.rows('UPDATE ticket_imports SET leased_till = NULL');
    const one = fork(child, { execArgv: process.execArgv });
    const { host, database, user, password } = app.db.appPool.options;
    one.send({ app: { host, database, user, password }, folder: app.folder });
    await once(one, 'message');
    return one;
  };
  const kill = async (one: Awaited<ReturnType<typeof start>>) => {
    const gone = once(one, 'exit');
    one.kill('SIGKILL');
    await gone;
  };
  const until = async (holds: (one: { state: string; made: number; bad: number; rows: number }) => boolean) => {
    const endMs = performance.now() + 60_000;
    for (;;) {
      const now = (await person.get(`/ticket-imports/${body.id}`)).body;
      if (holds(now)) return now;
      if (performance.now() > endMs) throw new Error(JSON.stringify(now));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  let running = await start();
  const checked = await until(({ state }) => state === 'checked');
  await person.post(`/ticket-imports/${body.id}/start`, undefined, { 'if-match': `"${checked.version}"` });
  const seen: number[] = [];
  for (const mark of [20, 70]) {
    const now = await until(({ made, bad }) => made + bad >= mark);
    await kill(running);
    seen.push(now.made + now.bad);
    running = await start();
  }
  const done = await until(({ state }) => state === 'done');
  await kill(running);
  t.match(done, { rows: 120, made: 108, known: 0, bad: 12, left: 0 }, `killed at ${seen.join(', ')}`);
  t.match(await app.rows('SELECT count(*)::int AS n, count(DISTINCT origin_key)::int AS keys FROM tickets'), [
    { n: 108, keys: 108 },
  ]);
  t.match(await app.rows('SELECT count(DISTINCT ticket_id)::int AS n FROM ticket_import_rows'), [{ n: 108 }]);
});
