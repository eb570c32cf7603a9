import t from 'tap';
import { cardText, sampleCard, serveIdCardReader } from './id-card-reader.js';

const memoryLine = () => {
  const listeners: ((bytes: Uint8Array) => void)[] = [];
  const written: Buffer[] = [];
  return {
    line: {
      write: (bytes: Uint8Array) => void written.push(Buffer.from(bytes)),
      onData: (l: (b: Uint8Array) => void) => void listeners.push(l),
    },
    feed: (text: string) => {
      for (const l of listeners) l(Buffer.from(text.replaceAll(' ', ''), 'hex'));
    },
    take: () => Buffer.concat(written.splice(0)),
  };
};

t.test('find, select and read, with the bytes as SDT readers send them', async (t) => {
  const { line, feed, take } = memoryLine();
  const reader = serveIdCardReader(line);
  feed('AAAAAA9669 0003 2001 22');
  t.equal(take().toString('hex'), 'aaaaaa9669000400008084', 'no card');
  reader.lay(sampleCard);
  feed('AAAAAA9669 0003 2001 22');
  t.equal(take().toString('hex'), 'aaaaaa9669000800009f0000000097');
  feed('AAAAAA9669 0003 2002 21');
  t.equal(take().subarray(7, 10).toString('hex'), '000090');
  feed('AAAAAA9669 0003 3001 32');
  const card = take();
  t.equal(card.length, 5 + 2 + 0x0508);
  t.same(card.subarray(5, 14).toString('hex'), '050800009001000400');
  t.same(card.subarray(14, 14 + 256), cardText(sampleCard));
  feed('AAAAAA9669 0003 2001 22');
  t.equal(take().subarray(7, 10).toString('hex'), '000080', 'a card is read once');
  reader.takeAway();
  reader.lay(sampleCard);
  feed('AAAAAA9669 0003 2001 22');
  t.equal(take().subarray(7, 10).toString('hex'), '00009f');
});

t.test('rubbish, split and damaged requests', async (t) => {
  const { line, feed, take } = memoryLine();
  serveIdCardReader(line);
  feed('00ff AAAA');
  feed('AA9669 0003 20');
  t.equal(take().length, 0);
  feed('01 22');
  t.equal(take().subarray(7, 10).toString('hex'), '000080');
  feed('AAAAAA9669 0003 2001 23');
  t.equal(take().subarray(7, 10).toString('hex'), '000010', 'a wrong checksum is told');
  feed('AAAAAA9669 0003 4001 42');
  t.equal(take().subarray(7, 10).toString('hex'), '000021', 'an unknown command is told');
  feed('AAAAAA9669 0003 3001 32');
  t.equal(take().subarray(7, 10).toString('hex'), '000041', 'nothing selected');
});
