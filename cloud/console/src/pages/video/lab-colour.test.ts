import t from 'tap';
import { hexOfLab, labOfHex } from './lab-colour.js';

t.test('known colours, and there and back', async (t) => {
  const hash = '#';
  t.same(labOfHex(`${hash}ffffff`), [100, 0, 0]);
  t.same(labOfHex(`${hash}ff0000`), [53, 80, 67]);
  for (const hex of ['1f4e8c', '000000', 'c8102e', '2e7d32']) {
    const back = hexOfLab(labOfHex(hash + hex));
    for (const at of [1, 3, 5]) {
      const difference = Number.parseInt(back.slice(at, at + 2), 16) - Number.parseInt(hex.slice(at - 1, at + 1), 16);
      t.ok(Math.abs(difference) <= 3, `${hex} ${back}`);
    }
  }
});
