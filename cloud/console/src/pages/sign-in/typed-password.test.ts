import t from 'tap';
import { forgetTyped, keepTyped, typedPassword } from './typed-password.js';

t.test('a password just typed is at hand until it is forgotten', async (t) => {
  t.equal(typedPassword(), undefined);
  keepTyped('first');
  keepTyped('second');
  t.equal(typedPassword(), 'second');
  forgetTyped();
  t.equal(typedPassword(), undefined);
});
