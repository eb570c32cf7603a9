import type { Label } from '../label.js';
import type { ProfileIssue } from './profile-issue.js';

/** How a check of the lint tells what it found. */
export type Report = (path: PropertyKey[], rule: string, message: string, severity?: ProfileIssue['severity']) => void;

/** Every label has both languages, and its Chinese is Chinese. */
export function lintLabels(document: object, report: Report): void {
  eachLabel(document, (label, path) => {
    if (label.en === undefined) report(path, 'label-en', `"${label.zh}" has no English text`);
    if (!/\p{Script=Han}/u.test(label.zh) && /[A-Za-z]{4,}/.test(label.zh)) {
      report([...path, 'zh'], 'label-zh', `"${label.zh}" is not Chinese`, 'warning');
    }
  });
}

function eachLabel(value: unknown, visit: (label: Label, path: PropertyKey[]) => void, path: PropertyKey[] = []): void {
  if (value === null || typeof value !== 'object') return;
  if ('zh' in value && typeof value.zh === 'string') {
    visit(value as Label, path);
    return;
  }
  for (const [key, child] of Object.entries(value))
    eachLabel(child, visit, [...path, Array.isArray(value) ? Number(key) : key]);
}
