/** The line that ends a run. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Every failure with its file, its name and what was found. */
export function failureReport(failures, { stderr = '' } = {}) {
  if (failures.length === 0) return [];
  const lines = ['', 'Failed:'];
  for (const { file, name, detail } of failures) {
    lines.push(`  ${[file, name].filter(Boolean).join('  ')}`);
    const text = String(detail ?? '').trimEnd();
    if (text) for (const line of text.split('\n').slice(0, 30)) lines.push(`    ${line}`);
  }
  const errors = stderr.split('\n').filter((line) => line.trim());
  if (errors.length > 0)
    lines.push('', 'Standard error of the files, its end:', ...errors.slice(-30).map((line) => `  ${line}`));
  const files = [...new Set(failures.map((failure) => failure.file).filter(Boolean))];
  if (files.length > 0) lines.push('', `Again: npm test -- ${files.slice(0, 5).join(' ')}`);
  return lines;
}

/** Every skip with its reason, gathered by reason. */
export function skipReport(skips, { forbidden = false } = {}) {
  if (skips.length === 0) return [];
  const byReason = Map.groupBy ? Map.groupBy(skips, (skip) => skip.reason) : groupByReason(skips);
  const lines = ['', forbidden ? 'Skipped (CI allows no skips):' : 'Skipped:'];
  for (const [reason, items] of byReason) {
    lines.push(`  ${reason}`);
    for (const { file, name } of items) lines.push(`    ${file === name ? file : `${file}  ${name}`}`);
  }
  return lines;
}

function groupByReason(skips) {
  const groups = new Map();
  for (const skip of skips) groups.set(skip.reason, [...(groups.get(skip.reason) ?? []), skip]);
  return groups;
}
