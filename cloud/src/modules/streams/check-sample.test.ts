import { sampleRowSchema } from '@hallhub/shared/wire';
import fc from 'fast-check';
import t from 'tap';
import { isSampleRow } from './check-sample.js';

const deviceId = '01890000-0000-7000-8000-000000000001';
const good = {
  kind: 'sample',
  at: 1_767_225_600_000,
  deviceId,
  values: { power: 12.5, on: true, text: 'a', none: null },
};

/** JSON only: what a line can hold. */
const asLine = (value: unknown) => JSON.parse(JSON.stringify(value) ?? 'null');

const name = fc.oneof(
  fc.constantFrom('power', 'a.b-c_d', 'x'.repeat(64), 'x'.repeat(65), '1a', '', '__proto__', 'constructor', '电压'),
  fc.string({ maxLength: 4 }),
);
const value = fc.oneof(
  fc.double(),
  fc.string({ maxLength: 8 }),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('x'.repeat(4096), 'x'.repeat(4097), [1], { a: 1 }),
);
const quality = fc.oneof(
  fc.dictionary(name, fc.constantFrom('uncertain', 'bad', 'good', 1)),
  fc.constantFrom(undefined, null, [], 'bad', {}),
);
const near = fc.record(
  {
    kind: fc.constantFrom('sample', 'event'),
    at: fc.oneof(
      fc.integer(),
      fc.constantFrom(0, -1, 1.5, 253_402_300_799_999, 253_402_300_800_000, '1', null, 2 ** 53),
    ),
    deviceId: fc.constantFrom(deviceId, deviceId.toUpperCase(), 'x', 5),
    values: fc.oneof(fc.dictionary(name, value), fc.constantFrom(null, [], 'x', {})),
    quality,
    more: fc.anything(),
  },
  { requiredKeys: ['kind'] },
);

t.test('says what the contract says about rows that are nearly right', async (t) => {
  fc.assert(
    fc.property(near, (row) => {
      const line = asLine(row);
      return isSampleRow(line) === sampleRowSchema.safeParse(line).success;
    }),
    { numRuns: 5_000 },
  );
  t.pass();
});

t.test('says what the contract says about right rows with one thing changed', async (t) => {
  const change = fc.constantFrom('at', 'deviceId', 'values', 'quality', 'kind');
  fc.assert(
    fc.property(fc.dictionary(name, value), change, fc.jsonValue(), fc.boolean(), (values, key, other, keep) => {
      const row = asLine({ ...good, values, ...(keep ? {} : { [key]: other }) });
      return isSampleRow(row) === sampleRowSchema.safeParse(row).success;
    }),
    { numRuns: 3_000 },
  );
  t.pass();
});

t.test('says what the contract says about any JSON', async (t) => {
  fc.assert(fc.property(fc.jsonValue(), (row) => isSampleRow(row) === sampleRowSchema.safeParse(row).success));
  t.ok(isSampleRow(good));
  t.notOk(isSampleRow(JSON.parse('{"kind":"sample","at":1,"deviceId":"x","values":{"a":1e999}}')));
  t.notOk(isSampleRow({ ...good, values: JSON.parse('{"a":1e999}') }), 'an infinite number is none');
});
