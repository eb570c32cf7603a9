import { Button } from 'antd';
import { useCallback, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type Bundle, bundlesQuery } from '../../../api/bundles.js';
import { anyText, useSearchState } from '../../../app/search-state.js';
import { formatBytes, formatNumber } from '../../../format/number.js';
import { formatStamp } from '../../../format/time.js';
import { useLanguage } from '../../../i18n/use-language.js';
import { Page } from '../../../ui/Page.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import { StatusMark } from '../../../ui/StatusMark.js';
import { Empty } from '../../../ui/states.js';
import { type Column, DataTable } from '../../../ui/table/DataTable.js';
import { useListing } from '../../parts/list-state.js';
import { UnitTabs } from '../UnitTabs.js';
import { BundleDrop } from './BundleDrop.js';
import { BundlePanel } from './BundlePanel.js';
import { useBundleUploads } from './bundle-uploads.js';
import { verdictOf } from './say-report.js';
import { UploadList } from './UploadList.js';
import type { UploadJob } from './upload-queue.js';
import { verdictLooks } from './verdict-looks.js';
import './bundles.css';

const searchSchema = z.object({ id: anyText });

const rowsOf = (bundle: Bundle) => bundle.report.lanes.reduce((sum, { rows }) => sum + rows, 0);

/** What halls without a line sent by a stick, and the receipts that go back to them. */
export default function BundlesPage() {
  const { t } = useTranslation('bundles');
  const language = useLanguage();
  const [search, setSearch] = useSearchState(searchSchema);
  const input = useRef<HTMLInputElement>(null);
  const list = useListing(bundlesQuery());
  const latest = useRef(setSearch);
  latest.current = setSearch;
  // Its result is what the person waits for.
  const uploads = useBundleUploads(
    useCallback((job: UploadJob) => job.bundle && latest.current({ id: job.bundle.id }, { push: true }), []),
  );
  const addRef = useRef(uploads.add);
  addRef.current = uploads.add;
  const add = useCallback((files: File[]) => addRef.current(files), []);
  const number = (value: number) => formatNumber(value, language, 0);
  const columns: Column<Bundle>[] = [
    { id: 'unit', title: t('columns.unit'), cell: (bundle) => bundle.unitName, text: (bundle) => bundle.unitName },
    {
      id: 'verdict',
      title: t('columns.verdict'),
      width: 120,
      cell: (bundle) => <StatusMark {...verdictLooks[verdictOf(bundle)]} word={t(`verdict.${verdictOf(bundle)}`)} />,
      text: (bundle) => t(`verdict.${verdictOf(bundle)}`),
    },
    {
      id: 'imported',
      title: t('columns.imported'),
      width: 116,
      cell: (bundle) => <RelativeTime time={bundle.importedAt} />,
      text: (bundle) => formatStamp(bundle.importedAt),
    },
    {
      id: 'rows',
      title: t('columns.rows'),
      width: 90,
      align: 'end',
      priority: 2,
      cell: (bundle) => number(rowsOf(bundle)),
      text: (bundle) => String(rowsOf(bundle)),
    },
    {
      id: 'files',
      title: t('columns.files'),
      width: 80,
      align: 'end',
      priority: 3,
      cell: (bundle) => number(bundle.report.evidence.length),
      text: (bundle) => String(bundle.report.evidence.length),
    },
    {
      id: 'bytes',
      title: t('columns.bytes'),
      width: 96,
      align: 'end',
      priority: 2,
      cell: (bundle) => formatBytes(bundle.bytes, language),
      text: (bundle) => String(bundle.bytes),
    },
    {
      id: 'by',
      title: t('columns.by'),
      width: 120,
      priority: 3,
      cell: (bundle) => bundle.importedBy,
      text: (bundle) => bundle.importedBy,
    },
  ];
  const sent = uploads.jobs.map(({ bundle }) => bundle);
  const open = list.rows?.find(({ id }) => id === search.id) ?? sent.find((bundle) => bundle?.id === search.id);
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      tabs={<UnitTabs active="bundles" />}
      actions={
        <Button type="primary" onClick={() => input.current?.click()}>
          {t('import')}
        </Button>
      }
      fill
    >
      <div className="bundles">
        <BundleDrop input={input} onFiles={add} />
        <UploadList
          jobs={uploads.jobs}
          onShow={(job) => job.bundle && setSearch({ id: job.bundle.id }, { push: true })}
          onRetry={uploads.retry}
          onRemove={uploads.remove}
        />
        <DataTable
          name="bundles"
          label={t('title')}
          columns={columns}
          rowKey={(bundle) => bundle.id}
          {...list}
          openKey={search.id}
          onOpen={(bundle) => setSearch({ id: bundle.id }, { push: true })}
          empty={<Empty icon="pending" title={t('empty.title')} hint={t('empty.hint')} />}
        />
      </div>
      {open ? <BundlePanel bundle={open} onClose={() => setSearch({ id: undefined })} /> : null}
    </Page>
  );
}
