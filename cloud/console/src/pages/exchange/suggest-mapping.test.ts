import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ticketKindSchema } from '@hallhub/shared/ticket';
import t from 'tap';
import { parse } from 'yaml';
import type { Channel } from '../../api/exchange.js';
import { troubleOf } from './channel-state.js';
import { suggestMapping } from './suggest-mapping.js';

const shipped = join(import.meta.dirname, '../../../../src/modules/ticket-kinds/shipped/citizen-request.yaml');
const kind = ticketKindSchema.parse(parse(readFileSync(shipped, 'utf8')));

t.test('a citizen’s request goes both ways without a word typed', async (t) => {
  const { incoming, outgoing } = suggestMapping(kind, { takes: true, office: 'platform' });
  t.match(incoming, {
    kind: 'citizen_request',
    fields: {
      title: 'title',
      text: 'content',
      category: 'category',
      requesterName: 'requester',
      requesterPhone: 'phone',
    },
    on: {
      close: [{ step: 'visit', action: 'confirm' }],
      rework: [{ step: 'visit', action: 'again' }, { do: 'reopen' }],
    },
    says: [{ act: 'sign' }, { act: 'finish', words: 'reply' }, { act: 'return' }, { act: 'ask_extension' }],
  });
  t.match(outgoing, { office: 'platform', on: { finish: [{ action: 'solved' }], return: [{ action: 'return' }] } });
  const steps = new Set(kind.steps.map(({ id }) => id));
  for (const { when } of [...(incoming?.says ?? []), ...(outgoing?.says ?? [])])
    if (when.step !== undefined) t.ok(steps.has(when.step), when.step);
  t.same(suggestMapping(kind, { takes: false, office: null }).incoming, null);
});

t.test('what of a channel has to be known first', async (t) => {
  const calm = {
    paused: false,
    failed: 0,
    refused: 0,
    oldestWaitingAt: null,
    clockMs: 0,
    compared: 'equal',
    faults: [],
  };
  const of = (more: object) =>
    troubleOf({ ...calm, lastInAt: null, lastOutAt: 'x', ...more } as unknown as Channel, 1e9);
  t.equal(of({}), 'fine');
  t.equal(of({ lastOutAt: null }), 'silent');
  t.equal(of({ refused: 1, paused: true }), 'paused');
  t.equal(of({ refused: 1, compared: 'different' }), 'failed');
  t.equal(of({ oldestWaitingAt: new Date(1e9 - 601_000).toISOString() }), 'stuck');
  t.equal(of({ oldestWaitingAt: new Date(1e9 - 10_000).toISOString() }), 'fine');
  t.equal(of({ clockMs: -400_000 }), 'clock');
});
