import t from 'tap';
import { HubError, isHubError, isRetryable, toHubError } from './hub-error.js';

t.test('codes decide what to do, not words', async (t) => {
  const lost = new HubError('link_lost', 'the cable', { context: { port: 1 }, hint: 'look', cause: new Error('EIO') });
  t.ok(isHubError(lost, 'link_lost'));
  t.notOk(isHubError(lost, 'timeout'));
  t.ok(isRetryable(lost));
  t.notOk(isRetryable(new HubError('configuration', 'x')));
  t.notOk(isRetryable(new Error('x')));
  t.equal((lost.cause as Error).message, 'EIO');
});

t.test('what nobody foresaw is a bug, with its cause', async (t) => {
  const cause = new TypeError('x is undefined');
  t.match(toHubError(cause), { code: 'bug', message: 'x is undefined', cause });
  t.equal(toHubError('text').message, 'text');
  const own = new HubError('gone', 'x');
  t.equal(toHubError(own), own);
});
