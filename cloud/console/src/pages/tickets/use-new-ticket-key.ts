import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useRights } from '../../app/session.js';
import { paths } from '../../paths.js';
import { useKeys } from '../../ui/keys.js';

/** `n` makes a ticket, for whoever may. */
export function useNewTicketKey(): void {
  const { t } = useTranslation('tickets');
  const may = useRights();
  const navigate = useNavigate();
  useKeys(
    may('ticket.make')
      ? [{ key: 'n', does: t('make.label'), run: () => void navigate({ to: paths.newTicket() as string }) }]
      : [],
  );
}
