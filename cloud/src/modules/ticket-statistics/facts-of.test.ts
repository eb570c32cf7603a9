import { nothing, type Task, type TicketState } from '@hallhub/shared/ticket';
import t from 'tap';
import { shippedKind } from '../tickets/testing.js';
import { factsOf } from './facts-of.js';

const office = '00000000-0000-7000-8000-000000000001';
const person = '00000000-0000-7000-8000-000000000002';

t.test('who did it: a person, their office; what a platform or a program did is its office’s alone', async (t) => {
  const kind = shippedKind('citizen_request');
  const [step] = kind.steps.filter(({ actions }) => actions.some(({ marks }) => marks.includes('solved')));
  const action = step?.actions.find(({ marks }) => marks.includes('solved'))?.id;
  const task = (heldBy: string | undefined): Task => ({
    ...{ id: person, purpose: 'handle', step: step?.id ?? '', visit: 1, party: { kind: 'office', id: office } },
    ...{ lead: false, state: 'done', heldBy, beganAt: 1, endedAt: 2, action },
  });
  const doers = (heldBy: string | undefined) => {
    const state: TicketState = { ...nothing, tasks: [task(heldBy)] };
    const { officeId, personId } = factsOf(kind, state, 'Asia/Shanghai');
    return [officeId, personId];
  };
  t.same(doers(person), [office, person]);
  t.same(doers('system'), [office, null]);
  t.same(doers('apikey:1'), [office, null]);
  t.same(doers(undefined), [office, null]);
});
