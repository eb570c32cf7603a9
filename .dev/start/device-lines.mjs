import { labelOf, presenceOf } from './changes.mjs';
import { cut, pad, plain, table, textWidth } from './text.mjs';

/** What a device may be, the worst first; `online` alone needs no eye. */
const CONDITIONS = {
  offline: 'red',
  degraded: 'amber',
  stale: 'amber',
  quarantined: 'amber',
  refused: 'dim',
  unknown: 'dim',
  online: 'none',
};
const ORDER = Object.keys(CONDITIONS);

/**
 * The devices in `room` lines at most: each of them where they fit, what is not online first. Else how many there are,
 * those that are not online, and the others counted by kind.
 */
export function deviceLines(devices, { paint, columns, room }) {
  const here = devices
    .filter(({ state }) => state !== 'retired')
    .map((device) => ({ device, is: conditionOf(device) }));
  here.sort((a, b) => rankOf(a.is) - rankOf(b.is));
  if (here.length <= room) return rows(here, paint, columns);
  if (room < 1) return [];
  const away = here.filter(({ is }) => is !== 'online');
  const kinds = kindCells(here, paint);
  // The kinds keep two lines where something else is to be told, and take what it leaves.
  const least = Math.min(2, Math.ceil((room - 1) / 3));
  const worst = cutRows(away, { room: room - 1 - least, paint, columns });
  return [sumLine(here, paint), ...worst, ...grid(kinds, { columns, room: room - 1 - worst.length, paint })];
}

function conditionOf(device) {
  if (device.state && device.state !== 'active') return device.state;
  return presenceOf(device);
}

/** Beside a name stand its presence and the reason. */
const besideName = 36;
const rankOf = (is) => (ORDER.includes(is) ? ORDER.indexOf(is) : ORDER.indexOf('unknown'));
const paintOf = (is, paint) => paint[CONDITIONS[is] ?? 'amber'];

function rows(here, paint, columns) {
  return table(
    here.map(({ device }) => {
      const presence = presenceOf(device);
      const reason = device.presence?.reason ?? device.reason ?? '';
      const state = device.state && device.state !== 'active' ? device.state : '';
      return [
        cut(plain(labelOf(device.name) || device.id), Math.max(12, columns - besideName)),
        { text: presence, paint: paintOf(presence, paint) },
        { text: [state, reason].filter(Boolean).join('  '), paint: paint.dim },
      ];
    }),
  );
}

function cutRows(away, { room, paint, columns }) {
  if (away.length <= room) return rows(away, paint, columns);
  if (room < 1) return [];
  const rest = away.slice(room - 1);
  return [
    ...rows(away.slice(0, room - 1), paint, columns),
    `  ${paint.dim(`+${rest.length} more: ${countText(rest)}`)}`,
  ];
}

const countText = (here) =>
  counts(here)
    .map(([is, count]) => `${count} ${is}`)
    .join('  ');

function counts(here) {
  const count = new Map();
  for (const { is } of here) count.set(is, (count.get(is) ?? 0) + 1);
  return [...count].sort(([a], [b]) => rankOf(a) - rankOf(b));
}

function sumLine(here, paint) {
  const told = counts(here).map(([is, count]) => paintOf(is, paint)(`${count} ${is}`));
  return `  devices  ${here.length}  ${paint.dim('·')}  ${told.join('  ')}`;
}

/** `led display 3`, or `led display 2/3` where one of them is not online. */
function kindCells(here, paint) {
  const kinds = new Map();
  for (const { device, is } of here) {
    const kind = plain(device.class ?? 'other').replaceAll('-', ' ');
    const known = kinds.get(kind) ?? { all: 0, online: 0 };
    kinds.set(kind, { all: known.all + 1, online: known.online + (is === 'online' ? 1 : 0) });
  }
  const named = [...kinds].sort(([a], [b]) => a.localeCompare(b));
  return named.map(([kind, { all, online }]) => {
    const number = online === all ? `${all}` : `${online}/${all}`;
    return { text: `${kind} ${number}`, painted: `${kind} ${online === all ? number : paint.amber(number)}` };
  });
}

/** Cells side by side, column after column as `ls` does; what finds no place is counted. */
function grid(cells, { columns, room, paint }) {
  if (room < 1) return [];
  const width = Math.max(...cells.map(({ text }) => textWidth(text))) + 2;
  const across = Math.max(1, Math.floor((columns - 3) / width));
  const fits = cells.length <= across * room;
  const shown = fits ? cells : cells.slice(0, across * room - 1);
  const left = cells.length - shown.length;
  const all = fits ? shown : [...shown, { text: `+${left} kinds`, painted: paint.dim(`+${left} kinds`) }];
  const height = Math.ceil(all.length / across);
  return Array.from({ length: height }, (_, row) => {
    const line = all.filter((_, i) => i % height === row);
    const text = line.map((cell, i) =>
      i === line.length - 1 ? cell.painted : cell.painted + pad(cell.text, width).slice(cell.text.length),
    );
    return `  ${text.join('')}`;
  });
}
