import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import { serialConfigSchema } from '../../../edge/src/adapters/serial/config.js';
import { SerialAdapter } from '../../../edge/src/adapters/serial/serial-adapter.js';
import { loadedProfile, TestHost } from '../../../edge/src/adapters/test-host.js';
import { Faults } from '../faults/faults.js';
import { serveCardReader } from '../peers/serial/card-reader.js';
import { serveCodeReader } from '../peers/serial/code-reader.js';
import { serveDlt645Meter } from '../peers/serial/dlt645-meter.js';
import { serveEscposPrinter } from '../peers/serial/escpos-printer.js';
import { serveLedDisplay } from '../peers/serial/led-display.js';
import { openPluggableLine, type PluggableLine } from '../peers/serial/pluggable-line.js';
import { serveRelayBoard } from '../peers/serial/relay-board.js';
import { ticketText } from '../peers/serial/render-ticket.js';
import { serveSerialEvaluator } from '../peers/serial/serial-evaluator.js';
import { loadProfiles } from '../profiled/load-profiles.js';
import { seededRandom } from '../random.js';

t.setTimeout(600_000);

const profiles = [...loadProfiles().values()].map((profile) => loadedProfile(profile));
const folder = mkdtempSync(path.join(os.tmpdir(), 'hallhub-lines-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

const openLine = (t: Test, name: string): PluggableLine => {
  const line = openPluggableLine(path.join(folder, name));
  t.teardown(() => line.unplug());
  return line;
};

const start = async (t: Test, line: PluggableLine, config: object) => {
  const id = path.basename(line.path);
  const host = new TestHost(profiles, id);
  const adapter = new SerialAdapter(serialConfigSchema.parse({ id, path: line.path, ...config }), host);
  host.onFound = (view) => adapter.attach(view);
  t.teardown(() => adapter.stop());
  await adapter.start();
  return { host, adapter, first: () => host.devices.list()[0]?.deviceId ?? '' };
};

const request = (deviceId: string, command: string, input: object = {}) => ({
  commandId: 'c',
  deviceId,
  command,
  input: input as Record<string, unknown>,
  remainingMs: 60_000,
  signal: AbortSignal.timeout(60_000),
});

t.test('two DL/T 645 meters on one line, and a third that is not there', async (t) => {
  const line = openLine(t, 'meters');
  const faults = new Faults();
  const one = serveDlt645Meter(line, { address: '202211140001' });
  const two = serveDlt645Meter(line, { address: '202211140002', faults });
  one.voltage = [231.1, 0, 229.9];
  two.voltage = [218.2, 219, 220.4];
  two.power = [-1.5, 0, 0];
  faults.set({ splitBytes: 5 });
  const devices = [1, 2, 3].map((last) => ({
    profile: 'generic/dlt645-2007',
    params: { address: 202211140000 + last },
  }));
  const { host, adapter } = await start(t, line, { devices });
  const idOf = (last: number) =>
    host.devices.findByAddress('meters', `${line.path}#address=${202211140000 + last}`)?.deviceId ?? '';
  const value = (last: number, id: string) =>
    host.readings.findLast((reading) => reading.deviceId === idOf(last) && id in reading.values)?.values[id];
  await host.until('both are read', () => value(1, 'voltageL1') === 231.1 && value(2, 'powerL1') === -1500);
  t.equal(value(2, 'voltageL3'), 220.4);
  await host.until('energy', () => value(1, 'energyImport') === 1206.42 && value(2, 'frequency') === 50.01);
  await host.until('the third fails', () => host.evidence.some((e) => e.deviceId === idOf(3) && !e.ok));
  t.notOk(host.evidence.some((e) => e.deviceId !== idOf(3) && !e.ok));
  line.unplug();
  await host.until('all are gone', () =>
    [1, 2].every((last) => host.evidence.findLast((e) => e.deviceId === idOf(last))?.decisive),
  );
  one.voltage = [232, 0, 0];
  line.plug();
  await host.until('back on another tty', () => value(1, 'voltageL1') === 232);
  t.equal(adapter.status().state, 'running');
});

t.test('ESC/POS: found, a ticket printed, the end of its paper told', async (t) => {
  const line = openLine(t, 'printer');
  const printer = serveEscposPrinter(line, { bytesPerSecond: 1_920 });
  const { host, adapter, first } = await start(t, line, { profile: 'epson/esc-pos' });
  await host.until('ready', () => host.value('paperEnd') === false);
  await adapter.execute(request(first(), 'printTicket', { title: '示范营业厅', ticket: 'A013', waiting: 12 }));
  await host.until('the ticket to be printed', () => printer.tickets.length > 0);
  const [ticket] = printer.tickets;
  t.match(ticket && ticketText(ticket), /示范营业厅\nA013\n前面还有12人/);
  printer.paper = 'end';
  t.match((await adapter.read(first(), ['paperEnd', 'offline'], AbortSignal.timeout(60_000))).values, {
    paperEnd: true,
    offline: true,
  });
});

t.test('readers that only speak: present while the port is open, also after a replug', async (t) => {
  const line = openLine(t, 'cards');
  const cards = serveCardReader(line);
  const reader = await start(t, line, { profile: 'id-innovations/id-12la' });
  await reader.host.until('present', () => reader.host.lastEvidence('port')?.ok === true);
  cards.swipe('62E3086CED');
  await reader.host.until('the card', () => reader.host.events.length === 1);
  t.match(reader.host.events[0], { event: 'cardPresented', data: { card: '62E3086CED' } });
  line.unplug();
  await reader.host.until('gone', () => reader.host.lastEvidence('port')?.decisive === true);
  line.plug();
  await reader.host.until('present again', () => reader.host.lastEvidence('port')?.ok === true);
  cards.swipe('0A00123456');
  await reader.host.until('another card', () => reader.host.events.length === 2);

  const codeLine = openLine(t, 'codes');
  const scanner = serveCodeReader(codeLine, { faults: new Faults() });
  const codes = await start(t, codeLine, { profile: 'honeywell/voyager-1450g' });
  await codes.host.until('present', () => codes.host.lastEvidence('port')?.ok === true);
  scanner.present('预约码 A-1024');
  await codes.host.until('the code', () => codes.host.events.length === 1);
  t.match(codes.host.events[0], { event: 'codeRead', data: { code: '预约码 A-1024' } });
  scanner.commandMode = true;
  scanner.present('6901234567892');
  await codes.adapter.execute(request(codes.first(), 'startScan'));
  await codes.host.until('the code that was asked for', () => codes.host.events.length === 2);
});

t.test('a relay board that never answers is switched', async (t) => {
  const line = openLine(t, 'relays');
  const board = serveRelayBoard(line, { kind: 'lcus', count: 4 });
  const { host, adapter, first } = await start(t, line, { profile: 'lcus/lcus-4' });
  await host.until('present', () => host.lastEvidence('port')?.ok === true);
  await adapter.write(first(), { relay2: true }, AbortSignal.timeout(60_000));
  await host.until('on', () => board.relays[1] === true);
  await adapter.execute(request(first(), 'allOff'));
  await host.until('off', () => board.relays.every((on) => !on));
});

t.test('evaluator: told from a display that speaks alike; a rating is heard once and acknowledged', async (t) => {
  const line = openLine(t, 'evaluator');
  const evaluator = serveSerialEvaluator(line);
  t.teardown(() => evaluator.dispose());
  const { host, adapter, first } = await start(t, line, {});
  await host.until('found and polled', () => host.value('state') === 'welcome');
  t.match(host.foundDevices[0], { profileId: 'hallhub/ev-60', certainty: 'certain' });
  await adapter.execute(request(first(), 'askRating', { seconds: 30 }));
  evaluator.press(2);
  await host.until('the rating', () => host.events.length === 1);
  t.match(host.events[0], { event: 'rated', data: { rating: 'good' } });
  await adapter.write(first(), { state: 'busy' }, AbortSignal.timeout(60_000));
  await host.until('it is told', () => evaluator.state === 'busy');
  await adapter.read(first(), ['state'], AbortSignal.timeout(60_000));
  t.equal(host.events.length, 1, 'it was not said again');
});

t.test('on a bad line: answers lost, late, cut short and corrupt disturb nothing but their own poll', async (t) => {
  const line = openLine(t, 'bad');
  const faults = new Faults(seededRandom(7));
  const led = serveLedDisplay(line, { faults });
  const { host, adapter } = await start(t, line, { profile: 'hallhub/led-w4' });
  await host.until('polled', () => host.value('brightness') === led.brightness);
  const id = host.devices.list()[0]?.deviceId ?? '';
  const outcome = async (settings: object): Promise<string> => {
    faults.set(settings);
    try {
      await adapter.execute(request(id, 'clear'));
      return 'done';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  t.equal(await outcome({ dropShare: 1 }), 'timeout');
  t.equal(await outcome({ truncateTo: 5 }), 'timeout');
  t.equal(await outcome({ corruptShare: 1 }), 'timeout');
  t.equal(await outcome({ delayMs: 1_000 }), 'timeout', 'after both tries');
  t.equal(await outcome({ splitBytes: 1 }), 'done');
  faults.clear();
  led.brightness = 3;
  const read = await adapter.read(id, ['brightness'], AbortSignal.timeout(60_000));
  t.same(read.values, { brightness: 3 });
  t.ok((adapter.counters().corruptFrames ?? 0) + (adapter.counters().noiseBytes ?? 0) > 0);
});
