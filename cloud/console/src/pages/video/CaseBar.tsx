import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { type CaseOfItem, itemCasesQuery, makeCase } from '../../api/auto-tickets.js';
import { AppLink } from '../../app/AppLink.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { FormProblem } from '../parts/FormProblem.js';

/** The case that an item became, and what came of it; or the button that makes one. */
export function CaseBar({ itemId }: { itemId: string }) {
  const { t } = useTranslation('autoTickets');
  const may = useRights();
  const client = useQueryClient();
  const { message } = App.useApp();
  const query = useQuery(itemCasesQuery(itemId));
  const make = useMutation({
    mutationFn: () => makeCase(itemId),
    onSuccess: ({ items }) => {
      client.setQueryData(itemCasesQuery(itemId).queryKey, items);
      if (items[0]) void message.success(t('case.made', { number: items[0].number }));
    },
  });
  const cases = query.data ?? [];
  const isCase = cases.some(({ outcome }) => outcome !== 'cancelled');
  if (cases.length === 0 && !may('ticket.make')) return null;
  return (
    <section className="review-cases" aria-label={t('case.title')}>
      {cases.map((one) => (
        <Case key={one.ticketId} one={one} />
      ))}
      {query.data && !isCase && may('ticket.make') ? (
        <Button size="small" loading={make.isPending} title={t('case.makeHint')} onClick={() => make.mutate()}>
          {t('case.make')}
        </Button>
      ) : null}
      <FormProblem error={make.error} />
    </section>
  );
}

function Case({ one }: { one: CaseOfItem }) {
  const { t } = useTranslation('autoTickets');
  const label = useLabel();
  const { result } = one;
  return (
    <div className="small">
      <span className="faint">{t('case.title')}</span>{' '}
      {one.mayOpen ? <AppLink to={paths.ticket(one.ticketId)}>{one.number}</AppLink> : one.number}{' '}
      <span className="soft">{label(one.state)}</span>{' '}
      <span className="faint">
        {one.by === null ? t('case.rule') : t('case.by', { name: one.by })} <RelativeTime time={one.at} />
      </span>
      {result ? (
        <p className="soft">
          {[
            result.isTrue === null ? null : t(result.isTrue ? 'case.isTrue' : 'case.notTrue'),
            result.result ? t('case.handled', { value: result.result }) : null,
            result.checkedBy
              ? t(result.checkWords ? 'case.checkedWords' : 'case.checked', {
                  value: label(result.checkedBy),
                  words: result.checkWords,
                })
              : null,
          ]
            .filter((part) => part !== null)
            .join(' · ')}
        </p>
      ) : null}
    </div>
  );
}
