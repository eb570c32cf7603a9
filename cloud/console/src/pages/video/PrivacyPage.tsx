import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Button, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { privacyQuery } from '../../api/privacy.js';
import { AppLink } from '../../app/AppLink.js';
import { PageLoading } from '../../app/PageStates.js';
import { anyText, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { today } from '../../format/page-zone.js';
import { paths } from '../../paths.js';
import { Page } from '../../ui/Page.js';
import { ErrorState } from '../../ui/states.js';
import { PrivacySheet } from './cameras/PrivacySheet.js';

const searchSchema = z.object({ day: anyText });

/** The privacy receipt of a camera and day as a sheet to print and to pin on the wall. */
export default function PrivacyPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const { t } = useTranslation('cameras');
  const may = useRights();
  const navigate = useNavigate();
  const [search, setSearch] = useSearchState(searchSchema);
  const day = /^\d{4}-\d{2}-\d{2}$/.test(search.day ?? '') ? (search.day as string) : today();
  const query = useQuery({ ...privacyQuery(id, day), placeholderData: (before) => before });
  const receipt = query.data;
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!receipt) return <PageLoading />;
  return (
    <Page
      title={`${t('privacy.title')} · ${receipt.name}`}
      trail={<AppLink to={paths.camera(id)}>{receipt.name}</AppLink>}
      actions={
        <>
          <Input
            type="date"
            className="privacy-day"
            aria-label={t('privacy.day')}
            value={day}
            max={today()}
            onChange={({ target }) => target.value && setSearch({ day: target.value })}
          />
          {may('audit.read') ? (
            <Button onClick={() => void navigate({ to: paths.audit() as string, search: { q: id } as never })}>
              {t('privacy.audit')}
            </Button>
          ) : null}
          <Button type="primary" onClick={() => window.print()}>
            {t('privacy.print')}
          </Button>
        </>
      }
    >
      <PrivacySheet receipt={receipt} />
    </Page>
  );
}
