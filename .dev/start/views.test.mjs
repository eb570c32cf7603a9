import { EventEmitter } from 'node:events';
import t from 'tap';
import { changesBetween, missingText, readyLine } from './changes.mjs';
import { readable } from './part-log.mjs';
import { screenLines } from './screen-lines.mjs';
import { cut, pad, painter, plain, table, textWidth } from './text.mjs';
import { screenView } from './view-screen.mjs';

const NOW = 1_800_000_000_000;
const summary = (more = {}) => ({
  console: 'http://127.0.0.1:8080',
  parts: [
    { name: 'cloud', state: 'running', since: NOW - 125_000, restarts: 0, detail: 'http://127.0.0.1:8080' },
    { name: 'simulators', state: 'off', detail: 'switched off' },
    { name: 'edge', state: 'waiting', since: NOW, restarts: 2, detail: 'mqtt://127.0.0.1:1883' },
  ],
  uplink: { state: 'disconnected', sinceMs: NOW - 60_000, reason: 'connection refused' },
  outbox: { live: { pending: 3, oldestMs: NOW - 20_000 }, events: { pending: 0 } },
  devices: [
    { id: 'd1', name: { zh: '排队叫号机', en: 'Queue machine' }, state: 'active', presence: 'online' },
    { id: 'd2', name: 'Evaluator', state: 'quarantined', presence: { state: 'offline', reason: 'no poll answered' } },
  ],
  missing: [{ what: 'ffmpeg', why: 'no stream', install: 'apt-get install ffmpeg' }],
  ...more,
});
const lines = (value, columns = 100) => screenLines(value, { paint: painter(false), columns, events: [], now: NOW });

t.test('widths count columns: Chinese two, combining marks none', async (t) => {
  t.same(['abc', '厅枢', 'e\u0301', '（）', '…'].map(textWidth), [3, 4, 1, 4, 1]);
  t.equal(pad('厅', 4), '厅  ');
  t.equal(cut('排队叫号机', 5), '排队…');
  t.equal(cut('short', 10), 'short');
});

t.test('text from elsewhere cannot steer the terminal', async (t) => {
  t.equal(plain('a\u001b[2Jb\nc'), 'a [2Jb c');
});

t.test('columns are aligned whatever the script', async (t) => {
  const [first, second] = table([
    ['排队机', 'online'],
    ['ab', 'offline'],
  ]);
  t.equal(textWidth(first.slice(0, first.indexOf('online'))), textWidth(second.slice(0, second.indexOf('offline'))));
});

t.test('the live block shows parts, uplink, outbox, devices with presence, and what is missing', async (t) => {
  const text = lines(summary()).join('\n');
  t.match(text, /cloud +running +2 min 5 s +http:\/\/127\.0\.0\.1:8080/);
  t.match(text, /edge +down +mqtt:\/\/127\.0\.0\.1:1883 {2}\(2 restarts\)/);
  t.match(text, /uplink +disconnected +for 1 min {2}connection refused/);
  t.match(text, /outbox +3 waiting +live 3 {2}oldest 20 s/);
  t.match(text, /排队叫号机 +online/);
  t.match(text, /Evaluator +offline +quarantined {2}no poll answered/);
  t.match(text, /missing ffmpeg +no stream +apt-get install ffmpeg/);
});

