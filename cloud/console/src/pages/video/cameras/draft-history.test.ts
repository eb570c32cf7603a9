import fc from 'fast-check';
import t from 'tap';
import { changeDraft, type DraftHistory, draftOf, redoDraft, undoDraft } from './draft-history.js';

t.test('back and forth; a new change forgets what was undone', async (t) => {
  const three = changeDraft(changeDraft(draftOf('a'), 'b'), 'c');
  t.equal(undoDraft(three).now, 'b');
  t.equal(redoDraft(undoDraft(three)).now, 'c');
  const other = changeDraft(undoDraft(three), 'd');
  t.equal(redoDraft(other).now, 'd');
  t.equal(undoDraft(undoDraft(undoDraft(other))).now, 'a');
});

t.test('the steps of one drag are one change; the next drag is another', async (t) => {
  let history: DraftHistory<number> = draftOf(0);
  for (const next of [1, 2, 3]) history = changeDraft(history, next, 'drag 1');
  for (const next of [4, 5]) history = changeDraft(history, next, 'drag 2');
  t.equal(undoDraft(history).now, 3);
  t.equal(undoDraft(undoDraft(history)).now, 0);
  t.equal(changeDraft(history, 5), history, 'the same is no change');
  const undone = undoDraft(history);
  t.equal(undoDraft(changeDraft(undone, 9, 'drag 1')).now, 3, 'after an undo nothing is joined');
});

t.test('however one goes, undoing all leads to the beginning, redoing all to the end', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 60 }), (steps) => {
      let history: DraftHistory<number> = draftOf(-1);
      for (const step of steps) history = changeDraft(history, step);
      const end = history.now;
      for (let i = 0; i <= steps.length; i++) history = undoDraft(history);
      const begin = history.now;
      for (let i = 0; i <= steps.length; i++) history = redoDraft(history);
      return begin === -1 && history.now === end;
    }),
  );
});
