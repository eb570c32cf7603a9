import t from 'tap';
import { readyLine } from './changes.mjs';
import { Terminal } from './fixtures/terminal.mjs';
import { textWidth } from './text.mjs';
import { screenView } from './view-screen.mjs';

const NOW = Date.now();
const kinds = [
  'ac',
  'card-reader',
  'camera',
  'door-controller',
  'energy-meter',
  'led-display',
  'leak-sensor',
  'media-player',
  'pdu',
];
const more = [
  'printer',
  'relay-board',
  'sensor',
  'thermostat',
  'ups',
  'water-heater',
  'queue-machine',
  'evaluator',
  'kiosk',
];
const names = [
  (i) => `acme model-${i} SN-${100_000 + i}`,
  (i) => ({ zh: `二楼贵宾室东侧空调室内机 ${i} 号`, en: `East VIP room ${i}` }),
  (i) => `a very long name that an engineer wrote to say exactly where it hangs, on which wall and beside what ${i}`,
];

/** A hall of so many devices; `away` says which are not online, and what they are. */
const hall = (count, { away = {}, missing = [], states = {} } = {}) => ({
  console: 'http://127.0.0.1:8080',
  user: 'admin',
  oneTimePassword: 'abcd-efgh',
  parts: [
    { name: 'cloud', state: 'running', since: NOW - 125_000, restarts: 0, detail: 'http://127.0.0.1:8080' },
    { name: 'simulators', state: 'running', since: NOW, restarts: 1, detail: `${count} simulated devices` },
    { name: 'edge', state: 'running', since: NOW, restarts: 0, detail: 'mqtt://127.0.0.1:1883' },
  ],
  uplink: { state: 'connected', sinceMs: NOW },
  outbox: { live: { pending: 0 } },
  devices: Array.from({ length: count }, (_, i) => ({
    id: `d${i}`,
    name: names[i % names.length](i),
    class: [...kinds, ...more][i % 18],
    state: states[i] ?? 'active',
    presence: away[i] ?? 'online',
  })),
  missing,
});

const shown = (summary, { columns, rows, env = { NO_COLOR: '1' }, events = 0 }) => {
  const terminal = new Terminal(columns, rows);
  const view = screenView({ stdout: terminal, env });
  view.progress({ part: 'cloud', text: 'starting' });
  view.ready(summary);
  for (let i = 0; i < events; i++)
    view.note({ level: 'info', part: 'edge', text: `发生了一件事 ${i} ${'很长'.repeat(60)}` });
  return { terminal, view };
};

/** It is not cut: the one-time password stands in it. */
const wrapsOfReadyLine = (columns) => Math.ceil(textWidth(readyLine(hall(0))) / columns) - 1;
const blockOf = ({ screen }) =>
  screen.slice(
    Math.max(
      0,
      screen.findIndex((line) => line.startsWith('  cloud ')),
    ),
  );
const sizes = [
  [80, 24],
  [100, 30],
  [120, 40],
  [40, 12],
  [200, 60],
];
const awayOf = (count) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [i * 2, ['offline', 'degraded', 'unknown'][i % 3]]));
const missing = [
  { what: 'GStreamer RTSP server', why: 'not installed', install: 'apt-get install gstreamer' },
  { what: 'socat' },
];

t.test(
  'whatever the hall and the terminal: no line wraps, the block is redrawn in its place, its foot is seen',
  async (t) => {
    for (const [columns, rows] of sizes) {
      for (const count of [0, 1, 6, 30, 107, 400]) {
        for (const env of [{}, { NO_COLOR: '1' }]) {
          const { terminal, view } = shown(hall(count), { columns, rows, env, events: 6 });
          const about = `${columns}x${rows} ${count} devices ${JSON.stringify(env)}`;
          const scrolled = terminal.scrolledOff.length;
          for (const away of [3, 0, 40]) view.status(hall(count, { away: awayOf(away), missing }));
          view.status(hall(count));
          const grown = terminal.scrolledOff.slice(scrolled);
          if (terminal.wraps > wrapsOfReadyLine(columns)) t.fail(`${about}: ${terminal.wraps} lines wrap`);
          if (grown.some((line) => /uplink|devices {2}\d|Ctrl-C/.test(line)))
            t.fail(`${about}: the block scrolls away: ${grown}`);
          if (terminal.screen.filter((line) => line.includes('Ctrl-C')).length !== (rows >= 12 ? 1 : 0))
            t.fail(`${about}: ${terminal.screen.join('\n')}`);
          if (blockOf(terminal).some((line) => textWidth(line) >= columns)) t.fail(`${about}: too wide`);
          t.equal(terminal.coloured > 0, env.NO_COLOR === undefined, `${about}: colour`);
          view.close();
        }
      }
    }
  },
);

t.test('a large hall in 80x24: counts first, then who is not online, then the kinds', async (t) => {
  const away = { 20: 'degraded', 40: 'offline' };
  const { terminal, view } = shown(hall(107, { away, states: { 60: 'quarantined' } }), { columns: 80, rows: 24 });
  t.teardown(() => view.close());
  const text = terminal.screen.join('\n');
  t.match(text, /^HallHub ready .*one-time password abcd\n-efgh$/m, 'the ready line is still to be seen');
  t.match(text, /devices {2}107 {2}· {2}1 offline {2}1 degraded {2}1 quarantined {2}104 online/);
  t.match(text, /二楼贵宾室东侧空调室内机 40 号 +offline/);
  const order = terminal.screen.filter(
    (line) => /(offline|degraded|quarantined)$/.test(line.trim()) && !line.includes('devices  '),
  );
  t.same(
    order.map((line) => /(\w+)$/.exec(line.trim())?.[1]),
    ['offline', 'degraded', 'quarantined'],
  );
  t.match(text, /energy meter 5\/6|led display \d/);
  t.match(text, /ups \d/, 'each kind is counted');
});

t.test('more are away than there is room for: the worst are told, the rest counted', async (t) => {
  const { terminal, view } = shown(hall(107, { away: awayOf(40) }), { columns: 80, rows: 24, events: 4 });
  t.teardown(() => view.close());
  const text = terminal.screen.join('\n');
  t.match(text, /14 offline {2}13 degraded {2}13 unknown {2}67 online/);
  t.match(text, /\+\d+ more: \d+ offline {2}13 degraded {2}13 unknown/);
  t.match(text, /\+\d+ kinds/);
});

t.test('a small hall has a line for each device, those away first', async (t) => {
  const { terminal, view } = shown(hall(6, { away: { 4: 'offline' } }), { columns: 100, rows: 30 });
  t.teardown(() => view.close());
  const lines = terminal.screen.filter((line) => /(offline|online)$/.test(line));
  t.equal(lines.length, 6);
  t.match(lines[0], /offline$/);
  t.notMatch(terminal.screen.join('\n'), /devices {2}6/);
});

t.test('a retired device is nobody; a terminal that grows shows more', async (t) => {
  const { terminal, view } = shown(hall(30, { states: { 3: 'retired' } }), { columns: 80, rows: 24 });
  t.teardown(() => view.close());
  t.match(terminal.screen.join('\n'), /devices {2}29 {2}· {2}29 online/);
  terminal.rows = 60;
  terminal.emit('resize');
  t.equal(terminal.screen.filter((line) => / online$/.test(line)).length, 29);
});
