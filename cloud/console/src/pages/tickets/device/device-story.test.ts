import t from 'tap';
import type { DeviceRepair } from '../../../api/auto-tickets.js';
import { otherRepairs } from './device-story.js';

const repairs = (...ids: string[]) => ids.map((ticketId) => ({ ticketId }) as DeviceRepair);

t.test('a ticket is none of its own device’s other repairs', async (t) => {
  t.same(otherRepairs(repairs('a'), 'a', 1), { shown: [], more: 0 });
  t.same(otherRepairs(repairs('b', 'a', 'c'), 'a', 3), { shown: repairs('b', 'c'), more: 0 });
  t.same(otherRepairs(repairs('1', '2', 'a', '3', '4', '5'), 'a', 300), {
    shown: repairs('1', '2', '3', '4'),
    more: 295,
  });
});
