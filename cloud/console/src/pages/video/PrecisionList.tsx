import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RulePrecision } from '../../api/rule-precision.js';
import { setThreshold } from '../../api/rule-precision.js';
import { AppLink } from '../../app/AppLink.js';
import { useRights } from '../../app/session.js';
import { formatNumber } from '../../format/number.js';
import { useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { useProblemText } from '../../ui/problem-text.js';
import { useAlgorithmName } from './use-algorithm-name.js';

/** How right each rule was, how sure that is, and what would make it better. */
export function PrecisionList({ items }: { items: RulePrecision[] }) {
  const { t } = useTranslation('video');
  const algorithm = useAlgorithmName();
  const language = useLanguage();
  const percent = (share: number) => `${formatNumber(Math.round(share * 100), language)} %`;
  return (
    <ul className="precision">
      {items.map((item) => (
        <li key={`${item.deviceId} ${item.ruleId}`}>
          <div className="precision-name">
            <AppLink to={paths.review()} search={{ rule: item.ruleId, state: 'all' }} className="clip">
              {item.name}
            </AppLink>
            <span className="small faint clip">
              {algorithm(item.algorithm)} · {item.deviceName}
              {item.experimental ? ` · ${t('experimental')}` : null}
            </span>
          </div>
          <div className="precision-value">
            {item.precision === null || item.low === null || item.high === null ? (
              <span className="faint">—</span>
            ) : (
              <>
                <span>{percent(item.precision)}</span>
                <span
                  className="precision-range"
                  role="img"
                  aria-label={`${percent(item.low)} – ${percent(item.high)}`}
                  title={`${percent(item.low)} – ${percent(item.high)}`}
                >
                  <span
                    className="precision-line"
                    style={{ left: `${item.low * 100}%`, width: `${(item.high - item.low) * 100}%` }}
                  />
                  <span className="precision-dot" style={{ left: `${item.precision * 100}%` }} />
                </span>
              </>
            )}
            <span className="small faint nowrap">
              {t('overview.ofDecided', { accepted: item.accepted, decided: item.decided })}
            </span>
          </div>
          <Suggestion item={item} />
        </li>
      ))}
    </ul>
  );
}

/** What the measured figures advise, why, and one press to do it. */
function Suggestion({ item }: { item: RulePrecision }) {
  const { t } = useTranslation(['video', 'review']);
  const may = useRights();
  const { suggestion } = item;
  if ('none' in suggestion) {
    return (
      <p className="small faint precision-say">
        {t(`overview.noSuggestion.${suggestion.none}`, { needed: suggestion.needed })}
      </p>
    );
  }
  // By findings of before the change: what was set already is not advised again.
  if (item.minConfidence !== null && item.minConfidence >= suggestion.minConfidence) {
    return <p className="small faint precision-say">{t('review:threshold.now', { value: item.minConfidence })}</p>;
  }
  return (
    <div className="small precision-say">
      <p>
        {t('overview.suggest', { to: suggestion.minConfidence })}{' '}
        <span className="faint">
          {item.minConfidence === null ? null : `${t('overview.now', { value: item.minConfidence })} · `}
          {t('overview.suggestWhy', {
            ...{ gone: suggestion.falseGone, all: suggestion.falseAll },
            ...{ kept: suggestion.trueKept, of: suggestion.trueAll },
          })}
        </span>
      </p>
      {may('vision.write') && item.minConfidence !== null ? <Apply item={item} suggestion={suggestion} /> : null}
    </div>
  );
}

type Advice = Extract<RulePrecision['suggestion'], { minConfidence: number }>;

function Apply({ item, suggestion }: { item: RulePrecision; suggestion: Advice }) {
  const { t } = useTranslation('review');
  const client = useQueryClient();
  const { message } = App.useApp();
  const [asks, setAsks] = useState(false);
  const to = suggestion.minConfidence;
  const apply = useMutation({
    mutationFn: () => setThreshold(item, to),
    onSuccess: () => {
      setAsks(false);
      void message.success(t('threshold.done', { rule: item.name, to }));
    },
    onSettled: () => void client.invalidateQueries({ queryKey: ['review', 'precision'] }),
  });
  const problem = useProblemText(apply.error);
  return (
    <>
      <Button size="small" onClick={() => setAsks(true)}>
        {t('threshold.apply', { to })}
      </Button>
      <Modal
        open={asks}
        title={t('threshold.title', { rule: item.name, to })}
        okText={t('threshold.ok')}
        confirmLoading={apply.isPending}
        onOk={() => apply.mutate()}
        onCancel={() => setAsks(false)}
        destroyOnHidden
      >
        <div className="stack">
          <p>
            {t('threshold.why', {
              camera: item.deviceName,
              ...{ gone: suggestion.falseGone, all: suggestion.falseAll },
              ...{ kept: suggestion.trueKept, of: suggestion.trueAll },
            })}
          </p>
          <p className="small soft">{t('threshold.then')}</p>
          {apply.error ? (
            <p role="alert" className="problem-inline">
              {problem.what} {problem.next}
            </p>
          ) : null}
        </div>
      </Modal>
    </>
  );
}
