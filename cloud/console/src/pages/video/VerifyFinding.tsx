import { useMutation } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { type Finding, verifyFinding } from '../../api/review.js';
import { useProblemText } from '../../ui/problem-text.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { VerificationCard } from './VerificationCard.js';

/** The proof, computed anew where somebody asks for it. */
export function VerifyFinding({ finding }: { finding: Finding }) {
  const { t } = useTranslation('video');
  const verify = useMutation({ mutationFn: () => verifyFinding(finding.id), mutationKey: ['verify', finding.id] });
  const problem = useProblemText(verify.error);
  const result = verify.data?.findingId === finding.id ? verify.data : undefined;
  return (
    <section className="desk-verify" aria-label={t('verify.title')}>
      {result ? (
        <VerificationCard result={result} />
      ) : (
        <div className="row">
          {finding.signed ? (
            <StatusMark tone="quiet" shape="check" word={t('verify.signed')} />
          ) : (
            <StatusMark tone="quiet" shape="dashed" word={t('verify.unsigned')} />
          )}
          <Button size="small" type="link" loading={verify.isPending} onClick={() => verify.mutate()}>
            {t('verify.do')}
          </Button>
        </div>
      )}
      {verify.error ? (
        <p role="alert" className="problem-inline">
          {problem.what} {problem.next}
        </p>
      ) : null}
    </section>
  );
}
