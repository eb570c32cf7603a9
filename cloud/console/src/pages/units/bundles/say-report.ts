import type { BundleLane, BundleReport } from '../../../api/bundles.js';
import type { StatusLook } from '../../../ui/StatusMark.js';

/** One sentence of a report; its key names the text. */
export type ReportLine = StatusLook & { readonly lane?: BundleLane; readonly detail?: string } & (
    | { readonly key: 'rows' | 'aside' | 'files' | 'filesWaiting' | 'filesRefused'; readonly count: number }
    | { readonly key: 'known' | 'nothing' | 'resync' | 'rejected' | 'busy'; readonly count?: undefined }
  );

const quiet: StatusLook = { tone: 'quiet', shape: 'check' };
const warn: StatusLook = { tone: 'warn', shape: 'triangle' };
const bad: StatusLook = { tone: 'bad', shape: 'cross' };

/** What became of a bundle, what matters most first. */
export function sayReport({ lanes, evidence }: BundleReport): ReportLine[] {
  const sum = (figure: 'rows' | 'repeated' | 'aside') => lanes.reduce((total, lane) => total + lane[figure], 0);
  const files = (state: BundleReport['evidence'][number]['state']) => evidence.filter((file) => file.state === state);
  const lines: ReportLine[] = [];
  for (const { lane, result } of lanes) {
    if (result === 'committed') continue;
    lines.push({ ...(result === 'busy' ? warn : bad), key: result, lane });
  }
  const refused = files('refused');
  if (refused.length > 0) {
    const detail = [...new Set(refused.map(({ reason }) => reason).filter((reason) => reason !== null))].join(' · ');
    lines.push({ ...bad, key: 'filesRefused', count: refused.length, ...(detail ? { detail } : {}) });
  }
  if (sum('aside') > 0) lines.push({ ...warn, key: 'aside', count: sum('aside') });
  if (sum('rows') > 0) lines.push({ ...quiet, key: 'rows', count: sum('rows') });
  if (files('complete').length > 0) lines.push({ ...quiet, key: 'files', count: files('complete').length });
  if (files('uploading').length > 0) {
    lines.push({ tone: 'quiet', shape: 'half', key: 'filesWaiting', count: files('uploading').length });
  }
  if (sum('rows') === 0 && sum('repeated') > 0) lines.push({ ...quiet, key: 'known' });
  if (lines.length === 0) lines.push({ ...quiet, key: 'nothing' });
  return lines;
}

/** The whole of it in one word, for the list. */
export function verdictOf({
  complete,
  report,
}: {
  complete: boolean;
  report: BundleReport;
}): 'whole' | 'known' | 'partly' {
  if (!complete) return 'partly';
  const isNew = report.lanes.some(({ rows }) => rows > 0);
  return isNew || report.lanes.every(({ repeated }) => repeated === 0) ? 'whole' : 'known';
}
