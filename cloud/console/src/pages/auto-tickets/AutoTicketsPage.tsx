import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { oneOf, useSearchState } from '../../app/search-state.js';
import { Page } from '../../ui/Page.js';
import { SetUpTabs } from '../ticket-kinds/SetUpTabs.js';
import { AutoLog } from './AutoLog.js';
import { RepairRules } from './RepairRules.js';
import { SourceRules } from './SourceRules.js';
import './auto-tickets.css';

const searchSchema = z.object({ show: oneOf(['held']) });

/** Which alarms, findings and answers open tickets, what is wrong with a rule, and what each did lately. */
export default function AutoTicketsPage() {
  const { t } = useTranslation('autoTickets');
  const [search, setSearch] = useSearchState(searchSchema);
  return (
    <Page title={t('title')} lead={t('lead')} tabs={<SetUpTabs active="auto" />}>
      <RepairRules />
      <SourceRules />
      <AutoLog onlyHeld={search.show === 'held'} onShow={(held) => setSearch({ show: held ? 'held' : undefined })} />
    </Page>
  );
}
