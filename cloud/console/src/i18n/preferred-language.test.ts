import t from 'tap';
import { preferredLanguage } from './preferred-language.js';

t.test('the first language that both know; else Chinese', async (t) => {
  for (const [languages, expected] of [
    [['en-US', 'en'], 'en'],
    [['en-GB', 'zh-CN'], 'en'],
    [['zh-TW', 'en'], 'zh'],
    [['zh-Hans-CN'], 'zh'],
    [['de-DE', 'de', 'en'], 'en'],
    [['fr'], 'zh'],
    [[], 'zh'],
  ] as const) {
    t.equal(preferredLanguage(languages), expected, languages.join());
  }
});
