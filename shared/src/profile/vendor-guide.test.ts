import { readFileSync } from 'node:fs';
import t from 'tap';
import { formatIssue, lintProfiles, parseProfile } from './index.js';

const guide = readFileSync(new URL('../../../docs/profiles.md', import.meta.url), 'utf8');
const blocks = [...guide.matchAll(/```(yaml|json)\n([\s\S]*?)```/g)].map(([, language, text]) => ({
  language,
  text: text ?? '',
}));
const yaml = blocks.filter(({ language }) => language === 'yaml').map(({ text }) => text);

t.test('the guide’s device in twenty minutes is a clean profile', async (t) => {
  const files = [
    { path: 'acme/th-10.yaml', text: yaml.slice(0, 5).join('') },
    { path: 'vectors/acme/th-10.json', text: blocks.find(({ language }) => language === 'json')?.text ?? '' },
  ];
  t.same(lintProfiles(files).map(formatIssue), []);
});

t.test('the guide’s other bindings keep to the schema', async (t) => {
  for (const binding of yaml.slice(5)) {
    const parsed = parseProfile(`${yaml[0]}thing: {}\n${binding}`, 'acme/th-10.yaml');
    // The pieces name values that the empty thing model lacks; shape and keys have to be right.
    t.same(parsed.issues.filter(({ rule }) => rule !== 'reference').map(formatIssue), []);
  }
});
