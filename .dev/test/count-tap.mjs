import { Parser } from 'tap-parser';

/**
 * Reads the TAP of one file and counts its tests: a test is a named block (or the file itself) with assertions of its own,
 * failed when one of them failed or when it broke off. A skip or a todo counts once, with its reason. `ended` resolves
 * to `{ code, signal, message? }` of the file's process.
 */
export async function countTap(stream, { file, ended = { code: 0, signal: null } }) {
  const result = { passed: 0, failures: [], skips: [] };
  const parser = new Parser({ strict: false, name: file });
  watch(parser, { result, file, path: [] });
  const final = await new Promise((resolve, reject) => {
    parser.on('complete', resolve);
    stream.on('error', reject);
    stream.setEncoding('utf8');
    stream.on('data', (chunk) => parser.write(chunk));
    stream.on('end', () => parser.end());
  });
  judgeEnd({ final, exit: await ended, result, file });
  const skipped = result.skips.length > 0 && result.passed === 0;
  return { ...result, ok: result.failures.length === 0, skipped };
}

/** What only the end shows: a process that fell over, a file without a test, a file that skips itself. */
function judgeEnd({ final, exit, result, file }) {
  if (result.failures.length > 0) return;
  const { code, signal, message } = exit;
  if (code !== 0 || signal || !final.ok) {
    const faults = final.failures.map((failure) => failure.tapError).filter(Boolean);
    const how = [signal ? `ended by ${signal}` : code ? `exit code ${code}` : '', message ?? '', ...faults];
    result.failures.push({
      name: 'the file broke off',
      file,
      detail: how.filter(Boolean).join('\n') || 'its output is cut off',
    });
  } else if (final.count === 0) {
    const reason = (final.plan?.skipReason ?? '').replace(/^skip\b\s*/i, '');
    if (reason && reason !== 'no tests found') result.skips.push({ name: file, file, reason });
    else result.failures.push({ name: 'the file has no tests', file, detail: '' });
  }
}

function watch(parser, { result, file, path }) {
  const children = new Map();
  let own = 0;
  let failed;
  parser.on('child', (child) => {
    children.set(child.name, true);
    watch(child, { result, file, path: [...path, child.name] });
  });
  parser.on('assert', (point) => {
    if (point.skip || point.todo) {
      if (!children.has(point.name) || point.todo) takePoint(point, { result, file, path });
      return;
    }
    if (children.has(point.name)) {
      // The block counts by itself; one that broke off without a failed assertion is told here.
      const inside = [...path, point.name].join(' > ');
      const told = result.failures.some((failure) => failure.file === file && failure.name.startsWith(inside));
      if (!point.ok && !told) result.failures.push({ name: inside, file, detail: detailOf(point.diag) });
      return;
    }
    own++;
    if (!point.ok) failed ??= point;
  });
  parser.on('bailout', (reason) => {
    failed ??= { name: `bail out: ${reason}`, diag: undefined };
  });
  parser.on('complete', () => {
    if (failed) {
      const name = [...path, failed.name].filter(Boolean).join(' > ');
      result.failures.push({ name, file, detail: detailOf(failed.diag) });
    } else if (own > 0) {
      result.passed++;
    }
  });
}

function takePoint(point, { result, file, path }) {
  const name = [...path, point.name].filter(Boolean).join(' > ');
  if (point.skip) result.skips.push({ name, file, reason: reasonOf(point.skip) });
  else if (point.todo) result.skips.push({ name, file, reason: `todo: ${reasonOf(point.todo)}` });
  else if (point.ok) result.passed++;
  else result.failures.push({ name, file, detail: detailOf(point.diag) });
}

const reasonOf = (value) => (typeof value === 'string' && value ? value : 'no reason given');

function detailOf(diag) {
  if (!diag) return '';
  const at = diag.at?.fileName ? `${diag.at.fileName}:${diag.at.lineNumber}` : '';
  const parts = [at, diag.diff, diag.found !== undefined && !diag.diff ? `found ${JSON.stringify(diag.found)}` : ''];
  if (diag.signal) parts.push(`ended by ${diag.signal}`);
  if (diag.exitCode) parts.push(`exit code ${diag.exitCode}`);
  if (diag.timeout) parts.push(`timed out after ${diag.timeout} ms`);
  if (diag.error?.message ?? diag.message) parts.push(diag.error?.message ?? diag.message);
  if (diag.stack && !diag.diff) parts.push(diag.stack);
  return parts.filter(Boolean).join('\n');
}
