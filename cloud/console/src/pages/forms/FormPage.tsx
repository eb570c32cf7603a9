import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { draftOf, formsQuery } from '../../api/ticket-forms.js';
import { AppLink } from '../../app/AppLink.js';
import { PageLoading } from '../../app/PageStates.js';
import { useRights } from '../../app/session.js';
import { paths } from '../../paths.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { FormEditor } from './FormEditor.js';
import { emptyForm } from './form-draft.js';

/** One form to be written, `new` or known. */
export default function FormPage() {
  const { t } = useTranslation('ticketForms');
  const { id = 'new' } = useParams({ strict: false }) as { id?: string };
  const may = useRights();
  const query = useQuery(formsQuery);
  if (id === 'new') return <FormEditor key="new" first={emptyForm} mayWrite={may('ticketkind.write')} />;
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <PageLoading />;
  const form = query.data.find((one) => one.id === id);
  if (!form)
    return (
      <Empty
        icon="ticket"
        title={t('gone')}
        hint={t('goneHint')}
        action={<AppLink to={paths.ticketForms()}>{t('title')}</AppLink>}
      />
    );
  return <FormEditor key={id} form={form} first={draftOf(form)} mayWrite={may('ticketkind.write')} />;
}
