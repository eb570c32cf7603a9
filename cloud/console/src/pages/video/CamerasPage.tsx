import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Input, Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { analysisStates, cameraPlacesQuery, camerasQuery } from '../../api/vision.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { usePlace } from '../../app/use-place.js';
import { paths } from '../../paths.js';
import { Page } from '../../ui/Page.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { DataTable } from '../../ui/table/DataTable.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { useListing } from '../parts/list-state.js';
import { CameraPlan } from './cameras/CameraPlan.js';
import { CameraSums } from './cameras/CameraSums.js';
import { CameraTree } from './cameras/CameraTree.js';
import { FileActions } from './cameras/FileActions.js';
import { useCameraColumns } from './cameras/use-camera-columns.js';
import { VideoTabs } from './VideoTabs.js';
import './cameras/cameras-page.css';

const presences = ['online', 'degraded', 'offline', 'unknown'] as const;
const analyses = ['trouble', ...analysisStates] as const;
const searchSchema = z.object({
  view: oneOf(['plan']),
  region: anyText,
  presence: oneOf(presences),
  analysis: oneOf(analyses),
  q: anyText,
});

/** Every camera: where it is, whether it is there, what it is watched for. */
export default function CamerasPage() {
  const { t } = useTranslation(['video', 'cameras', 'common']);
  const { hallId, choose } = usePlace();
  const may = useRights();
  const navigate = useNavigate();
  const [search, setSearch] = useSearchState(searchSchema);
  const columns = useCameraColumns();
  const places = useQuery(cameraPlacesQuery);
  const { region: regionId, presence, analysis, q } = search;
  const list = useListing(camerasQuery({ hallId, regionId: hallId ? undefined : regionId, presence, analysis, q }));
  const filtered = Boolean(presence || analysis || q);
  const showHall = (next: string | undefined, region?: string) =>
    void navigate({
      to: '.',
      search: ((was: Record<string, unknown>) => ({ ...was, hall: next, region, view: undefined })) as never,
    });
  return (
    <Page
      title={t('cameras.title')}
      tabs={<VideoTabs active="cameras" />}
      fill
      actions={
        <>
          <Segmented
            aria-label={t('cameras:view.label')}
            value={search.view ?? 'list'}
            options={(['list', 'plan'] as const).map((value) => ({ value, label: t(`cameras:view.${value}`) }))}
            onChange={(view) => setSearch({ view: view === 'plan' ? 'plan' : undefined }, { push: true })}
          />
          <FileActions hallId={hallId} mayWrite={may('vision.write')} />
        </>
      }
    >
      <div className="cameras-page">
        {places.data && places.data.halls.length > 0 ? (
          <CameraSums
            halls={places.data.halls}
            onTrouble={() => {
              choose(undefined);
              setSearch({ view: undefined, analysis: 'trouble', presence: undefined, region: undefined });
            }}
          />
        ) : null}
        {search.view === 'plan' ? (
          places.error ? (
            <ErrorState error={places.error} onRetry={() => void places.refetch()} />
          ) : !places.data ? (
            <SkeletonLines lines={8} />
          ) : places.data.halls.length === 0 ? (
            <Empty icon="camera" title={t('cameras.empty')} hint={t('cameras.emptyHint')} />
          ) : (
            <CameraPlan places={places.data} onChoose={(hall) => showHall(hall)} />
          )
        ) : (
          <div className="camera-browse">
            {places.data && places.data.halls.length > 0 ? (
              <CameraTree
                places={places.data}
                chosen={{ hallId, regionId }}
                onChoose={(choice) => showHall(choice.hallId, choice.regionId)}
              />
            ) : null}
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
                    label={t('cameras:filter.analysis')}
                    value={analysis}
                    options={analyses.map((value) => ({
                      value,
                      label: value === 'trouble' ? t('cameras:filter.trouble') : t(`cameras:analysis.${value}`),
                    }))}
                    onChange={(next) => setSearch({ analysis: next })}
                  />
                  <FilterChoice
                    label={t('cameras:filter.presence')}
                    value={presence}
                    options={presences.map((value) => ({ value, label: t(`common:presence.${value}`) }))}
                    onChange={(next) => setSearch({ presence: next })}
                  />
                  <span data-filter="">
                    <Input.Search
                      allowClear
                      key={q ?? ''}
                      defaultValue={q ?? ''}
                      placeholder={t('cameras.find')}
                      aria-label={t('cameras.find')}
                      onSearch={(text) => setSearch({ q: text.trim() || undefined })}
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
          </div>
        )}
      </div>
    </Page>
  );
}
