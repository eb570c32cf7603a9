import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../api/api-error.js';
import { Icon, type IconName } from './icons.js';
import { useProblemText } from './problem-text.js';
import { RelativeTime } from './RelativeTime.js';
import './states.css';

interface EmptyProps {
  title: string;
  /** What this is and what to do first. */
  hint?: React.ReactNode;
  icon?: IconName;
  action?: React.ReactNode;
}

/** Nothing here: what it is, and what to do first. */
export function Empty({ title, hint, icon, action }: EmptyProps) {
  return (
    <div className="state">
      {icon ? (
        <span className="state-icon">
          <Icon name={icon} size={28} />
        </span>
      ) : null}
      <p className="state-title">{title}</p>
      {hint ? <p className="state-hint">{hint}</p> : null}
      {action ? <div className="state-action">{action}</div> : null}
    </div>
  );
}

interface ErrorStateProps {
  error: unknown;
  onRetry?: (() => void) | undefined;
  compact?: boolean;
}

/** What went wrong, why, what next, and the request id to quote. A missing right is said as such. */
export function ErrorState({ error, onRetry, compact }: ErrorStateProps) {
  const { t } = useTranslation();
  const problem = useProblemText(error);
  if (isApiError(error, 'forbidden')) return <NoRight />;
  return (
    <div className={compact ? 'state state-compact' : 'state'} role="alert">
      <p className="state-title">{problem.what}</p>
      <p className="state-hint">{problem.next}</p>
      <div className="state-action row">
        {onRetry ? (
          <Button onClick={onRetry} size={compact ? 'small' : 'middle'}>
            {t('tryAgain')}
          </Button>
        ) : null}
      </div>
      {problem.requestId ? (
        <p className="state-request small faint">
          {t('requestId')} <code>{problem.requestId}</code>
        </p>
      ) : null}
    </div>
  );
}

/** The person may not see this: says so and whom to ask. */
export function NoRight({ action }: { action?: React.ReactNode }) {
  const { t } = useTranslation();
  return <Empty icon="lock" title={t('noRight')} hint={t('noRightHint')} action={action} />;
}

interface StaleProps {
  since: string | number;
  why: string;
}

/** What is shown is old: since when, and why. */
export function Stale({ since, why }: StaleProps) {
  const { t } = useTranslation();
  return (
    <div className="stale" role="status">
      <span className="stale-bar" aria-hidden="true" />
      <span>
        {why} {t('staleSince')} <RelativeTime time={since} />
      </span>
    </div>
  );
}
