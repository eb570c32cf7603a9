import t from 'tap';
import { Refusals } from './refusals.js';

t.test('a ticket that has one reason several times is counted and named once', (t) => {
  const refusals = new Refusals();
  const cause = { code: 'begin_unknown', about: 'repair' } as const;
  refusals.note([cause, cause, { code: 'no_extension' }], { id: '1', number: 'G1' });
  refusals.note([cause], undefined);
  t.match(refusals.answer(), {
    refused: 2,
    reasons: [
      { ...cause, tickets: 2, named: [{ number: 'G1' }] },
      { code: 'no_extension', tickets: 1 },
    ],
  });
  t.equal(refusals.answer().reasons[0]?.named.length, 1);
  t.end();
});
