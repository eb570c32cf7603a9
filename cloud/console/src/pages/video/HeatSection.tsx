import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { evidenceBytesQuery } from '../../api/evidence-bytes.js';
import type { CameraSetUp, CameraView } from '../../api/vision.js';
import { heatQuery } from '../../api/vision-statistics.js';
import { Section } from '../../ui/Page.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { useObjectUrl } from './EvidenceStage.js';

const weekMs = 7 * 86_400_000;

/** Where people stood in the last seven days, over the newest picture. */
export function HeatSection({ camera, view }: { camera: CameraSetUp; view: CameraView }) {
  const { t } = useTranslation('video');
  const hour = Math.ceil(Date.now() / 3_600_000);
  const span = useMemo(
    () => ({ from: new Date(hour * 3_600_000 - weekMs).toISOString(), to: new Date(hour * 3_600_000).toISOString() }),
    [hour],
  );
  const query = useQuery(heatQuery(camera.deviceId, { viewId: view.id, ...span }));
  const bytes = useQuery({ ...evidenceBytesQuery(camera.picture?.evidenceId ?? ''), enabled: camera.picture !== null });
  const url = useObjectUrl(bytes.data);
  const heat = query.data;
  const most = Math.max(1, ...(heat?.seconds ?? []));
  return (
    <Section
      title={t('heat.title')}
      aside={heat && heat.hours > 0 ? t('heat.hours', { count: heat.hours }) : undefined}
    >
      <div className="card-pad">
        {query.error ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
        ) : !heat ? (
          <SkeletonLines lines={4} />
        ) : heat.hours === 0 ? (
          <p className="soft">{t('heat.none')}</p>
        ) : (
          <div
            className="heat"
            style={{ aspectRatio: `${camera.picture?.width ?? 16} / ${camera.picture?.height ?? 9}` }}
          >
            {url ? <img src={url} alt="" /> : null}
            <svg
              viewBox={`0 0 ${heat.columns} ${heat.rows}`}
              preserveAspectRatio="none"
              role="img"
              aria-label={t('heat.label')}
            >
              {heat.seconds.map((seconds, cell) =>
                seconds === 0 ? null : (
                  <rect
                    // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
                    key={cell}
                    x={cell % heat.columns}
                    y={Math.floor(cell / heat.columns)}
                    width="1.02"
                    height="1.02"
                    fillOpacity={0.12 + 0.78 * Math.sqrt(seconds / most)}
                  />
                ),
              )}
            </svg>
          </div>
        )}
      </div>
    </Section>
  );
}
