import { useTranslation } from 'react-i18next';

const show = (value: unknown): string =>
  value === undefined || value === null ? '—' : typeof value === 'string' ? value : JSON.stringify(value);

const asRecord = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** The members that differ between two states of a thing, in order of their names. */
export function differences(before: unknown, after: unknown): { name: string; before: string; after: string }[] {
  const from = asRecord(before);
  const to = asRecord(after);
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .sort()
    .map((name) => ({ name, before: show(from[name]), after: show(to[name]) }))
    .filter((row) => row.before !== row.after);
}

/** What changed, member by member: before and after. */
export function Changes({ before, after }: { before: unknown; after: unknown }) {
  const { t } = useTranslation('admin');
  const rows = differences(before, after);
  if (rows.length === 0) return null;
  return (
    <table className="changes" aria-label={t('audit.changes')}>
      <thead>
        <tr>
          <th scope="col">{t('audit.field')}</th>
          <th scope="col">{t('audit.before')}</th>
          <th scope="col">{t('audit.after')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">{row.name}</th>
            <td className="faint">{row.before}</td>
            <td>{row.after}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
