import { diffKinds } from '@hallhub/shared/ticket';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { App, Button, Modal } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { calendarsQuery } from '../../api/calendars.js';
import { type KindPage as Kind, kindQuery, kindVersionQuery, publishKind } from '../../api/ticket-kinds.js';
import { AppLink } from '../../app/AppLink.js';
import { PageLoading } from '../../app/PageStates.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { HeldButton } from '../../ui/HeldButton.js';
import { Icon } from '../../ui/icons.js';
import { useKeys } from '../../ui/keys.js';
import { LinkTabs } from '../../ui/LinkTabs.js';
import { Page } from '../../ui/Page.js';
import { ErrorState } from '../../ui/states.js';
import { FormProblem } from '../parts/FormProblem.js';
import { BeginsTab } from './begins/BeginsTab.js';
import { useOtherKinds } from './begins/use-other-kinds.js';
import { ClocksTab } from './clocks/ClocksTab.js';
import { type Designer, DesignerProvider, useDesigner } from './draft/designer.js';
import { type DesignerTab, findFaults, placeOf } from './draft/find-faults.js';
import { type SaveState, useDraft } from './draft/use-draft.js';
import { FieldsTab } from './fields/FieldsTab.js';
import { GeneralTab } from './GeneralTab.js';
import { NoticesTab } from './NoticesTab.js';
import { useFaultText } from './parts/Faults.js';
import { FlowTab } from './steps/FlowTab.js';
import { SuperviseTab } from './supervise/SuperviseTab.js';
import { TrialTab } from './trial/TrialTab.js';
import { VersionsTab } from './versions/VersionsTab.js';
import './ticket-kinds.css';

const tabs = ['general', 'fields', 'flow', 'clocks', 'notices', 'supervise', 'begins', 'trial', 'versions'] as const;
const searchSchema = z.object({ part: oneOf(tabs), item: anyText });

/** One kind of ticket in the designer. */
export default function KindPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const query = useQuery(kindQuery(id));
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <PageLoading />;
  return <DesignKind key={id} page={query.data} />;
}

function DesignKind({ page }: { page: Kind }) {
  const { t } = useTranslation(['ticketKinds', 'common']);
  const label = useLabel();
  const may = useRights();
  const [search, setSearch] = useSearchState(searchSchema);
  const draft = useDraft(page);
  const calendars = useQuery(calendarsQuery);
  const { kind } = draft;
  const [publishes, setPublishes] = useState(false);
  const known = useMemo(() => new Set((calendars.data ?? []).map(({ code }) => code)), [calendars.data]);
  const others = useOtherKinds(kind.begins.length > 0);
  const faults = useMemo(
    // Before the calendars are known none of them is missing.
    () =>
      findFaults(kind, known, others).filter(({ code }) => code !== 'unknown_calendar' || calendars.data !== undefined),
    [kind, known, others, calendars.data],
  );
  const mayWrite = may('ticketkind.write') && !page.retired;
  const active = search.part ?? 'flow';
  const designer: Designer = {
    ...{ kind, faults, mayWrite, item: search.item, change: draft.change },
    open: (part, item) => setSearch({ part, item }, { push: part !== active }),
  };
  useKeys([
    { key: 'mod+s', does: t('keys.save'), run: () => void draft.save(), inFields: true },
    { key: 'mod+z', does: t('keys.undo'), run: draft.undo },
    { key: 'mod+y', does: t('keys.redo'), run: draft.redo },
  ]);
  const notYet = useNotYetPublished(page, designer);
  const panes: Record<DesignerTab, () => React.ReactNode> = {
    general: () => <GeneralTab />,
    fields: () => <FieldsTab />,
    flow: () => <FlowTab />,
    clocks: () => <ClocksTab />,
    notices: () => <NoticesTab />,
    supervise: () => <SuperviseTab />,
    begins: () => <BeginsTab />,
    trial: () => <TrialTab />,
    versions: () => <VersionsTab page={page} version={() => draft.version.current} />,
  };
  const count = (tab: DesignerTab) => faults.filter((fault) => placeOf(fault).tab === tab).length;
  return (
    <Page
      title={label(kind.label) || page.code}
      trail={<AppLink to={paths.ticketKinds()}>{t('title')}</AppLink>}
      mark={
        <span className="faint small">
          {page.published ? t('versions.published', { n: page.published.version }) : t('versions.never')}
        </span>
      }
      actions={
        mayWrite ? (
          <>
            <Saved state={draft.state} />
            <Button
              type="text"
              disabled={!draft.canUndo}
              aria-label={t('keys.undo')}
              icon={<Icon name="undo" />}
              onClick={draft.undo}
            />
            <Button
              type="text"
              disabled={!draft.canRedo}
              aria-label={t('keys.redo')}
              icon={<Icon name="redo" />}
              onClick={draft.redo}
            />
            <HeldButton type="primary" why={notYet} onClick={() => setPublishes(true)}>
              {t('publish.title')}
            </HeldButton>
          </>
        ) : undefined
      }
      tabs={
        <LinkTabs
          label={t('tabs.label')}
          tabs={tabs.map((tab) => ({
            key: tab,
            active: tab === active,
            link: (
              <AppLink to={paths.ticketKind(page.code)} search={{ part: tab }}>
                {t(`tabs.${tab}`)}
                {count(tab) > 0 ? <span className="tk-count tk-count-tab">{count(tab)}</span> : null}
              </AppLink>
            ),
          }))}
        />
      }
    >
      <DesignerProvider value={designer}>
        {draft.state === 'conflict' ? (
          <p className="form-problem" role="alert">
            {t('save.conflictHint')}
          </p>
        ) : (
          <FormProblem error={draft.error} />
        )}
        <FaultBar />
        {panes[active]()}
        {publishes ? <Publish page={page} draft={draft} onClose={() => setPublishes(false)} /> : null}
      </DesignerProvider>
    </Page>
  );
}

