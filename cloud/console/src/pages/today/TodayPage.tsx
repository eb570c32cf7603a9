import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { overviewQuery } from '../../api/overview.js';
import { useMe } from '../../app/session.js';
import { usePlace } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';
import { Page } from '../../ui/Page.js';
import { Skeleton, SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { HallNow } from './HallNow.js';

/** What is going on now, and what needs a hand. */
export default function TodayPage() {
  const { t } = useTranslation('today');
  const label = useLabel();
  const me = useMe();
  const { hallId, hall } = usePlace();
  const overview = useQuery({ ...overviewQuery(hallId), placeholderData: (before) => before });
  return (
    <Page title={t('title')} trail={<span>{hall ? label(hall.name) : label(me.tenant.name)}</span>}>
      {overview.data ? (
        <HallNow overview={overview.data} hallId={hallId} />
      ) : overview.error ? (
        <ErrorState error={overview.error} onRetry={() => void overview.refetch()} />
      ) : (
        <TodaySkeleton />
      )}
    </Page>
  );
}

function TodaySkeleton() {
  return (
    <div aria-busy="true">
      <div className="card card-pad">
        <Skeleton width={220} height={18} />
        <div style={{ height: 20 }} />
        <SkeletonLines lines={3} />
      </div>
      <div style={{ height: 24 }} />
      <div className="card card-pad">
        <SkeletonLines lines={6} />
      </div>
    </div>
  );
}
