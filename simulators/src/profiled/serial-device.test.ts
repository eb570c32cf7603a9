import { type Profile, parseProfile } from '@hallhub/shared/profile';
import t from 'tap';
import { SerialDevice } from './serial-device.js';

const text = (pattern: string) => `schema: 1
vendor: acme
vendorLabel: { zh: 甲, en: A }
model: x
label: { zh: 表, en: X }
class: meter
version: 1.0.0
source: { kind: own, document: x }
thing:
  properties:
    - { id: level, label: { zh: 液位, en: Level }, type: integer, range: [0, 99] }
bindings:
  serial:
    line: { baudRate: 9600 }
    framing: { type: delimiter, start: '02', end: '03', tail: 1, maxBytes: 64 }
    checksum: { kind: xor8, from: 1 }
    params: { address: { default: 1 } }
    frames:
      level:
        match: { bytes: [{ at: 1, param: address, type: text, bytes: 2 }], pattern: '${pattern}' }
        properties: { level: { group: level } }
    polls:
      level: { everyMs: 1000, steps: [{ send: [{ text: '{address:2}L' }], expect: [level] }] }
simulation: { values: { level: { fixed: 7 } } }
`;

const profileOf = (pattern: string): Profile => {
  const parsed = parseProfile(text(pattern), 'x.yaml');
  if (!parsed.ok) throw new RangeError(parsed.issues[0]?.message);
  return parsed.profile;
};

/** What device 12 answers to its poll. */
const answerOf = (pattern: string) => {
  const sent: string[] = [];
  const mute: string[] = [];
  const speechless = (request: string) => void mute.push(request);
  using device = new SerialDevice(profileOf(pattern), { params: { address: 12 }, lively: false, speechless });
  let receive: (bytes: Uint8Array) => void = () => undefined;
  device.serve({
    write: (bytes) => void sent.push(Buffer.from(bytes).toString('latin1')),
    onData: (listener) => {
      receive = listener;
      return () => undefined;
    },
  });
  const request = Buffer.from('\x0212L\x03', 'latin1');
  const sum = request.subarray(1).reduce((all, byte) => all ^ byte, 0);
  for (let times = 0; times < 2; times++) receive(Uint8Array.from([...request, sum]));
  return { sent, mute };
};

t.test('a frame known by a pattern carries its device’s address', async (t) => {
  const sum = [...'12L07\x03'].reduce((all, char) => all ^ char.charCodeAt(0), 0);
  const frame = `\x0212L07\x03${String.fromCharCode(sum)}`;
  t.equal(answerOf('^.{3}L(?<level>\\d\\d)').sent[0], frame, 'the start is one of the dots');
  t.equal(answerOf('^\\x02\\d\\dL(?<level>\\d\\d)\\x03').sent[0], frame, 'start and end stand in the pattern');
});

t.test('a pattern beyond turning round is told, once', async (t) => {
  t.same(answerOf('^.{3}L(?<level>[5-6]\\d)'), { sent: [], mute: ['poll level'] });
});
