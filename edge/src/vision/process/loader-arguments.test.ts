import t from 'tap';
import { loaderArguments } from './loader-arguments.js';

t.test('loaders are handed on, debuggers and limits are not', async (t) => {
  t.same(loaderArguments(['--import=tsx', '--inspect=0.0.0.0:9229', '--conditions=hallhub-source', '--inspect']), [
    '--import=tsx',
    '--conditions=hallhub-source',
  ]);
  t.same(loaderArguments(['--enable-source-maps', '--heapsnapshot-near-heap-limit=3']), ['--enable-source-maps']);
  t.same(loaderArguments(['--import', 'tsx', '--inspect', '-C', 'hallhub-source', '--import']), [
    ...['--import', 'tsx', '-C', 'hallhub-source'],
  ]);
  t.same(loaderArguments([]), []);
});
