import { ManualClock } from '@hallhub/shared';
import t from 'tap';
import { Faults } from '../faults/faults.js';
import { createPlug } from './plug.js';

const named = { name: 'th-10', profile: 'acme/th-10', kind: 'modbus' } as const;

t.test('a device on a shared line is unplugged by falling silent, and comes back', async (t) => {
  const faults = new Faults();
  using plug = createPlug({ ...named, faults });
  plug.set('unplug');
  t.equal(faults.settings.dropShare, 1);
  plug.set('none');
  t.same(faults.settings, {});
  plug.set('corrupt');
  t.equal(faults.settings.corruptShare, 1);
  t.equal(plug.fault, 'corrupt');
});

t.test('a plug of its own is pulled once, and put in before another fault', async (t) => {
  const seen: string[] = [];
  const faults = new Faults();
  using plug = createPlug({ ...named, faults, unplug: () => seen.push('out'), plugIn: () => seen.push('in') });
  plug.set('unplug');
  plug.set('unplug');
  plug.set('silent');
  t.same(seen, ['out', 'in']);
  t.equal(faults.settings.dropShare, 1);
});

t.test('flapping goes out and in until it is told to end', async (t) => {
  const clock = new ManualClock();
  const seen: string[] = [];
  using plug = createPlug({ ...named, clock, unplug: () => seen.push('out'), plugIn: () => seen.push('in') });
  plug.set('flap');
  await clock.advance(15_000);
  t.same(seen, ['out', 'in', 'out']);
  plug.set('none');
  await clock.advance(60_000);
  t.same(seen, ['out', 'in', 'out', 'in']);
});
