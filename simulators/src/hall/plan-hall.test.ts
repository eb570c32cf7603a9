import t from 'tap';
import { loadProfiles } from '../profiled/load-profiles.js';
import { planHall, plannedDevices } from './plan-hall.js';

const profiles = loadProfiles();

t.test('a full hall has a device of every profile, over all protocols, each with a name of its own', async (t) => {
  const plan = planHall(profiles, { atLeast: 62 });
  const devices = plannedDevices(plan);
  t.ok(devices.length >= 62, `${devices.length} devices`);
  const told = [...profiles].filter(([, { bindings, match }]) => !bindings.onvif || match.onvif.length > 0);
  t.same([...new Set(devices.map(({ profile }) => profile))].sort(), told.map(([id]) => id).sort());
  t.equal(new Set(devices.map(({ name }) => name)).size, devices.length);
  for (const { name } of devices) t.match(name, /^[a-z][a-z0-9-]{0,31}$/);
  const kinds = new Set(plan.map(({ kind }) => kind));
  t.same([...kinds].sort(), ['camera', 'gateway', 'mapped', 'native', 'rtu', 'serial']);
  t.ok(plan.filter(({ kind }) => kind === 'rtu').length >= 2, 'several RTU lines');
  t.ok(
    plan.some((part) => part.kind === 'serial' && part.devices.length > 1),
    'several serial devices share a line',
  );
});

t.test('the slaves of a bus have unit ids of their own, and those of a line its settings', async (t) => {
  for (const part of planHall(profiles, { atLeast: 62 })) {
    if (part.kind !== 'gateway' && part.kind !== 'rtu') continue;
    t.equal(new Set(part.slaves.map(({ unitId }) => unitId)).size, part.slaves.length);
    if (part.kind !== 'rtu') continue;
    for (const { profile } of part.slaves) {
      const line = profiles.get(profile)?.bindings.modbus?.line;
      if (line) t.same(line, part.line);
    }
  }
});

t.test('the same profiles make the same hall; single profiles as many as were asked for', async (t) => {
  t.same(planHall(profiles), planHall(profiles));
  const one = new Map([...profiles].slice(0, 1));
  t.equal(plannedDevices(planHall(one, { count: 3 })).length, 3);
  t.same(planHall(new Map(), { atLeast: 5 }), []);
});
