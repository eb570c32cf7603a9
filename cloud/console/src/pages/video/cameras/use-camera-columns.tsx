import { useTranslation } from 'react-i18next';
import type { CameraSummary } from '../../../api/vision.js';
import { AppLink } from '../../../app/AppLink.js';
import { paths } from '../../../paths.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import type { Column } from '../../../ui/table/DataTable.js';
import { PresenceMark } from '../../parts/marks.js';
import { AnalysisMark } from './AnalysisMark.js';

/** What a list of cameras says of each. */
export function useCameraColumns(): Column<CameraSummary>[] {
  const { t } = useTranslation(['video', 'cameras', 'common']);
  const stateOf = (camera: CameraSummary) => (camera.stale ? 'unknown' : camera.presence);
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
      id: 'analysis',
      title: t('cameras:columns.analysis'),
      width: 116,
      cell: (camera) => <AnalysisMark state={camera.analysis} />,
      text: (camera) => t(`cameras:analysis.${camera.analysis}`),
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
