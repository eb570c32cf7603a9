import { useRouter } from '@tanstack/react-router';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { paths } from '../paths.js';
import { Skeleton, SkeletonLines } from '../ui/Skeleton.js';
import { Empty, ErrorState } from '../ui/states.js';
import { AppLink } from './AppLink.js';

/** The shape of a page while its bundle is on the way. */
export function PageLoading() {
  return (
    <div className="page" aria-busy="true">
      <div className="page-header">
        <Skeleton width={180} height={22} />
      </div>
      <div className="card card-pad">
        <SkeletonLines lines={6} />
      </div>
    </div>
  );
}

/** A page that broke says so and can be tried again; the frame stays. */
export function PageFailed({ error, reset }: { error: unknown; reset?: () => void }) {
  const router = useRouter();
  return (
    <ErrorState
      error={error}
      onRetry={() => {
        reset?.();
        void router.invalidate();
      }}
    />
  );
}

/** An address that leads nowhere. */
export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty
      icon="search"
      title={t('problem.not_found.what')}
      hint={t('problem.not_found.next')}
      action={
        <AppLink to={paths.today()}>
          <Button>{t('toToday')}</Button>
        </AppLink>
      }
    />
  );
}
