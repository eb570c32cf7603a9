import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type Backup, type BackupHealth, backupsQuery, runBackup } from '../../api/backups.js';
import { anyText, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { formatBytes } from '../../format/number.js';
import { formatDuration, formatStamp } from '../../format/time.js';
import { Page } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { Facts } from '../parts/Facts.js';
import { AdminTabs } from './AdminTabs.js';
import './admin.css';

const searchSchema = z.object({ id: anyText });
const looks = {
  verified: { tone: 'quiet', shape: 'check' },
  written: { tone: 'note', shape: 'half' },
  running: { tone: 'accent', shape: 'half' },
  failed: { tone: 'bad', shape: 'cross' },
  removed: { tone: 'quiet', shape: 'dashed' },
} as const;

const nameOf = (backup: Backup): string => backup.file?.slice(backup.file.lastIndexOf('/') + 1) ?? '—';

/** Backups of the installation, and what became of restoring each. */
export default function BackupsPage() {
  const { t, i18n } = useTranslation('backups');
  const { t: admin } = useTranslation('admin');
  const { message } = App.useApp();
  const may = useRights();
  const client = useQueryClient();
  const [search, setSearch] = useSearchState(searchSchema);
  const { data, error, refetch } = useQuery(backupsQuery());
  const run = useMutation({
    mutationFn: runBackup,
    onSuccess: ({ queued }) => {
      void message.success(t(queued ? 'queued' : 'waiting'));
      return client.invalidateQueries({ queryKey: ['backups'] });
    },
  });
  const size = (bytes: number | null) => (bytes === null ? '—' : formatBytes(bytes, i18n.language));
  const columns: Column<Backup>[] = [
    {
      id: 'started',
      title: t('started'),
      width: 120,
      cell: (backup) => <RelativeTime time={backup.startedAt} />,
      text: (backup) => formatStamp(backup.startedAt),
    },
    {
      id: 'state',
      title: t('state'),
      width: 176,
      cell: (backup) => <StatusMark {...looks[backup.state]} word={t(`states.${backup.state}`)} />,
      text: (backup) => t(`states.${backup.state}`),
    },
    {
      id: 'size',
      title: t('size'),
      width: 90,
      align: 'end',
      priority: 2,
      cell: (backup) => size(backup.bytes),
      text: (backup) => String(backup.bytes ?? ''),
    },
    {
      id: 'reason',
      title: t('reason'),
      width: 110,
      priority: 3,
      cell: (backup) => t(`reasons.${backup.reason}`),
      text: (backup) => t(`reasons.${backup.reason}`),
    },
    {
      id: 'file',
      title: t('file'),
      priority: 2,
      cell: (backup) => <code className="soft">{nameOf(backup)}</code>,
      text: nameOf,
    },
  ];
  const open = data?.items.find((backup) => backup.id === search.id);
  return (
    <Page
      title={admin('title')}
      tabs={<AdminTabs active="backups" />}
      actions={
        may('backup.run') && data?.health.state !== 'off' ? (
          <Button type="primary" loading={run.isPending} onClick={() => run.mutate()}>
            {t('run')}
          </Button>
        ) : null
      }
      fill
    >
      <div className="backups">
        {data ? <Health health={data.health} /> : null}
        <DataTable
          name="backups"
          label={admin('tabs.backups')}
          columns={columns}
          rows={data?.items}
          error={error}
          onRetry={() => void refetch()}
          rowKey={(backup) => backup.id}
          openKey={search.id}
          onOpen={(backup) => setSearch({ id: backup.id }, { push: true })}
          empty={<Empty icon="copy" title={t('none')} hint={t('noneHint')} />}
        />
      </div>
      {open ? <BackupPanel backup={open} onClose={() => setSearch({ id: undefined })} /> : null}
    </Page>
  );
}

const severity = {
  ok: 'success',
  never: 'warning',
  late: 'error',
  failed: 'error',
  log_lost: 'warning',
  off: 'info',
} as const;

/** What is right and what is not, and what to do about it. */
function Health({ health }: { health: BackupHealth }) {
  const { t } = useTranslation('backups');
  const notes = [
    health.newestVerifiedAt ? t('newest', { at: formatStamp(health.newestVerifiedAt) }) : undefined,
    health.logArchivedAt ? t('log', { at: formatStamp(health.logArchivedAt) }) : undefined,
    health.state === 'off'
      ? undefined
      : t('kept', { daily: health.keepDaily, weekly: health.keepWeekly, folder: health.folder }),
    health.folderBesideData && health.state !== 'off' ? t('folderBeside') : undefined,
    health.keyBesideData && health.state !== 'off' ? t('keyBeside', { file: health.keyFile }) : undefined,
  ].filter((note) => note !== undefined);
  return (
    <Alert
      className="backup-health"
      type={severity[health.state]}
      showIcon
      title={t(`health.${health.state}`, { hours: health.maxAgeHours })}
      description={notes.length > 0 ? notes.map((note) => <div key={note}>{note}</div>) : undefined}
    />
  );
}

function BackupPanel({ backup, onClose }: { backup: Backup; onClose: () => void }) {
  const { t, i18n } = useTranslation('backups');
  const { check, error } = backup;
  return (
    <SidePanel
      title={formatStamp(backup.startedAt)}
      mark={<StatusMark {...looks[backup.state]} word={t(`states.${backup.state}`)} />}
      onClose={onClose}
    >
      {error ? <Alert type="error" showIcon title={error.message} description={error.hint} /> : null}
      <Facts
        facts={[
          { label: t('file'), value: <code>{backup.file ?? '—'}</code> },
          backup.bytes !== null && { label: t('size'), value: formatBytes(backup.bytes, i18n.language) },
          backup.databaseBytes !== null && {
            label: t('database'),
            value: formatBytes(backup.databaseBytes, i18n.language),
          },
          backup.blobCount !== null && { label: t('evidence'), value: String(backup.blobCount) },
          {
            label: t('reason'),
            value: [t(`reasons.${backup.reason}`), backup.requestedBy].filter(Boolean).join(' · '),
          },
          backup.checkedAt && { label: t('checked'), value: formatStamp(backup.checkedAt) },
          check && { label: t('restored'), value: formatDuration(check.restoreMs, i18n.language) },
          check && { label: t('compared'), value: formatDuration(check.checkMs, i18n.language) },
          check && { label: t('sound'), value: t('soundOf', { tables: check.tables, indexes: check.indexes }) },
          check && { label: t('migrations'), value: String(check.migrations) },
          ...(check?.faults.map(({ what, expected, found }) => ({
            label: what,
            value: t('fault', { expected, found }),
          })) ?? []),
        ]}
      />
    </SidePanel>
  );
}
