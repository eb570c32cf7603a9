import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type AuditEntry, auditQuery } from '../../api/audit.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { formatStamp } from '../../format/time.js';
import { useLabel } from '../../i18n/use-language.js';
import { Page } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { Facts } from '../parts/Facts.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { FilterText } from '../parts/FilterText.js';
import { useListing } from '../parts/list-state.js';
import { useCodeWord } from '../parts/words.js';
import { AdminTabs } from './AdminTabs.js';
import { AuditChainBar } from './AuditChainBar.js';
import { Changes } from './Changes.js';
import './admin.css';

const targets = [
  ...(['user', 'role', 'apikey', 'sign_on_provider', 'tenant', 'region', 'hall', 'counter'] as const),
  ...(['unit', 'device', 'alarm', 'alarm_rule', 'command', 'command_batch'] as const),
  ...(['evidence', 'bundle', 'proof_report', 'backup', 'audit', 'ca'] as const),
] as const;
const days = ['1', '7', '30'] as const;
const dayMs = 24 * 3_600_000;

const searchSchema = z.object({
  q: anyText,
  target: oneOf(targets),
  days: oneOf(days),
  id: anyText,
});

/** The start of the day so many days ago, so that the address asks the same all day. */
function since(count: string | undefined): string | undefined {
  if (!count) return undefined;
  const start = new Date(Date.now() - Number(count) * dayMs);
  start.setMinutes(0, 0, 0);
  return start.toISOString();
}

/** Who did what to what, when and from where. */
export default function AuditPage() {
  const { t } = useTranslation('admin');
  const label = useLabel();
  const word = useCodeWord();
  const [search, setSearch] = useSearchState(searchSchema);
  const filter = { q: search.q, targetKind: search.target, from: since(search.days) };
  const list = useListing(auditQuery(filter));
  const actorOf = (entry: AuditEntry) => {
    if (entry.actor.kind === 'system') return t('audit.system');
    return entry.actor.kind === 'apikey' ? t('audit.program', { name: entry.actor.name }) : entry.actor.name;
  };
  const targetOf = (entry: AuditEntry) =>
    [word('target', entry.target?.kind), label(entry.target?.name)].filter(Boolean).join(' · ');
  const columns: Column<AuditEntry>[] = [
    {
      id: 'at',
      title: t('audit.at'),
      width: 120,
      cell: (entry) => <RelativeTime time={entry.at} />,
      text: (entry) => formatStamp(entry.at),
    },
    { id: 'actor', title: t('audit.actor'), width: 104, cell: actorOf, text: actorOf },
    {
      id: 'action',
      title: t('audit.action'),
      cell: (entry) => word('action', entry.action),
      text: (entry) => entry.action,
    },
    { id: 'target', title: t('audit.target'), width: 320, priority: 2, cell: targetOf, text: targetOf },
    {
      id: 'ip',
      title: t('audit.ip'),
      width: 130,
      priority: 3,
      cell: (entry) => <span className="soft">{entry.ip ?? '—'}</span>,
      text: (entry) => entry.ip ?? '',
    },
  ];
  const open = list.rows?.find((entry) => entry.id === search.id);
  return (
    <Page title={t('title')} tabs={<AdminTabs active="audit" />} actions={<AuditChainBar filter={filter} />} fill>
      <DataTable
        name="audit"
        label={t('tabs.audit')}
        columns={columns}
        rowKey={(entry) => entry.id}
        {...list}
        openKey={search.id}
        onOpen={(entry) => setSearch({ id: entry.id }, { push: true })}
        tools={
          <>
            <FilterText value={search.q} placeholder={t('audit.filter')} onChange={(q) => setSearch({ q })} />
            <FilterChoice
              label={t('audit.targetKind')}
              value={search.target}
              options={targets.map((value) => ({ value, label: word('target', value) }))}
              onChange={(target) => setSearch({ target })}
            />
            <FilterChoice
              label={t('audit.when')}
              value={search.days}
              options={days.map((value) => ({ value, label: t('audit.lastDays', { count: Number(value) }) }))}
              onChange={(value) => setSearch({ days: value })}
            />
          </>
        }
        empty={<Empty icon="audit" title={t('audit.none')} hint={t('audit.noneHint')} />}
      />
      {open ? (
        <SidePanel title={word('action', open.action)} onClose={() => setSearch({ id: undefined })}>
          <div className="stack">
            <Facts
              facts={[
                { label: t('audit.at'), value: formatStamp(open.at) },
                { label: t('audit.actor'), value: actorOf(open) },
                { label: t('audit.target'), value: targetOf(open) },
                { label: t('audit.code'), value: <code>{open.action}</code> },
                open.ip ? { label: t('audit.ip'), value: open.ip } : null,
                open.seq ? { label: t('audit.seq'), value: `#${open.seq}` } : null,
                open.requestId ? { label: t('audit.request'), value: <code>{open.requestId}</code> } : null,
              ]}
            />
            <Changes before={open.before} after={open.after} />
          </div>
        </SidePanel>
      ) : null}
    </Page>
  );
}
