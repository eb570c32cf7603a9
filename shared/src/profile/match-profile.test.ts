import fc from 'fast-check';
import t from 'tap';
import { fitsGlob, globsOverlap } from './glob.js';
import { matchProfile } from './match-profile.js';
import { parseProfile } from './parse-profile.js';
import { modbusProbes, serialProbes } from './probes.js';
import type { Profile } from './profile-schema.js';
import { compareVersions, inVersionRange, isVersionRange } from './version-range.js';

function profile(
  model: string,
  match: object,
  bindings: object = { mqtt: { native: true } },
  version = '1.0.0',
): Profile {
  const label = { zh: '甲', en: 'A' };
  const document = {
    schema: 1,
    vendor: 'acme',
    vendorLabel: label,
    model,
    label,
    class: 'other',
    version,
    source: { kind: 'own', document: 'x' },
    match,
    thing: {},
    bindings,
  };
  const parsed = parseProfile(JSON.stringify(document), `acme/${model}.yaml`);
  if (!parsed.ok) throw new Error(parsed.issues.map(({ path, message }) => `${path} ${message}`).join('; '));
  return parsed.profile;
}

const mqtt = (vendor: string, model: string, firmware?: string) => ({
  mqtt: [{ vendor, model, ...(firmware ? { firmware } : {}) }],
});

t.test('the most exact rule wins, and the reason is told', async (t) => {
  const any = profile('any', mqtt('*', '*'));
  const family = profile('family', mqtt('acme', 'qm-*'));
  const exact = profile('exact', mqtt('acme', 'qm-200'));
  const seen = { protocol: 'mqtt' as const, vendor: 'ACME ', model: 'QM-200' };
  const found = matchProfile([any, family, exact], seen);
  t.equal(found.best?.id, 'acme/exact');
  t.same(
    found.candidates.map(({ id }) => id),
    ['acme/exact', 'acme/family', 'acme/any'],
  );
  t.match(found.why, /QM-200 fits qm-200/);
  t.equal(matchProfile([any, family], { ...seen, model: 'QM-300' }).best?.id, 'acme/family');
  const none = matchProfile([family], { ...seen, vendor: 'other' });
  t.equal(none.best, undefined);
  t.match(none.why, /no profile fits vendor other, model QM-200, firmware not stated/);
});

t.test('equal rules are never guessed at, versions of one model are', async (t) => {
  const one = profile('one', mqtt('acme', 'x'));
  const two = profile('two', mqtt('acme', 'x'));
  const seen = { protocol: 'mqtt' as const, vendor: 'acme', model: 'x' };
  const tie = matchProfile([one, two], seen);
  t.equal(tie.best, undefined);
  t.match(tie.why, /acme\/one and acme\/two fit .* equally well/);
  const newer = profile('one', mqtt('acme', 'x'), undefined, '1.10.0');
  t.equal(matchProfile([one, newer], seen).best?.profile.version, '1.10.0');
});

t.test('firmware ranges', async (t) => {
  const old = profile('old', mqtt('acme', 'x', '<2'));
  const young = profile('young', mqtt('acme', 'x', '>=2 <3'));
  const plain = profile('plain', mqtt('acme', 'x'));
  const best = (firmware?: string) =>
    matchProfile([old, young, plain], { protocol: 'mqtt', vendor: 'acme', model: 'x', firmware }).best?.id;
  t.equal(best('1.9.9'), 'acme/old');
  t.equal(best('V2.0.1-b7'), 'acme/young');
  t.equal(best('3.0'), 'acme/plain');
  t.equal(best(), 'acme/plain', 'no firmware stated');
  t.equal(inVersionRange('unknown', '>=0'), false);
  t.equal(compareVersions('1.10', '1.9'), 1);
  t.equal(compareVersions('1.2', 'v1.2.0'), 0);
  for (const bad of ['', '^1.2', '1.2 ||', '>= 1', '1..2']) t.notOk(isVersionRange(bad), bad);
});

t.test('Modbus: every read of the rule has to fit', async (t) => {
  const meter = profile(
    'meter',
    {
      modbus: [
        {
          reads: [
            { table: 'holding', address: 64514, type: 'u16', equals: 112 },
            { table: 'input', address: 70, type: 'f32', between: [40, 70] },
          ],
        },
        { deviceId: { vendorName: 'Acme*' } },
      ],
    },
    { modbus: { points: {}, wordOrder: 'little' } },
  );
  const ask = (
    registers: { table: 'holding' | 'input'; address: number; values: number[] }[],
    deviceId?: { vendorName: string },
  ) => matchProfile([meter], { protocol: 'modbus', registers, deviceId }).best?.id;
  const code = { table: 'holding' as const, address: 64514, values: [112] };
  // 50 Hz is 4248 0000; words swapped as the binding says.
  const hertz = { table: 'input' as const, address: 68, values: [1, 2, 0x0000, 0x4248] };
  t.equal(ask([code, hertz]), 'acme/meter');
  t.equal(ask([code]), undefined, 'a read that was not made');
  t.equal(ask([{ ...code, values: [137] }, hertz]), undefined);
  t.equal(ask([code, { ...hertz, values: [1, 2, 0, 0x7fc0] }]), undefined, 'NaN');
  t.equal(ask([], { vendorName: 'ACME Electric' }), 'acme/meter');
  t.same(modbusProbes([meter])[0]?.reads, [
    { table: 'holding', address: 64514, count: 1 },
    { table: 'input', address: 70, count: 2 },
  ]);
});

t.test('serial: the answer is looked at by the rule that asked', async (t) => {
  const display = profile(
    'display',
    { serial: [{ send: [{ hex: '05' }], expect: { bytes: [{ at: 1, is: '85' }] } }] },
    {
      serial: {
        line: { baudRate: 9600 },
        framing: { type: 'fixed', start: 'AA', bytes: 3 },
        checksum: { kind: 'xor8' },
      },
    },
  );
  const [probe] = serialProbes([display]);
  t.same([...(probe?.send ?? [])], [0xaa, 0x05, 0xaf]);
  const reply = (frame: number[], rule = 0) =>
    matchProfile([display], {
      protocol: 'serial',
      replies: [{ profile: 'acme/display', rule, frame: Uint8Array.from(frame) }],
    }).best?.id;
  t.equal(reply([0xaa, 0x85, 0x2f]), 'acme/display');
  t.equal(reply([0xaa, 0x86, 0x2c]), undefined);
  t.equal(reply([0xaa, 0x85, 0x2f], 3), undefined, 'a rule that does not exist');
});

t.test('patterns: fitting and overlapping agree', async (t) => {
  t.ok(fitsGlob('QM-*', 'qm-200'));
  t.notOk(fitsGlob('a*a', 'a'), 'the ends do not share a letter');
  t.ok(fitsGlob('*b*b*', 'abba'));
  t.ok(globsOverlap('a*', '*b'));
  t.notOk(globsOverlap('a*', 'b*'));
  const word = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 5 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 5 });
  fc.assert(
    fc.property(
      pattern,
      pattern,
      word,
      (one, other, text) => !(fitsGlob(one, text) && fitsGlob(other, text)) || globsOverlap(one, other),
    ),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(
      pattern,
      word,
      (one, text) => fitsGlob(one, text) === new RegExp(`^${one.replaceAll('*', '.*')}$`).test(text),
    ),
    { numRuns: 1000 },
  );
});
