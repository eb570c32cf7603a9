import t from 'tap';
import { decideJoin, type JoinFacts, redeliveryMs } from './join-decision.js';

const now = 1_000_000_000;
const base: JoinFacts = { policy: 'window', profileCertain: true, tooMany: false, now };
const known = (more: Partial<NonNullable<JoinFacts['known']>>): JoinFacts['known'] => ({
  state: 'quarantined',
  claim: 'same',
  deliveredAt: null,
  usedAt: null,
  ...more,
});
const refuse = (reason: string) => ({ act: 'refuse', reason });

/** docs/protocol.md 3.1, row by row. */
const table: [name: string, facts: Partial<JoinFacts>, decision: object][] = [
  ['a stranger in a window with a certain profile', {}, { act: 'accept' }],
  ['a stranger in a window of an unknown model', { profileCertain: false }, { act: 'wait' }],
  ['a stranger where a person approves', { policy: 'approve' }, { act: 'wait' }],
  ['a stranger where nobody is let in', { policy: 'closed' }, refuse('closed')],
  ['a stranger too many', { tooMany: true }, refuse('too_many')],
  ['one in quarantine is not one more', { tooMany: true, policy: 'approve', known: known({}) }, { act: 'wait' }],
  ['one in quarantine when a window opens', { known: known({}) }, { act: 'accept' }],
  ['one in quarantine when it is closed still waits', { policy: 'closed', known: known({}) }, { act: 'wait' }],
  ['another claim', { known: known({ claim: 'other' }) }, { act: 'refuse', reason: 'claim_mismatch', conflict: true }],
  [
    'another claim for an active one',
    { known: known({ state: 'active', claim: 'other' }) },
    { act: 'refuse', reason: 'claim_mismatch', conflict: true },
  ],
  ['a refused one', { known: known({ state: 'refused' }) }, refuse('refused')],
  [
    'a refused one with another claim tells nothing more',
    { known: known({ state: 'refused', claim: 'other' }) },
    { act: 'refuse', reason: 'claim_mismatch', conflict: true },
  ],
  ['a retired one waits even in a window', { known: known({ state: 'retired' }) }, { act: 'wait' }],
  ['a retired one when it is closed', { policy: 'closed', known: known({ state: 'retired' }) }, refuse('closed')],
  ['approved, never delivered', { policy: 'closed', known: known({ state: 'active' }) }, { act: 'accept' }],
  [
    'delivered, power cut, back in time',
    { known: known({ state: 'active', deliveredAt: now - redeliveryMs }) },
    { act: 'accept' },
  ],
  [
    'delivered, back too late',
    { known: known({ state: 'active', deliveredAt: now - redeliveryMs - 1 }) },
    refuse('delivered'),
  ],
  ['delivered and used', { known: known({ state: 'active', deliveredAt: now - 1, usedAt: now }) }, refuse('delivered')],
  [
    'delivered in the future: the clock went back',
    { known: known({ state: 'active', deliveredAt: now + 5 }) },
    refuse('delivered'),
  ],
  ['approved to come with a new claim', { known: known({ state: 'active', claim: 'none' }) }, { act: 'accept' }],
];

for (const [name, facts, decision] of table) t.same(decideJoin({ ...base, ...facts }), decision, name);
