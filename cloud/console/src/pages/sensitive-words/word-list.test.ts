import t from 'tap';
import { piecesOf, readWords, type Word } from './word-list.js';

const known: Word[] = [{ word: '上访', level: 'note' }];

t.test('lines of a sheet are laid over the list', async (t) => {
  const read = readWords(known, `敏感词,级别\n上访,紧急\n爆炸\n自焚\turgent\n坏,谁知道\n${'长'.repeat(41)}\n`, 'note');
  t.same(read.words, [
    { word: '上访', level: 'urgent' },
    { word: '爆炸', level: 'note' },
    { word: '自焚', level: 'urgent' },
  ]);
  t.match(read, {
    added: 2,
    changed: 1,
    faults: [
      { line: 5, why: 'level' },
      { line: 6, why: 'long' },
    ],
  });
  t.match(readWords(known, '上访', 'note'), { added: 0, changed: 0 });
});

t.test('pieces of a text, the stronger first', async (t) => {
  t.same(
    piecesOf('要集体上访了', [
      { from: 1, to: 5, level: 'note' },
      { from: 3, to: 5, level: 'urgent' },
    ]),
    [
      { text: '要', level: null },
      { text: '集体', level: 'note' },
      { text: '上访', level: 'urgent' },
      { text: '了', level: null },
    ],
  );
  t.same(piecesOf('', []), []);
});
