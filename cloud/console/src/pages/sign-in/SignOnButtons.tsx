import { useMutation } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { PublicProvider } from '../../api/sign-in.js';
import { FormProblem } from '../parts/FormProblem.js';

interface SignOnButtonsProps {
  providers: PublicProvider[];
  /** Answers where the browser goes next. */
  start: (providerId: string) => Promise<{ url: string }>;
}

/** One button a provider; the browser leaves for it. */
export function SignOnButtons({ providers, start }: SignOnButtonsProps) {
  const { t } = useTranslation('signIn');
  const go = useMutation({ mutationFn: start, onSuccess: ({ url }) => window.location.assign(url) });
  if (providers.length === 0) return null;
  return (
    <div className="sign-in-providers">
      <p className="sign-in-or faint small">{t('signOn.or')}</p>
      {providers.map((provider) => (
        <Button
          key={provider.id}
          size="large"
          block
          loading={go.isPending && go.variables === provider.id}
          onClick={() => go.mutate(provider.id)}
        >
          {t('signOn.with', { name: provider.label })}
        </Button>
      ))}
      <FormProblem error={go.error} />
    </div>
  );
}
