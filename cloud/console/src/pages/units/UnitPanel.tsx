import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { unitQuery } from '../../api/units.js';
import { AppLink } from '../../app/AppLink.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Icon } from '../../ui/icons.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { UnitMark } from '../parts/marks.js';
import { UnitFacts } from './UnitFacts.js';
import { UnitStale } from './UnitStale.js';
import '../devices/devices.css';

/** A unit beside its list. */
export function UnitPanel({ unitId, onClose }: { unitId: string; onClose: () => void }) {
  const { t } = useTranslation(['units', 'common']);
  const label = useLabel();
  const query = useQuery(unitQuery(unitId));
  const unit = query.data;
  return (
    <SidePanel
      title={unit ? label(unit.name) : t('title')}
      mark={unit ? <UnitMark unit={unit} /> : undefined}
      fullPage={
        <AppLink to={paths.unit(unitId)} className="panel-open" title={t('common:openPage')}>
          <Icon name="open" />
          <span className="sr-only">{t('common:openPage')}</span>
        </AppLink>
      }
      onClose={onClose}
    >
      {unit ? (
        <div className="stack">
          <UnitStale unit={unit} />
          <UnitFacts unit={unit} />
          <AppLink to={paths.unit(unitId)}>{t('openUnit')}</AppLink>
        </div>
      ) : query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
      ) : (
        <SkeletonLines lines={8} />
      )}
    </SidePanel>
  );
}
