import fc from 'fast-check';
import t from 'tap';
import { SseParser } from './sse-parser.js';

const stream = ': hello\n\nevent: device.values\ndata: {"a":1}\n\ndata: one\r\ndata: two\r\n\r\nid: 7\nretry: 5\n\n';
const expected = [
  { type: 'device.values', data: '{"a":1}' },
  { type: 'message', data: 'one\ntwo' },
];

t.test('events come out however the bytes are cut', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: stream.length }), { maxLength: 12 }), (cuts) => {
      const parser = new SseParser();
      const edges = [0, ...cuts.sort((a, b) => a - b), stream.length];
      const events = edges.slice(1).flatMap((edge, index) => parser.push(stream.slice(edges[index], edge)));
      return JSON.stringify(events) === JSON.stringify(expected);
    }),
  );
  t.same(new SseParser().push(stream), expected);
});

t.test('comments and empty events yield nothing', async (t) => {
  const parser = new SseParser();
  t.same(parser.push(': keep-alive\n\n'), []);
  t.same(parser.push('event: x\n\n'), [], 'an event without data is no event');
  t.same(parser.push('data\n\n'), [{ type: 'message', data: '' }]);
});
