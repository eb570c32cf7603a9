import { type Property, propertySchema } from '@hallhub/shared/thing';
import fc from 'fast-check';
import t from 'tap';
import { seededRandom } from '../random.js';
import { motionOf } from './value-motion.js';

const property = (more: Record<string, unknown>): Property =>
  propertySchema.parse({ id: 'x', label: { zh: '值', en: 'Value' }, ...more }) as Property;
const times = Array.from({ length: 200 }, (_, at) => at * 7_000);

t.test('a number keeps within its range, on what the wire can say, and moves', async (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: -500, max: 500 }),
      fc.integer({ min: 1, max: 5_000 }),
      fc.constantFrom('Cel', 'V', '%', 'W', '1'),
      fc.integer(),
      (least, span, unit, seed) => {
        const range = [least, least + span];
        const motion = motionOf(property({ type: 'number', unit, range }), {
          carried: { least: -3276.8, greatest: 3276.7, quantum: 0.1, base: 0 },
          random: seededRandom(seed),
        });
        const values = times.map((ms) => Number(motion(ms)));
        const fits = values.every((value) => value >= least - 1e-9 && value <= least + span + 1e-9);
        return (
          fits &&
          values.every((value) => Math.abs(value * 10 - Math.round(value * 10)) < 1e-6) &&
          new Set(values).size > 1
        );
      },
    ),
  );
  t.pass();
});

t.test('a counter only grows; a setting stays; hints are followed', async (t) => {
  const counter = motionOf(property({ type: 'number', unit: 'kW.h', decimals: 2, cumulative: true }));
  const grown = times.map((ms) => Number(counter(ms)));
  t.ok(grown.every((value, at) => at === 0 || value >= (grown[at - 1] ?? 0)));
  t.ok((grown.at(-1) ?? 0) > (grown[0] ?? 0));
  const setting = motionOf(property({ type: 'number', unit: 'Cel', range: [16, 30], step: 0.5, access: 'rw' }));
  t.equal(new Set(times.map(setting)).size, 1);
  t.equal((Number(setting(0)) - 16) % 0.5, 0);
  const hinted = motionOf(property({ type: 'number', unit: 'V', range: [0, 300] }), {
    hint: { start: 110, swing: 5, periodS: 60 },
  });
  t.ok(times.every((ms) => Math.abs(Number(hinted(ms)) - 110) <= 5.001));
  t.equal(motionOf(property({ type: 'boolean' }), { hint: { fixed: true } })(5), true);
});

t.test('at rest nothing raises an alarm', async (t) => {
  const alarms = [
    {
      id: 'hot',
      kind: 'threshold',
      label: { zh: '热', en: 'Hot' },
      severity: 'warning',
      property: 'x',
      above: 30,
      hysteresis: 1,
      forMs: 0,
      clearForMs: 0,
    },
    {
      id: 'wet',
      kind: 'threshold',
      label: { zh: '湿', en: 'Wet' },
      severity: 'warning',
      property: 'x',
      equals: true,
      hysteresis: 0,
      forMs: 0,
      clearForMs: 0,
    },
  ] as const;
  const warm = motionOf(property({ type: 'number', unit: 'Cel', range: [25, 90], deadBand: 20 }), { alarms });
  t.ok(times.every((ms) => Number(warm(ms)) < 30));
  const wet = motionOf(property({ type: 'boolean' }), { alarms });
  t.ok(times.every((ms) => wet(ms) === false));
});

t.test('a counter of a float counts from zero, and a serial number stays', async (t) => {
  const wire = { least: -3.4e38, greatest: 3.4e38 };
  const counter = motionOf(property({ type: 'number', unit: 'kW.h', cumulative: true }), { carried: wire });
  t.ok(times.every((ms) => Number(counter(ms)) >= 0 && Number(counter(ms)) < 1e6));
  const serial = motionOf(property({ id: 'serial', type: 'integer', range: [0, 4_294_967_295] }));
  t.equal(new Set(times.map((ms) => serial(ms))).size, 1);
});
