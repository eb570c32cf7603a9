import t from 'tap';
import { pages } from './app/page-table.js';
import { paths } from './paths.js';

const nasty = 'a/b ?#%';

t.test('ids cannot break out of their segment', async (t) => {
  for (const build of [paths.device, paths.unit, paths.place]) {
    const path = build(nasty);
    t.equal(path.split('/').length, 3);
    t.equal(decodeURIComponent(path.split('/')[2] ?? ''), nasty);
    t.notMatch(path, /[?#]/);
  }
});

t.test('every path leads to a page, and every page has a path', async (t) => {
  const built = Object.values(paths).map((build) => build('id'));
  const patterns = pages.map((page) => new RegExp(`^${page.path.replace(/\$\w+/g, '[^/]+')}$`));
  for (const path of built)
    t.ok(
      patterns.some((pattern) => pattern.test(path)),
      path,
    );
  for (const [index, pattern] of patterns.entries()) {
    t.ok(
      built.some((path) => pattern.test(path)),
      pages[index]?.path ?? '',
    );
  }
});
