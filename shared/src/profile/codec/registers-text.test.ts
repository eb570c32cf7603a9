import t from 'tap';
import type { RegisterSpec } from '../register-schema.js';
import { decodeRegisters } from './registers.js';

const read = (...words: number[]) => {
  const spec: RegisterSpec = { table: 'holding', address: 0, type: 'string', words: words.length };
  return decodeRegisters(spec, words);
};

t.test('registers that hold no text are told as such: an erased serial number is nobody’s', async (t) => {
  for (const words of [
    [0xffff, 0xffff],
    [0x4142, 0xff00],
    [0xe5a4, 0x4141],
  ])
    t.throws(() => read(...words), { code: 'protocol_violation' }, words.map((word) => word.toString(16)).join(' '));
  t.equal(read(0x4142, 0x4300), 'ABC');
  t.equal(read(0, 0xffff), '', 'what lies behind the end does not count');
});

t.test('a text that its registers cut in the middle of a character ends before that', async (t) => {
  // 大 is E5 A4 A7.
  t.equal(read(0x41e5, 0xa4a7), 'A大');
  t.equal(read(0x4142, 0xe5a4), 'AB');
});
