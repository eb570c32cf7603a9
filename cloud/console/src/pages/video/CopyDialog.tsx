import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Checkbox, Modal, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CameraSetUp, type CameraView, type CopyOutcome, camerasQuery, copyView } from '../../api/vision.js';
import { useProblemText } from '../../ui/problem-text.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../ui/states.js';

interface CopyDialogProps {
  camera: CameraSetUp;
  view: CameraView;
  onClose: () => void;
}

/** To which cameras, then what would go there; only what was shown is done. */
export function CopyDialog({ camera, view, onClose }: CopyDialogProps) {
  const { t } = useTranslation('video');
  const { message } = App.useApp();
  const client = useQueryClient();
  const [chosen, setChosen] = useState<string[]>([]);
  const [mode, setMode] = useState<'replace' | 'add'>('replace');
  const cameras = useInfiniteQuery(camerasQuery({ limit: 200 }));
  const others = (cameras.data?.pages.flatMap(({ items }) => items) ?? []).filter(
    ({ deviceId }) => deviceId !== camera.deviceId,
  );
  const preview = useMutation({
    mutationFn: () =>
      copyView(camera.deviceId, {
        viewId: view.id,
        mode,
        dryRun: true,
        targets: chosen.map((deviceId) => ({ deviceId })),
      }),
  });
  const shown = preview.data?.targets ?? [];
  const willChange = shown.filter(({ result }) => result === 'would_change');
  const run = useMutation({
    mutationFn: () =>
      copyView(camera.deviceId, {
        ...{ viewId: view.id, mode, dryRun: false },
        targets: willChange.map(({ deviceId, version }) => ({ deviceId, version })),
      }),
    onSuccess: ({ targets }) => {
      void client.invalidateQueries({ queryKey: ['vision'] });
      const left = targets.filter(({ result }) => result !== 'changed');
      void message[left.length === 0 ? 'success' : 'warning'](
        t(left.length === 0 ? 'copy.done' : 'copy.partly', { count: targets.length - left.length, left: left.length }),
      );
      onClose();
    },
  });
  const problem = useProblemText(preview.error ?? run.error);
  const asksBefore = preview.data !== undefined;
  return (
    <Modal
      open
      width={640}
      title={t('copy.title', { view: view.name, count: view.rules.length })}
      okText={asksBefore ? t('copy.ok', { count: willChange.length }) : t('copy.look')}
      okButtonProps={{
        disabled: asksBefore ? willChange.length === 0 : chosen.length === 0,
        loading: preview.isPending || run.isPending,
      }}
      onOk={() => (asksBefore ? run.mutate() : preview.mutate())}
      cancelText={asksBefore ? t('copy.back') : undefined}
      onCancel={() => (asksBefore ? preview.reset() : onClose())}
      destroyOnHidden
    >
      {asksBefore ? (
        <ul className="import-list">
          {shown.map((one) => (
            <Outcome key={one.deviceId} outcome={one} />
          ))}
        </ul>
      ) : (
        <div className="stack">
          <Segmented
            value={mode}
            options={(['replace', 'add'] as const).map((value) => ({ value, label: t(`copy.mode.${value}`) }))}
            onChange={setMode}
          />
          {cameras.error ? (
            <ErrorState error={cameras.error} onRetry={() => void cameras.refetch()} compact />
          ) : !cameras.data ? (
            <SkeletonLines lines={5} />
          ) : others.length === 0 ? (
            <Empty title={t('copy.none')} />
          ) : (
            <Checkbox.Group
              className="copy-list"
              value={chosen}
              onChange={(next) => setChosen(next.slice(0, 100) as string[])}
            >
              {others.map((one) => (
                <Checkbox key={one.deviceId} value={one.deviceId}>
                  {one.name}{' '}
                  <span className="faint">
                    · {one.hallName} · {t('template.rules', { count: one.rules })}
                  </span>
                </Checkbox>
              ))}
            </Checkbox.Group>
          )}
        </div>
      )}
      {preview.error || run.error ? (
        <p role="alert" className="problem-inline">
          {problem.what} {problem.next}
        </p>
      ) : null}
    </Modal>
  );
}

function Outcome({ outcome }: { outcome: CopyOutcome }) {
  const { t } = useTranslation('video');
  return (
    <li>
      <span className="grow">
        {outcome.name ?? '—'} <span className="faint">· {outcome.viewName}</span>
        {outcome.overwritten.length > 0 ? (
          <span className="small warn-text copy-goes">{t('copy.goes', { rules: outcome.overwritten.join('、') })}</span>
        ) : null}
      </span>
      <span className="small soft nowrap">
        {outcome.result === 'would_change'
          ? t('copy.rules', { before: outcome.rulesBefore, after: outcome.rulesAfter })
          : t(`copy.result.${outcome.result}`)}
      </span>
    </li>
  );
}