/** Why there is nothing to publish, if so: faults, or a draft that is what is published. */
function useNotYetPublished({ code, published }: Kind, { kind, faults }: Pick<Designer, 'kind' | 'faults'>) {
  const { t } = useTranslation('ticketKinds');
  const query = { ...kindVersionQuery(code, published?.version ?? 0), enabled: published !== null };
  const { data, isLoading } = useQuery(query);
  const before = data?.document;
  const isSame = useMemo(() => before !== undefined && diffKinds(before, kind).length === 0, [before, kind]);
  const errors = faults.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) return t('faults.errors', { count: errors });
  return isSame || isLoading ? t('publish.same') : undefined;
}

function Saved({ state }: { state: SaveState }) {
  const { t } = useTranslation('ticketKinds');
  return (
    <span
      className={state === 'failed' || state === 'conflict' ? 'tk-saved problem-inline small' : 'tk-saved faint small'}
      role="status"
    >
      {t(`save.${state}`)}
    </span>
  );
}

/** All that is wrong, each a way to where it is mended. */
function FaultBar() {
  const { t } = useTranslation('ticketKinds');
  const { faults, open } = useDesigner();
  const text = useFaultText();
  const [isOpen, setOpen] = useState(false);
  if (faults.length === 0) return null;
  const errors = faults.filter(({ severity }) => severity === 'error').length;
  return (
    <section className="tk-bar" aria-label={t('faults.title')}>
      <button type="button" className="tk-link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {errors > 0 ? t('faults.errors', { count: errors }) : null}
        {errors > 0 && errors < faults.length ? ' · ' : null}
        {errors < faults.length ? t('faults.warnings', { count: faults.length - errors }) : null}
      </button>
      {isOpen ? (
        <ul className="tk-faults">
          {faults.map((fault) => {
            const { tab, item } = placeOf(fault);
            return (
              <li key={`${fault.code} ${fault.path} ${fault.about}`} className={`tk-fault tk-fault-${fault.severity}`}>
                <button type="button" className="tk-link" onClick={() => open(tab, item)}>
                  {text(fault)}
                </button>{' '}
                <code className="faint">{fault.path}</code>
              </li>
            );
          })}
        </ul>
      ) : null}
    </section>
  );
}

interface PublishProps {
  page: Kind;
  draft: ReturnType<typeof useDraft>;
  onClose: () => void;
}

function Publish({ page, draft, onClose }: PublishProps) {
  const { t } = useTranslation(['ticketKinds', 'common']);
  const { message } = App.useApp();
  const client = useQueryClient();
  const publish = useMutation({
    mutationFn: async () => {
      if (!(await draft.save())) throw draft.error;
      return publishKind(page.code, draft.version.current);
    },
    onSuccess: ({ published, version }) => {
      draft.version.current = version;
      void message.success(t('publish.done', { n: published }));
      void client.invalidateQueries({ queryKey: ['ticket-kinds'] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('publish.title')}
      onCancel={onClose}
      okText={t('publish.title')}
      cancelText={t('common:cancel')}
      confirmLoading={publish.isPending}
      onOk={() => publish.mutate()}
    >
      <p>{page.published ? t('publish.next', { n: page.published.version + 1 }) : t('publish.first')}</p>
      <p className="soft">{t('publish.running')}</p>
      <FormProblem error={publish.error} />
    </Modal>
  );
}