t.test('cameras that are watched, and what was found', async (t) => {
  const cameras = [
    {
      ...{ id: 'c1', name: '营业厅柜台摄像机', state: 'watching', people: 3 },
      last: { rule: '1 号窗口签到后无人', startedAt: NOW - 90_000 },
    },
    { id: 'c2', name: '厅外人行道摄像机', state: 'no_pictures', people: 0, reason: 'RTSP 404' },
  ];
  const seen = summary({ vision: { process: 'running', cameras } });
  const text = lines(seen).join('\n');
  t.match(
    text,
    /厅外人行道摄像机 {2}no pictures +RTSP 404\n +营业厅柜台摄像机 {2}watching +3 people +1 号窗口签到后无人, 1 min 30 s ago/,
  );
  const many = Array.from({ length: 9 }, (_, i) => ({ id: `c${i}`, name: `C${i}`, state: 'watching', people: 1 }));
  t.match(lines(summary({ vision: { cameras: many } })).join('\n'), /C3 +watching +1 person\n +\+5 more cameras/);

  const [counter, street] = cameras;
  const before = { devices: [], vision: { cameras: [{ ...counter, state: 'starting', last: undefined }, street] } };
  const after = { devices: [], vision: { cameras } };
  t.same(
    changesBetween(before, after).map(({ text: said }) => said),
    ['营业厅柜台摄像机  watching', '营业厅柜台摄像机  found: 1 号窗口签到后无人'],
  );
  t.same(
    changesBetween(undefined, after).map(({ kind }) => kind),
    ['camera', 'camera'],
    'what was found before the start is no news',
  );
  t.match(changesBetween(undefined, after).at(1), { text: '厅外人行道摄像机  no pictures (RTSP 404)' });

  const font = { what: 'a font', why: 'for text', install: 'apt-get install fonts' };
  const lacking = { devices: [], missing: [font] };
  t.same(changesBetween(undefined, lacking), [], 'the start has told it');
  t.match(changesBetween({ devices: [] }, lacking), [
    { kind: 'missing', what: 'a font', text: 'a font is missing: for text. Install it: apt-get install fonts' },
  ]);
});

t.test('an empty hall says so, and no line is wider than the terminal', async (t) => {
  const empty = summary({ devices: [], parts: [{ name: 'edge', state: 'running', since: NOW, detail: '' }] });
  t.match(lines(empty).join('\n'), /no devices have joined yet/);
  for (const line of lines(summary(), 40)) t.ok(textWidth(line) < 40, line);
});

t.test('colour is for state alone', async (t) => {
  const painted = screenLines(summary(), { paint: painter(true), columns: 100, events: [], now: NOW });
  t.match(
    painted.find((line) => line.includes('offline')),
    '\u001b[31moffline',
  );
  t.notMatch(
    painted.find((line) => line.includes('排队叫号机')),
    '\u001b[3',
    'what is well is not coloured',
  );
});

t.test(
  'the screen redraws in place, shows the cursor again, and keeps the ready line in the scroll-back',
  async (t) => {
    const stdout = Object.assign(new EventEmitter(), {
      columns: 100,
      rows: 30,
      text: '',
      write: (text) => (stdout.text += text),
    });
    const view = screenView({ stdout, env: {} });
    t.teardown(() => view.close());
    view.progress({ part: 'cloud', text: 'starting' });
    view.ready(summary());
    t.match(stdout.text, /HallHub ready {2}console http:\/\/127\.0\.0\.1:8080\n/);
    const height = lines(summary()).length;
    stdout.text = '';
    view.status(summary({ uplink: { state: 'connected', sinceMs: NOW } }));
    t.ok(stdout.text.startsWith(`\u001b[${height}A`), 'goes back over the whole block');
    t.notMatch(stdout.text, 'HallHub ready');
    view.stopped({ killed: [], data: '/data' });
    t.match(stdout.text, '\u001b[?25h');
    t.equal(stdout.listenerCount('resize'), 0);
  },
);

t.test('changes are told once: uplink, presence, joining and going', async (t) => {
  const before = summary();
  t.same(changesBetween(before, summary()), []);
  const after = summary({ uplink: { state: 'connected' }, devices: [{ id: 'd1', name: 'Q', presence: 'offline' }] });
  t.same(
    changesBetween(before, after).map((change) => change.text),
    ['uplink connected', 'Q  offline', 'Evaluator  gone'],
  );
  t.equal(changesBetween(undefined, before).length, 3, 'at first everything is news');
});

t.test('sentences: the ready line with and without a first user; a missing program', async (t) => {
  t.equal(readyLine({ console: 'http://c' }), 'HallHub ready  console http://c');
  t.equal(
    readyLine({ console: 'http://c', user: 'admin', oneTimePassword: 'x-y' }),
    'HallHub ready  console http://c  user admin  one-time password x-y',
  );
  t.equal(missingText({ what: 'ffmpeg' }), 'ffmpeg is missing');
});

t.test('a log line is told as a person reads it', async (t) => {
  t.equal(readable('{"level":50,"msg":"no store","err":{"message":"disk full"}}'), 'error no store (disk full)');
  t.equal(readable('{"level":30,"msg":"fine"}'), 'info fine');
  t.equal(readable('{broken'), '{broken');
});
