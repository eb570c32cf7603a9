import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { enrolmentLink, makeEnrolmentCode, parseEnrolmentCode, parseEnrolmentLink } from './enrolment-code.js';

t.test('what is made is read back, however it is typed', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.boolean(), (fingerprint, lower) => {
      const { text, secret } = makeEnrolmentCode(fingerprint, randomBytes);
      const typed = lower ? text.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l') : text;
      const read = parseEnrolmentCode(typed);
      return (
        /^([0-9A-Z]{4}-){7}[0-9A-Z]{4}$/.test(text) &&
        read?.secret === secret &&
        Buffer.from(read.caFingerprint).equals(Buffer.from(fingerprint.subarray(0, 10)))
      );
    }),
  );
  t.pass();
});

t.test('a slip of the finger is told at once, 31 times of 32', async (t) => {
  const { text } = makeEnrolmentCode(randomBytes(32), randomBytes);
  t.equal(parseEnrolmentCode(''), undefined);
  t.equal(parseEnrolmentCode(`${text}0`), undefined);
  t.equal(parseEnrolmentCode(text.replace(/.$/, 'U')), undefined);
  let passed = 0;
  for (let i = 0; i < 3_200; i++) {
    const code = makeEnrolmentCode(randomBytes(32), randomBytes).text;
    const wrong = code[3] === 'A' ? 'B' : 'A';
    if (parseEnrolmentCode(`${code.slice(0, 3)}${wrong}${code.slice(4)}`)) passed++;
  }
  t.ok(passed < 200, `${passed} of 3200`);
});

t.test('the link of a QR code', async (t) => {
  const { text } = makeEnrolmentCode(randomBytes(32), randomBytes);
  const link = enrolmentLink(text, 'https://hub.example:18443');
  t.same(parseEnrolmentLink(link), { code: text, gateway: 'https://hub.example:18443' });
  t.equal(parseEnrolmentLink(text), undefined);
  t.equal(parseEnrolmentLink('hallhub://enrol?c=1&u=http://x'), undefined);
});
