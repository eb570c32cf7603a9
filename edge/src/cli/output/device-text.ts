import type { LocalResult } from '../../local-api/contract.js';
import { ago, clockTime, duration } from './format.js';
import { commandStateText, deviceStateText, presenceText } from './state-text.js';
import { renderFacts, renderTable } from './table.js';
import type { Terminal } from './terminal.js';
import { printable } from './text-width.js';
import { valueText } from './value-text.js';

type Detail = LocalResult<'devices.show'>;

interface InputLike {
  id: string;
  type?: string;
  range?: [number, number];
  values?: { id: string }[];
}

interface ThingLike {
  properties?: { id: string; label?: { en?: string; zh?: string }; unit?: string }[];
  commands?: { id: string; label?: { en?: string; zh?: string }; input?: InputLike[]; dangerous?: boolean }[];
}

/** UCUM as people read it: the unit one is no unit. */
const unitText = (unit: string | undefined): string =>
  unit === undefined || unit === '1' ? '' : unit === 'Cel' ? '°C' : unit.replace(/[{}]/g, '');

/** `counter=1..99`, `queue=personal|corporate`, `open=boolean`: what `hub devices command` takes. */
const inputText = ({ id, type, range, values }: InputLike): string => {
  const what = values ? values.map((value) => value.id).join('|') : range ? range.join('..') : (type ?? '');
  return `${id}=${what}`;
};

export const deviceText = (detail: Detail, terminal: Terminal): string => {
  const { style } = terminal;
  const now = terminal.now();
  const { identity } = detail;
  const blocks = [
    renderFacts([
      ['Device', `${printable(detail.name ?? identity.serial)}  ${style.dim(detail.deviceId)}`],
      ['State', deviceStateText(detail.state, style) + (detail.reason ? `: ${printable(detail.reason)}` : '')],
      ['Conflict', detail.conflict ? style.bad(printable(detail.conflict)) : undefined],
      [
        'Model',
        printable(`${identity.vendor}/${identity.model}`) +
          (identity.firmware ? `, firmware ${printable(identity.firmware)}` : ''),
      ],
      ['Serial', printable(identity.serial)],
      ['Profile', detail.profile ? `${detail.profile.id} ${detail.profile.version}` : style.warn('none fits')],
      ['Reached by', `${detail.protocol} ${printable(detail.address)} (${detail.adapterId})`],
      [
        'Presence',
        `${presenceText(detail.presence, style)}${detail.presenceReason ? `: ${detail.presenceReason}` : ''}, for ${detail.presenceSince === undefined ? '-' : duration(Math.max(0, now - detail.presenceSince))}`,
      ],
    ]),
  ];
  const head = { head: style.dim };
  if (detail.evidence.length > 0) {
    blocks.push(
      renderTable(
        [{ title: 'EVIDENCE' }, { title: 'RESULT' }, { title: 'WHEN' }, { title: 'DETAIL', shrink: true }],
        detail.evidence.map((e) => [
          e.check,
          e.ok ? 'ok' : style.bad('failed'),
          ago(e.at, now),
          printable(e.detail ?? ''),
        ]),
        head,
      ),
    );
  }
  const values = Object.entries(detail.values);
  if (values.length > 0) {
    const thing = (detail.thing ?? {}) as ThingLike;
    const properties = Array.isArray(thing.properties) ? thing.properties : [];
    blocks.push(
      renderTable(
        [
          { title: 'PROPERTY' },
          { title: 'VALUE', align: 'right' },
          { title: 'UNIT' },
          { title: 'WHEN' },
          { title: 'QUALITY' },
        ],
        values.map(([id, v]) => [
          id,
          valueText(v.value),
          unitText(properties.find((p) => p.id === id)?.unit),
          ago(v.at, now),
          v.quality === 'good' ? 'good' : style.warn(v.quality),
        ]),
        head,
      ),
    );
  }
  const can = (detail.thing as ThingLike | undefined)?.commands ?? [];
  if (can.length > 0) {
    blocks.push(
      renderTable(
        [{ title: 'IT CAN' }, { title: 'INPUT' }, { title: 'WHAT IT DOES', shrink: true }],
        can.map(({ id, label, input, dangerous }) => [
          id,
          (input ?? []).map(inputText).join(' '),
          printable(label?.en ?? label?.zh ?? '') + (dangerous ? style.warn(' (dangerous)') : ''),
        ]),
        head,
      ),
    );
  }
  if (detail.commands.length > 0) {
    blocks.push(
      renderTable(
        [{ title: 'COMMAND' }, { title: 'STATE' }, { title: 'WHEN' }, { title: 'ERROR', shrink: true }],
        detail.commands.map((c) => [
          c.name,
          commandStateText(c.state, style),
          ago(c.at, now),
          printable(c.error?.message ?? ''),
        ]),
        head,
      ),
    );
  }
  if (detail.aside.length > 0) {
    const last = detail.aside[0];
    blocks.push(
      `${style.warn(`${detail.aside.length} messages were put aside`)}; the last at ${last ? clockTime(last.at) : '-'}: ${printable(last?.reason ?? '')}`,
    );
  }
  return blocks.join('\n\n');
};
