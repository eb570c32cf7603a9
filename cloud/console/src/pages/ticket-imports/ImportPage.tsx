import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { badRowsUrl, cancelImport, importQuery, startImport, type TicketImportPage } from '../../api/ticket-imports.js';
import { AppLink } from '../../app/AppLink.js';
import { formatExact } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { FileMenu } from '../../ui/FileMenu.js';
import { Page, Section } from '../../ui/Page.js';
import { useProblemText } from '../../ui/problem-text.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { ErrorState } from '../../ui/states.js';
import { FaultList } from './FaultList.js';
import { ImportProgress } from './ImportProgress.js';
import { importLooks } from './import-looks.js';
import { Mapping } from './Mapping.js';
import './ticket-imports.css';

/** One file of tickets, from what its columns mean to what became of each row. */
export default function ImportPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t } = useTranslation('ticketImports');
  const query = useQuery(importQuery(id));
  if (query.data) return <Shown one={query.data} />;
  return (
    <Page title={t('title')} trail={<AppLink to={paths.ticketImports()}>{t('title')}</AppLink>}>
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <div className="skeleton import-skeleton" />
      )}
    </Page>
  );
}

function Shown({ one }: { one: TicketImportPage }) {
  const { t } = useTranslation(['ticketImports', 'common']);
  const label = useLabel();
  const language = useLanguage();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { modal } = App.useApp();
  const refresh = () =>
    void client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith('ticket-import') });
  const start = useMutation({ mutationFn: () => startImport(one), onSettled: refresh });
  const cancel = useMutation({
    mutationFn: () => cancelImport(one),
    onSuccess: () => (one.startedAt ? refresh() : void navigate({ to: paths.ticketImports() as string })),
  });
  const problem = useProblemText(start.error ?? cancel.error);
  const isPlanned = one.state === 'checking' || one.state === 'checked';
  const mayStart = one.mine && one.missing.length === 0 && one.left > 0;
  const remove = () =>
    modal.confirm({
      title: t('remove.title', { name: one.fileName }),
      content: t('remove.hint', { count: one.rows }),
      okText: t('remove.label'),
      okButtonProps: { danger: true },
      cancelText: t('common:cancel'),
      onOk: () => cancel.mutateAsync(),
    });
  const withBad =
    one.mine && (isPlanned ? one.faulty > 0 && one.state === 'checked' : !one.endedAt ? false : one.bad + one.left > 0);
  const actions = (
    <>
      {isPlanned ? <Button onClick={remove}>{t('remove.label')}</Button> : null}
      {withBad ? (
        <FileMenu
          label={t('badRows.label')}
          files={(['xlsx', 'csv'] as const).map((key) => ({
            ...{ key, label: t(`badRows.${key}`), href: badRowsUrl(one.id, key, language) },
          }))}
        />
      ) : null}
      {one.state === 'running' ? (
        <Button onClick={() => cancel.mutate()} loading={cancel.isPending}>
          {t('stop')}
        </Button>
      ) : null}
      {one.state === 'checked' && one.mine ? (
        <Button type="primary" disabled={!mayStart} loading={start.isPending} onClick={() => start.mutate()}>
          {t('start', { count: one.rows - one.faulty })}
        </Button>
      ) : null}
      {(one.state === 'cancelled' || one.state === 'failed') && one.mine && one.left > 0 ? (
        <Button type="primary" loading={start.isPending} onClick={() => start.mutate()}>
          {t('goOn', { count: one.left })}
        </Button>
      ) : null}
    </>
  );
  const read = [
    label(one.kind.label),
    one.hall?.name,
    t('rowsIn', { count: one.rows }),
    one.readAs.sheet ? t('sheet', { name: one.readAs.sheet }) : one.readAs.encoding?.toUpperCase(),
    one.byName,
    formatExact(one.at),
  ];
  return (
    <Page
      title={one.fileName}
      trail={<AppLink to={paths.ticketImports()}>{t('title')}</AppLink>}
      mark={<StatusMark {...importLooks[one.state]} word={t(`state.${one.state}`)} />}
      lead={read.filter(Boolean).join(' · ')}
      actions={actions}
    >
      <div className="import-page">
        {start.error || cancel.error ? (
          <p className="import-problem" role="alert">
            {problem.what} {problem.next}
          </p>
        ) : null}
        {one.failure ? (
          <p className="import-problem" role="alert">
            {t(`failure.${one.failure as 'kind'}`)}
          </p>
        ) : null}
        {one.before && isPlanned ? (
          <p className="import-note">
            {t('before', { name: one.before.byName, at: formatExact(one.before.at), count: one.before.made })}
          </p>
        ) : null}
        <ImportProgress one={one} />
        {one.endedAt || one.state === 'running' ? (
          <p className="soft small">
            {one.made + one.known > 0 ? (
              <AppLink to={`${paths.tickets()}?view=all&source=import`}>{t('toTickets')}</AppLink>
            ) : null}
            {one.keptTill && one.bad + one.left > 0 ? ` ${t('keptTill', { at: formatExact(one.keptTill) })}` : ''}
          </p>
        ) : null}
        {isPlanned && one.mine ? <Mapping key={one.version} one={one} onSaved={refresh} /> : null}
        {(isPlanned ? one.faulty : one.bad) > 0 ? (
          <Section
            title={t('faults.title', { count: isPlanned ? one.faulty : one.bad })}
            aside={<span className="faint small">{t('faults.hint')}</span>}
          >
            <FaultList one={one} />
          </Section>
        ) : null}
      </div>
    </Page>
  );
}
