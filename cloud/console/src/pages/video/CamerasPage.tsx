import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button, Dropdown, Input } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type CameraSummary, camerasQuery, type ImportResult, importVision } from '../../api/vision.js';
import { AppLink } from '../../app/AppLink.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { usePlace } from '../../app/use-place.js';
import { paths } from '../../paths.js';
import { Icon } from '../../ui/icons.js';
import { Page } from '../../ui/Page.js';
import { useProblemText } from '../../ui/problem-text.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { useListing } from '../parts/list-state.js';
import { PresenceMark } from '../parts/marks.js';
import { ImportDialog } from './ImportDialog.js';
import { VideoTabs } from './VideoTabs.js';
import './cameras.css';

const searchSchema = z.object({ configured: oneOf(['true', 'false']), q: anyText });

/** Every camera, whether it is there and what it is watched for. */
export default function CamerasPage() {
  const { t } = useTranslation(['video', 'common']);
  const { hallId } = usePlace();
  const may = useRights();
  const navigate = useNavigate();
  const [search, setSearch] = useSearchState(searchSchema);
  const columns = useCameraColumns();
  const list = useListing(camerasQuery({ hallId, configured: search.configured, q: search.q }));
  const filtered = Boolean(search.configured || search.q);
  return (
    <Page
      title={t('cameras.title')}
      tabs={<VideoTabs active="cameras" />}
      fill
      actions={<FileActions hallId={hallId} mayWrite={may('vision.write')} />}
    >
      <DataTable
        name="cameras"
        label={t('cameras.title')}
        columns={columns}
        rowKey={({ deviceId }) => deviceId}
        {...list}
        onOpen={({ deviceId }) => void navigate({ to: paths.camera(deviceId) as string })}
        tools={
          <>
            <FilterChoice
              label={t('cameras.setUp')}
              value={search.configured}
              options={(['true', 'false'] as const).map((value) => ({
                value,
                label: t(`cameras.configured.${value}`),
              }))}
              onChange={(configured) => setSearch({ configured })}
            />
            <span data-filter="">
              <Input.Search
                allowClear
                defaultValue={search.q}
                placeholder={t('cameras.find')}
                aria-label={t('cameras.find')}
                onSearch={(q) => setSearch({ q: q.trim() || undefined })}
              />
            </span>
          </>
        }
        empty={
          filtered ? (
            <Empty icon="filter" title={t('none.title')} hint={t('none.hint')} />
          ) : (
            <Empty icon="camera" title={t('cameras.empty')} hint={t('cameras.emptyHint')} />
          )
        }
      />
    </Page>
  );
}

function useCameraColumns(): Column<CameraSummary>[] {
  const { t } = useTranslation(['video', 'common']);
  const stateOf = (camera: CameraSummary) => (camera.stale ? 'unknown' : camera.presence);
  const setUpOf = (camera: CameraSummary) => (camera.configured ? (camera.enabled ? 'on' : 'off') : ('none' as const));
  return [
    {
      id: 'name',
      title: t('columns.camera'),
      cell: (camera) => <AppLink to={paths.camera(camera.deviceId)}>{camera.name}</AppLink>,
      text: ({ name }) => name,
    },
    {
      id: 'hall',
      title: t('columns.hall'),
      width: 170,
      priority: 2,
      cell: ({ hallName }) => hallName,
      text: ({ hallName }) => hallName,
    },
    {
      id: 'presence',
      title: t('columns.presence'),
      width: 104,
      cell: (camera) => <PresenceMark presence={stateOf(camera)} />,
      text: (camera) => t(`common:presence.${stateOf(camera)}`),
    },
    {
      id: 'setUp',
      title: t('cameras.setUp'),
      width: 112,
      priority: 2,
      cell: (camera) => {
        const state = setUpOf(camera);
        const look = state === 'on' ? 'dot' : state === 'off' ? 'ring' : 'dashed';
        return (
          <StatusMark tone={state === 'none' ? 'accent' : 'quiet'} shape={look} word={t(`cameras.state.${state}`)} />
        );
      },
      text: (camera) => t(`cameras.state.${setUpOf(camera)}`),
    },
    {
      id: 'rules',
      title: t('columns.rules'),
      width: 104,
      align: 'end',
      priority: 3,
      cell: ({ rules, rulesMost }) => (
        <>
          {rules}
          <span className="faint"> / {rulesMost}</span>
        </>
      ),
      text: ({ rules }) => String(rules),
    },
    {
      id: 'waiting',
      title: t('columns.waiting'),
      width: 88,
      align: 'end',
      cell: ({ openItems, deviceId }) =>
        openItems === 0 ? (
          <span className="faint">0</span>
        ) : (
          <AppLink to={paths.review()} search={{ device: deviceId }}>
            {openItems}
          </AppLink>
        ),
      text: ({ openItems }) => String(openItems),
    },
    {
      id: 'last',
      title: t('columns.last'),
      width: 128,
      priority: 3,
      cell: ({ lastFindingAt }) =>
        lastFindingAt ? <RelativeTime time={lastFindingAt} /> : <span className="faint">—</span>,
      text: ({ lastFindingAt }) => lastFindingAt ?? '',
    },
  ];
}

function FileActions({ hallId, mayWrite }: { hallId: string | undefined; mayWrite: boolean }) {
  const { t } = useTranslation('video');
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<unknown>();
  const preview = useMutation({
    mutationFn: async (chosen: File): Promise<{ file: unknown; result: ImportResult }> => {
      const parsed: unknown = JSON.parse(await chosen.text());
      return { file: parsed, result: await importVision(parsed, true) };
    },
    onSuccess: ({ file: read }) => setFile(read),
  });
  const problem = useProblemText(preview.error);
  const notJson = preview.error instanceof SyntaxError;
  return (
    <>
      {preview.error ? (
        <span role="alert" className="problem-inline">
          {notJson ? t('file.notJson') : `${problem.what} ${problem.next}`}
        </span>
      ) : null}
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        className="sr-only"
        tabIndex={-1}
        aria-label={t('file.choose')}
        onChange={({ target }) => {
          const [chosen] = target.files ?? [];
          if (chosen) preview.mutate(chosen);
          target.value = '';
        }}
      />
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            {
              key: 'export',
              label: (
                <a href={`/api/v1/vision/file${hallId ? `?hallId=${hallId}` : ''}`} download="hallhub-vision.json">
                  {t('file.export')}
                </a>
              ),
            },
            ...(mayWrite ? [{ key: 'import', label: t('file.import'), onClick: () => input.current?.click() }] : []),
          ],
        }}
      >
        <Button icon={<Icon name="more" />} loading={preview.isPending}>
          {t('file.label')}
        </Button>
      </Dropdown>
      {file !== undefined && preview.data ? (
        <ImportDialog
          file={file}
          preview={preview.data.result}
          onClose={() => setFile(undefined)}
          onDone={() => void client.invalidateQueries({ queryKey: ['vision'] })}
        />
      ) : null}
    </>
  );
}
