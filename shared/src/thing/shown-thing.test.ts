import t from 'tap';
import { shownThing } from './shown-thing.js';
import { thingModelSchema } from './thing-model.js';

const label = { zh: '甲', en: 'A' };
const property = (id: string, more: object = {}) => ({ id, label, type: 'integer', ...more });

t.test('what is internal is shown to nobody and set by nobody', async (t) => {
  const thing = thingModelSchema.parse({ properties: [property('a'), property('raw', { role: 'internal' })] });
  t.same(
    shownThing(thing).properties.map(({ id }) => id),
    ['a'],
  );
  t.equal(thing.properties.length, 2, 'the model itself is left alone');
  const settable = { properties: [property('raw', { role: 'internal', access: 'rw', range: [0, 1] })] };
  t.match(thingModelSchema.safeParse(settable).error?.issues, [{ message: 'what is internal cannot be set' }]);
});
