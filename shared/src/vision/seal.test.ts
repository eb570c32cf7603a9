import fc from 'fast-check';
import t from 'tap';
import { checkFinding, type Finding, firstSeal, sealHash } from './index.js';

/** Not SM3: only that it tells contents apart matters here. */
const sm3 = (bytes: Uint8Array): string => {
  let [a, b] = [0x811c9dc5, 0x01000193];
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193) >>> 0;
    b = (Math.imul(b, 31) + byte + a) >>> 0;
  }
  return (a.toString(16).padStart(8, '0') + b.toString(16).padStart(8, '0')).repeat(4);
};
const id = '01a20262-9489-7000-9064-d6158e8a23a8';
const unsealed: Omit<Finding, 'seal'> = {
  ...{ v: 1, phase: 'began', episodeId: id, viewId: id, experimental: false, startedAt: 1, seen: [], models: [] },
  rule: { id, name: '脱岗', algorithm: 'absence' },
  ...{ picture: { width: 1, height: 1 }, faces: 'none' },
  evidence: [{ id, role: 'overview', sha256: '1'.repeat(64), sm3: '2'.repeat(64), bytes: 3 }],
};
const sealed = (previous = firstSeal): Finding => ({
  ...unsealed,
  seal: { previous, hash: sealHash(previous, unsealed, { sm3 }), signature: 'abc', certificateSerial: '1F' },
});

t.test('a sealed finding proves itself, its place and its files', async (t) => {
  const files = new Map([[id, { sha256: '1'.repeat(64), sm3: '2'.repeat(64) }]]);
  const right = checkFinding(sealed(), { sm3, verify: () => true, previous: firstSeal, files });
  t.same(right, { isUnchanged: true, signature: 'right', follows: true, files: [{ id, state: 'right' }] });
  const other = new Map([[id, { sha256: '1'.repeat(64), sm3: '3'.repeat(64) }]]);
  t.match(checkFinding(sealed(), { sm3, verify: () => false, previous: sm3(new Uint8Array()), files: other }), {
    ...{ signature: 'wrong', follows: false, files: [{ state: 'changed' }] },
  });
  t.match(checkFinding(sealed(), { sm3 }), { signature: 'unknown', follows: null, files: [{ state: 'absent' }] });
  const unsigned = { ...sealed(), seal: { ...sealed().seal, signature: null } };
  t.match(checkFinding(unsigned, { sm3, verify: () => true }), { signature: 'unsigned' });
});

t.test('whatever is changed in it shows', async (t) => {
  const finding = sealed();
  const keys = Object.keys(unsealed) as (keyof typeof unsealed)[];
  fc.assert(
    fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
      if (JSON.stringify(value) === JSON.stringify(finding[key])) return;
      const changed = { ...finding, [key]: value, evidence: key === 'evidence' ? [] : finding.evidence } as Finding;
      if (checkFinding(changed, { sm3 }).isUnchanged) throw new Error(`${key} does not show`);
    }),
  );
  t.notOk(checkFinding({ ...finding, seal: { ...finding.seal, previous: '1'.repeat(64) } }, { sm3 }).isUnchanged);
  t.ok(checkFinding({ ...finding }, { sm3 }).isUnchanged, 'the order of keys is nothing');
});
