import { Parser } from 'tap-parser';

/**
 * Reads a TAP stream of files and counts tests: a test is a named block (or a file) with assertions of its own, failed
 * when one of them failed or when it broke off. A skip or a todo counts once, with its reason.
 */
export function countTap(stream, { onFile } = {}) {
  return new Promise((resolve, reject) => {
    const result = { passed: 0, failures: [], skips: [] };
    const parser = new Parser({ strict: false });
    parser.on('child', (child) => watchFile(child, result, onFile));
    parser.on('assert', (point) => {
      // A file that printed no TAP at all shows as a bare point.
      if (!parser.seenFiles?.has(point.name)) takePoint(point, { result, file: point.name, path: [] });
    });
    parser.on('bailout', (reason) => result.failures.push({ name: `bail out: ${reason}`, file: '', detail: '' }));
    parser.on('complete', () => resolve(result));
    stream.on('error', reject);
    stream.setEncoding('utf8');
    stream.on('data', (chunk) => parser.write(chunk));
    stream.on('end', () => parser.end());
  });
}

function watchFile(child, result, onFile) {
  const file = child.name;
  child.parent.seenFiles = (child.parent.seenFiles ?? new Set()).add(file);
  const skipsBefore = result.skips.length;
  const passedBefore = result.passed;
  watch(child, { result, file, path: [] });
  child.parent.on('assert', function onPoint(point) {
    if (point.name !== file) return;
    child.parent.off('assert', onPoint);
    const known = result.failures.some((failure) => failure.file === file);
    if (!point.ok && !known) result.failures.push({ name: 'the file broke off', file, detail: detailOf(point.diag) });
    if (point.ok && point.skip === 'no tests found') {
      result.failures.push({ name: 'the file has no tests', file, detail: '' });
    } else if (point.ok && point.skip && result.skips.length === skipsBefore) {
      result.skips.push({ name: file, file, reason: reasonOf(point.skip) });
    }
    const skipped = result.skips.length > skipsBefore && result.passed === passedBefore;
    onFile?.({ file, ok: point.ok, skipped, timeMs: point.time ?? 0 });
  });
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
