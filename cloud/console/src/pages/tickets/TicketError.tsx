import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../api/api-error.js';
import { AppLink } from '../../app/AppLink.js';
import { paths } from '../../paths.js';
import { Empty, ErrorState } from '../../ui/states.js';

interface TicketErrorProps {
  error: unknown;
  onRetry: () => void;
  compact?: boolean;
}

/** A ticket that cannot be shown. Whether there is none, or none for the reader, is not told apart. */
export function TicketError({ error, ...more }: TicketErrorProps) {
  const { t } = useTranslation('tickets');
  const isNone = (['not_found', 'forbidden', 'invalid_input'] as const).some((code) => isApiError(error, code));
  if (!isNone) return <ErrorState error={error} {...more} />;
  return (
    <Empty
      icon="ticket"
      title={t('noSuch.title')}
      hint={t('noSuch.hint')}
      action={
        <AppLink to={paths.tickets()} className="button-link">
          <Button tabIndex={-1}>{t('noSuch.back')}</Button>
        </AppLink>
      }
    />
  );
}
