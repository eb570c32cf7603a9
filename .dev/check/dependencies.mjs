import { runCommand } from '../lib/run-command.mjs';

const PNPM = ['-y', 'pnpm@10'];
const AUDIT_TIMEOUT_MS = 120_000;
/** Advisories of this weight fail the check; weaker ones are told. */
const FAILING = new Set(['high', 'critical']);

/** Licences that may be linked into what we give away. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'CC-BY-4.0',
  'ISC',
  'MIT',
  'MIT-0',
  // Fonts: embedded in documents freely, never sold alone.
  'OFL-1.1',
  'PostgreSQL',
  'Python-2.0',
  'Unlicense',
  'WTFPL',
  'Zlib',
]);

/** Used as they come, as a library of their own beside ours (not linked into our code). */
const SEPARATE = [{ licence: 'LGPL-3.0-or-later', name: /^@img\/sharp-libvips-/ }];

/** Licences that stand in a package's own text, not in its package.json: read by a person, for that version only. */
const READ_BY_HAND = new Map([['combine-errors@3.0.3', 'MIT']]);

const pnpm = (root, args, run) =>
  run('npx', [...PNPM, ...args], { cwd: root, env: { ...process.env, NO_COLOR: '1' }, timeoutMs: AUDIT_TIMEOUT_MS });

const jsonOf = (output) => {
  const from = output.indexOf('{');
  const to = output.lastIndexOf('}');
  try {
    return from < 0 ? undefined : JSON.parse(output.slice(from, to + 1));
  } catch {
    return undefined;
  }
};

/**
 * Asks the registry for known weaknesses of what production uses. Resolves `{ lines, note }`. Many mirrors answer no such
 * question: then the note says that nothing was checked, and why; it never says that all is well.
 */
export async function auditDependencies({ root, run = runCommand }) {
  const { output } = await pnpm(root, ['audit', '--prod', '--json'], run);
  const answer = jsonOf(output);
  if (!answer?.advisories || !answer.metadata) {
    const why = answer?.error?.code ?? (output.split('\n').find((line) => line.trim()) || 'no answer');
    return { lines: [], note: `NOT CHECKED: the registry answers no audit (${String(why).slice(0, 80)})` };
  }
  const found = Object.values(answer.advisories);
  const text = (one) => `${one.module_name} ${one.vulnerable_versions}: ${one.severity}: ${one.title}`;
  const weak = found.filter((one) => !FAILING.has(one.severity));
  return {
    lines: found.filter((one) => FAILING.has(one.severity)).map(text),
    note:
      weak.length > 0
        ? `below the limit: ${weak.map(text).join('; ')}`
        : `${answer.metadata.totalDependencies ?? '?'} packages asked`,
  };
}

/** `MIT`, `(MIT OR GPL-2.0)`, `Apache-2.0 AND BSD-3-Clause`: may it be linked? */
export function mayBeLinked(licence) {
  const parts = String(licence)
    .replace(/[()]/g, '')
    .split(/\s+OR\s+/i);
  return parts.some((part) => part.split(/\s+AND\s+/i).every((one) => ALLOWED.has(one.trim())));
}

/** Production dependencies under a licence that would bind our code. Resolves `{ lines, note }`. */
export async function checkLicences({ root, run = runCommand }) {
  const { code, output } = await pnpm(root, ['licenses', 'list', '--prod', '--json'], run);
  const byLicence = jsonOf(output);
  if (code !== 0 || !byLicence || Object.keys(byLicence).length === 0) {
    return { lines: [`the licences could not be listed: ${output.slice(0, 200)}`] };
  }
  const lines = [];
  let count = 0;
  for (const [licence, packages] of Object.entries(byLicence)) {
    for (const { name, versions } of packages) {
      count += 1;
      const separate = SEPARATE.some((one) => one.licence === licence && one.name.test(name));
      const isRead = versions?.every((version) => mayBeLinked(READ_BY_HAND.get(`${name}@${version}`) ?? licence));
      if (!mayBeLinked(licence) && !separate && !isRead)
        lines.push(`${name} ${versions?.join(', ') ?? ''}: ${licence}`);
    }
  }
  return { lines, note: `${count} packages` };
}
