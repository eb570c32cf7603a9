import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Popconfirm } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { deleteProvider, providersQuery, type SignOnProvider, testProvider } from '../../api/sign-in.js';
import { Section } from '../../ui/Page.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { FormProblem } from '../parts/FormProblem.js';
import { Secret } from '../parts/Secret.js';
import { signOnProblemOf } from '../sign-in/sign-on-problem.js';
import { ProviderForm } from './ProviderForm.js';

/** Single sign-on providers: add, test, change, remove. */
export function Providers() {
  const { t } = useTranslation('admin');
  const query = useQuery(providersQuery);
  const [editing, setEditing] = useState<SignOnProvider | 'new'>();
  return (
    <Section
      title={t('providers.title')}
      aside={
        <Button size="small" onClick={() => setEditing('new')}>
          {t('providers.add')}
        </Button>
      }
    >
      <div className="card-pad stack">
        <p className="faint small">{t('providers.callback')}</p>
        <Secret value={`${window.location.origin}/api/v1/session/callback`} label={t('providers.callbackLabel')} />
      </div>
      {query.data ? (
        <ul className="lines">
          {query.data.length === 0 ? <li className="line soft">{t('providers.none')}</li> : null}
          {query.data.map((provider) => (
            <ProviderLine key={provider.id} provider={provider} onEdit={() => setEditing(provider)} />
          ))}
        </ul>
      ) : query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
      ) : (
        <SkeletonLines lines={2} />
      )}
      {editing ? (
        <ProviderForm provider={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />
      ) : null}
    </Section>
  );
}

function ProviderLine({ provider, onEdit }: { provider: SignOnProvider; onEdit: () => void }) {
  const { t } = useTranslation(['admin', 'signIn', 'common']);
  const client = useQueryClient();
  const test = useMutation({ mutationFn: () => testProvider(provider.id) });
  const remove = useMutation({
    mutationFn: () => deleteProvider(provider),
    onSettled: () => client.invalidateQueries({ queryKey: providersQuery.queryKey }),
  });
  const problem = signOnProblemOf(test.data?.problem ?? null);
  return (
    <li className="line provider-line">
      <div className="grow">
        <div>
          {provider.label}
          {provider.enabled ? null : <span className="faint"> · {t('providers.off')}</span>}
        </div>
        <div className="faint small provider-issuer">{provider.issuer}</div>
        {test.data ? (
          <p role="status" className={test.data.ok ? 'soft' : 'provider-bad'}>
            {test.data.ok
              ? t(test.data.hasSignOut ? 'providers.answers' : 'providers.answersNoSignOut')
              : t(`signIn:signOn.problem.${problem ?? 'failed'}`, { name: '' })}
          </p>
        ) : null}
        <FormProblem error={test.error ?? remove.error} />
      </div>
      <div className="row row-wrap">
        <Button size="small" loading={test.isPending} onClick={() => test.mutate()}>
          {t('providers.test')}
        </Button>
        <Button size="small" onClick={onEdit}>
          {t('providers.edit')}
        </Button>
        <Popconfirm
          title={t('providers.removeWhat', { name: provider.label })}
          okText={t('providers.remove')}
          onConfirm={() => remove.mutate()}
        >
          <Button size="small" danger loading={remove.isPending}>
            {t('providers.remove')}
          </Button>
        </Popconfirm>
      </div>
    </li>
  );
}
