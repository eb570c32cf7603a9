import { duration } from '../lib/progress-lines.mjs';
import { labelOf, presenceOf } from './changes.mjs';
import { cut, plain, table } from './text.mjs';

/** The live block's lines: parts, uplink and outbox, devices, what is missing, the last events. */
export function screenLines(summary, { paint, columns, events, now }) {
  const lines = ['', ...partLines(summary, paint, now), '', ...linkLines(summary, paint, now)];
  if (summary.devices.length > 0) lines.push('', ...deviceLines(summary.devices, paint, now));
  else if (summary.parts.some((part) => part.name === 'edge' && part.state === 'running')) {
    lines.push('', paint.dim('  no devices have joined yet'));
  }
  if (summary.missing.length > 0) lines.push('', ...missingLines(summary.missing, paint));
  if (events.length > 0) {
    lines.push('');
    for (const { at, part, text, colour } of events) {
      const time = new Date(at).toTimeString().slice(0, 8);
      lines.push(`  ${paint.dim(`${time}  ${part.padEnd(10)}`)}  ${colour(cut(text, Math.max(10, columns - 24)))}`);
    }
  }
  lines.push('', paint.dim('  Ctrl-C stops everything'));
  return lines.map((line) => fit(line, columns));
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

const PRESENCES = { online: 'none', offline: 'red', unknown: 'dim', degraded: 'amber', stale: 'amber' };

function deviceLines(devices, paint) {
  return table(
    devices.map((device) => {
      const presence = presenceOf(device);
      const reason = device.presence?.reason ?? device.reason ?? '';
      const state = device.state && device.state !== 'active' ? device.state : '';
      return [
        labelOf(device.name) || device.id,
        { text: presence, paint: paint[PRESENCES[presence] ?? 'amber'] },
        { text: [state, reason].filter(Boolean).join('  '), paint: paint.dim },
      ];
    }),
  );
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

/** Cuts a painted line to the terminal's width: a wrapped line would break the redraw. */
function fit(line, columns) {
  const bare = line.replace(/\u001b\[[0-9;]*m/g, '');
  const short = cut(bare, columns - 1);
  return short === bare ? line : short;
}
