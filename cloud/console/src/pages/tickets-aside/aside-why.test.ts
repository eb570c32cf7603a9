import t from 'tap';
import { asideReasonOf } from './aside-why.js';

t.test('what can be mended is told from what cannot', async (t) => {
  t.equal(asideReasonOf('What was sealed for "ticket field x phone" does not open with this secret'), 'secret');
  t.equal(asideReasonOf('The document of version 9 of the kind damaged is damaged'), 'damaged');
  t.equal(asideReasonOf('Version 3 of the kind repair is not there'), 'version');
  t.equal(asideReasonOf('line 4 of a history after line 2'), 'other');
});
