import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { linkSignOn, mySignOnsQuery, unlinkSignOn } from '../../api/sign-in.js';
import { Section } from '../../ui/Page.js';
import { FormProblem } from '../parts/FormProblem.js';
import { signOnProblemOf } from '../sign-in/sign-on-problem.js';

/** Accounts elsewhere that open this one. */
export function SignOnSection() {
  const { t } = useTranslation(['me', 'signIn']);
  const client = useQueryClient();
  const query = useQuery(mySignOnsQuery);
  const [problem] = useState(() => signOnProblemOf(new URLSearchParams(window.location.search).get('problem')));
  const link = useMutation({ mutationFn: linkSignOn, onSuccess: ({ url }) => window.location.assign(url) });
  const unlink = useMutation({
    mutationFn: unlinkSignOn,
    onSettled: () => client.invalidateQueries({ queryKey: mySignOnsQuery.queryKey }),
  });
  if (!query.data || query.data.length === 0) return null;
  return (
    <Section title={t('signOns.title')}>
      {problem ? (
        <p className="sign-in-problem" role="alert">
          {t(`signIn:signOn.problem.${problem}`, { name: '' })}
        </p>
      ) : null}
      <ul className="lines">
        {query.data.map((one) => (
          <li key={one.providerId} className="line">
            <div className="grow">
              <div>{one.label}</div>
              <div className="faint small">{t(one.linked ? 'signOns.linked' : 'signOns.notLinked')}</div>
            </div>
            {one.linked ? (
              <Button size="small" loading={unlink.isPending} onClick={() => unlink.mutate(one.providerId)}>
                {t('signOns.unlink')}
              </Button>
            ) : (
              <Button size="small" loading={link.isPending} onClick={() => link.mutate(one.providerId)}>
                {t('signOns.link')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <FormProblem error={unlink.error ?? link.error} />
    </Section>
  );
}
