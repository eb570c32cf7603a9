import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { ticketClocksQuery, ticketHistoryQuery, ticketQuery } from '../../api/tickets.js';
import { AppLink } from '../../app/AppLink.js';
import { PageLoading } from '../../app/PageStates.js';
import { paths } from '../../paths.js';
import { Page } from '../../ui/Page.js';
import { ErrorState } from '../../ui/states.js';
import { PrintSheet } from './print/PrintSheet.js';
import './print/print.css';

/** A ticket on paper. */
export default function PrintPage() {
  const { t } = useTranslation('tickets');
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const ticket = useQuery(ticketQuery(id));
  const history = useQuery(ticketHistoryQuery(id));
  const clocks = useQuery(ticketClocksQuery(id));
  const error = ticket.error ?? history.error ?? clocks.error;
  if (!ticket.data || !history.data || !clocks.data) {
    const again = () => {
      for (const query of [ticket, history, clocks]) void query.refetch();
    };
    return error ? <ErrorState error={error} onRetry={again} /> : <PageLoading />;
  }
  return (
    <Page
      title={`${t('print.label')} · ${ticket.data.number}`}
      trail={<AppLink to={paths.ticket(id)}>{ticket.data.title || ticket.data.number}</AppLink>}
      actions={
        <Button type="primary" onClick={() => window.print()}>
          {t('print.now')}
        </Button>
      }
    >
      <PrintSheet page={ticket.data} lines={history.data.items} clocks={clocks.data.items} />
    </Page>
  );
}
