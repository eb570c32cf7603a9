import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { sensitiveClasses } from '../../api/sensitive-words.js';
import { piecesOf, readWords, type Word } from './word-list.js';

const known: Word[] = [{ word: '上访', level: 'note', class: 'other' }];
const given = { level: 'note', class: 'abuse' } as const;

t.test('lines of a sheet are laid over the list', async (t) => {
  const sheet = `敏感词,级别,类别\n上访,紧急\n爆炸\n自焚\turgent\t人身安全\n坏,谁知道\n${'长'.repeat(41)}\n"裸聊, 加我",涉黄,"紧急"\n`;
  const read = readWords(known, sheet, given);
  t.same(read.words, [
    { word: '上访', level: 'urgent', class: 'abuse' },
    { word: '爆炸', level: 'note', class: 'abuse' },
    { word: '自焚', level: 'urgent', class: 'safety' },
    { word: '裸聊, 加我', level: 'urgent', class: 'porn' },
  ]);
  t.match(read, {
    added: 3,
    changed: 1,
    faults: [
      { line: 5, why: 'cell', about: '谁知道' },
      { line: 6, why: 'long' },
    ],
  });
  t.match(readWords(known, '上访,其他', given), { added: 0, changed: 0 });
});

t.test('what is exported is read again, in either language', async (t) => {
  for (const language of ['zh', 'en']) {
    const file = join(import.meta.dirname, `../../i18n/${language}/sensitiveWords.json`);
    const texts = JSON.parse(readFileSync(file, 'utf8'));
    const lines = sensitiveClasses.map((one, i) => `词${i},${texts.levels.urgent},"${texts.classes[one]}"`);
    const read = readWords([], [`${texts.word},${texts.level},${texts.class}`, ...lines].join('\r\n'), given);
    t.same(read.faults, []);
    t.same(
      read.words,
      sensitiveClasses.map((one, i) => ({ word: `词${i}`, level: 'urgent', class: one })),
    );
  }
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
