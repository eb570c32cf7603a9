import { duration } from '../lib/progress-lines.mjs';
import { cameraRows } from './camera-lines.mjs';
import { deviceLines } from './device-lines.mjs';
import { cutPainted, plain, table } from './text.mjs';

/** With fewer lines the devices of a large hall cannot be told. */
const LEAST_DEVICE_LINES = 8;

/**
 * The live block's lines, `rows` of them at most: parts, uplink and outbox, devices, cameras, what is missing, the last events.
 * Where there is not room for all, the events give way first, then the cameras and then what is missing.
 */
export function screenLines(summary, { paint, columns, rows = Number.POSITIVE_INFINITY, events, now }) {
  const head = ['', ...partLines(summary, paint, now), ...section(linkLines(summary, paint, now))];
  const foot = ['', paint.dim('  Ctrl-C stops everything')];
  const free = rows - head.length - foot.length;
  const devices = (room) =>
    section(
      summary.devices.length > 0
        ? deviceLines(summary.devices, { paint, columns, room: room - 1 })
        : nobody(summary, paint),
    );
  const least = Math.min(devices(Number.POSITIVE_INFINITY).length, LEAST_DEVICE_LINES + 1);
  const missing = section(atMost(missingLines(summary.missing, paint), free - least - 1, paint));
  const cameras = section(fitting(cameraLines(summary, paint, now), free - least - missing.length - 1));
  const taken = missing.length + cameras.length;
  const told = section(lastOf(eventLines(events, paint), free - least - taken - 1));
  const lines = [...head, ...devices(free - taken - told.length), ...cameras, ...missing, ...told, ...foot];
  return lines.slice(0, rows).map((line) => cutPainted(line, columns - 1));
}

const section = (lines) => (lines.length > 0 ? ['', ...lines] : []);
const fitting = (lines, count) => (lines.length <= count ? lines : []);
const cameraLines = (summary, paint, now) => table(cameraRows(summary, { paint, now }));
const lastOf = (lines, count) => (count > 0 ? lines.slice(-count) : []);

function atMost(lines, count, paint) {
  if (lines.length <= count) return lines;
  return count > 0 ? [...lines.slice(0, count - 1), paint.dim(`  +${lines.length - count + 1} more missing`)] : [];
}

function nobody(summary, paint) {
  const isRunning = summary.parts.some((part) => part.name === 'edge' && part.state === 'running');
  return isRunning ? [paint.dim('  no devices have joined yet')] : [];
}

function eventLines(events, paint) {
  return events.map(({ at, part, text, colour }) => {
    const time = new Date(at).toTimeString().slice(0, 8);
    return `  ${paint.dim(`${time}  ${part.padEnd(10)}`)}  ${colour(text)}`;
  });
}

const PART_STATES = { running: 'none', starting: 'amber', waiting: 'red', failed: 'red', stopping: 'dim', off: 'dim' };

function partLines(summary, paint, now) {
  const rows = summary.parts.map(({ name, state, since, restarts, detail }) => [
    name,
    { text: state === 'waiting' ? 'down' : state, paint: paint[PART_STATES[state] ?? 'none'] },
    { text: since && state === 'running' ? duration(now - since) : '', paint: paint.dim },
    detail + (restarts ? `  (${restarts} restart${restarts === 1 ? '' : 's'})` : ''),
  ]);
  return table(rows);
}

function linkLines({ uplink, outbox }, paint, now) {
  const rows = [];
  if (uplink) {
    const well = uplink.state === 'connected' || uplink.state === 'online';
    const since = uplink.sinceMs ? `for ${duration(Math.max(0, now - uplink.sinceMs))}` : '';
    rows.push([
      'uplink',
      { text: uplink.state, paint: well ? paint.none : paint.amber },
      [since, uplink.reason].filter(Boolean).join('  '),
    ]);
  }
  if (outbox) {
    const lanes = Object.entries(outbox);
    const pending = lanes.reduce((sum, [, lane]) => sum + (lane.pending ?? 0), 0);
    const oldest = Math.min(
      ...lanes.filter(([, lane]) => lane.pending > 0 && lane.oldestMs).map(([, lane]) => lane.oldestMs),
    );
    const waiting = Number.isFinite(oldest) ? now - (oldest > 1e11 ? oldest : now - oldest) : 0;
    const state = {
      text: pending === 0 ? 'empty' : `${pending} waiting`,
      paint: waiting > 10_000 ? paint.amber : paint.none,
    };
    const detail = lanes.filter(([, lane]) => lane.pending > 0).map(([name, lane]) => `${name} ${lane.pending}`);
    if (waiting > 1000) detail.push(`oldest ${duration(waiting)}`);
    rows.push(['outbox', state, detail.join('  ')]);
  }
  return rows.length > 0 ? table(rows) : [];
}

function missingLines(missing, paint) {
  return table(
    missing.map(({ what, why, install }) => [
      { text: `missing ${plain(what)}`, paint: paint.amber },
      why ?? '',
      install ?? '',
    ]),
  );
}
