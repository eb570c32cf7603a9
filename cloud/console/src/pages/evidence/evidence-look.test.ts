import t from 'tap';
import { isPicture, kindOf, knownReason } from './evidence-look.js';

t.test('what a file is to a person', async (t) => {
  t.equal(kindOf({ mediaType: 'image/jpeg' }), 'image');
  t.equal(kindOf({ mediaType: 'video/mp4' }), 'video');
  t.equal(kindOf({ mediaType: 'audio/wav' }), 'audio');
  t.equal(kindOf({ mediaType: 'application/pdf' }), 'document');
  for (const mediaType of [null, '', 'text/html', 'constructor']) t.equal(kindOf({ mediaType }), 'other');
});

t.test('only whole pictures that a browser draws are shown', async (t) => {
  t.equal(isPicture({ mediaType: 'image/png', state: 'complete' }), true);
  t.equal(isPicture({ mediaType: 'image/png', state: 'uploading' }), false);
  t.equal(isPicture({ mediaType: 'image/svg+xml', state: 'complete' }), false);
  t.equal(isPicture({ mediaType: null, state: 'complete' }), false);
});

t.test('a reason that is not known is told apart', async (t) => {
  t.equal(knownReason('space'), 'space');
  t.equal(knownReason('toString'), undefined);
  t.equal(knownReason(null), undefined);
});
