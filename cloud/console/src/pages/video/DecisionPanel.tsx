import { Button, Input, type InputRef } from 'antd';
import { forwardRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type Decision, decisions, type Finding, type ReviewDetail } from '../../api/review.js';
import { AppLink } from '../../app/AppLink.js';
import { formatClock } from '../../format/time.js';
import { paths } from '../../paths.js';
import { Keys } from '../../ui/KeyHints.js';
import { useProblemText } from '../../ui/problem-text.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { Facts } from '../parts/Facts.js';
import { SeverityMark } from '../parts/marks.js';
import { PlaybackLink } from '../playback/PlaybackLink.js';
import { CaseBar } from './CaseBar.js';
import { DecisionMark } from './DecisionMark.js';
import { decisionKeys } from './decision-keys.js';
import { FindingFacts } from './FindingFacts.js';
import { useAlgorithmName } from './use-algorithm-name.js';
import { VerifyFinding } from './VerifyFinding.js';

interface DecisionPanelProps {
  item: ReviewDetail;
  finding: Finding | undefined;
  onFinding: (finding: Finding) => void;
  opinion: string;
  onOpinion: (opinion: string) => void;
  mayDecide: boolean;
  /** Who else has it open. */
  others: { name: string }[];
  busy: boolean;
  error: unknown;
  onDecide: (decision: Decision) => void;
  onUndo: () => void;
}

/** What it is, what belongs to it, and the decision. */
export const DecisionPanel = forwardRef<InputRef, DecisionPanelProps>(function DecisionPanel(props, opinionField) {
  const { item, finding, mayDecide } = props;
  const { t } = useTranslation(['video', 'review']);
  const problem = useProblemText(props.error);
  return (
    <div className="desk-panel">
      <div className="desk-body">
        <header className="desk-head">
          <div className="row row-wrap">
            <SeverityMark severity={item.severity} />
            <DecisionMark decision={item.decision} />
            {item.goesOn ? <span className="queue-live">{t('goesOn')}</span> : null}
          </div>
          <h2 className="desk-title">{finding?.ruleName ?? item.number}</h2>
          {props.others.length > 0 ? (
            <p className="desk-others" role="status">
              {t('review:look.one', { names: props.others.map(({ name }) => name).join('、') })}
            </p>
          ) : null}
          <p className="soft">
            <AppLink to={paths.camera(item.deviceId)}>{item.deviceName}</AppLink> · {item.hallName}
          </p>
          <p>
            <PlaybackLink deviceId={item.deviceId} at={finding?.startedAt ?? item.startedAt} />
          </p>
        </header>
        {item.parts.length > 1 ? <Parts item={item} finding={finding} onFinding={props.onFinding} /> : null}
        {finding ? <FindingFacts item={item} finding={finding} /> : null}
        <CaseBar key={item.id} itemId={item.id} />
        {finding ? <VerifyFinding key={finding.id} finding={finding} /> : null}
      </div>
      <footer className="desk-foot">
        {item.state === 'decided' ? (
          <Decided item={item} busy={props.busy} onUndo={props.onUndo} mayDecide={mayDecide} />
        ) : mayDecide ? (
          <section className="desk-decide" aria-label={t('decide')}>
            <Input
              ref={opinionField}
              value={props.opinion}
              maxLength={1_000}
              placeholder={t('opinionHint')}
              aria-label={t('opinion')}
              suffix={<Keys keys="o" />}
              onChange={(event) => props.onOpinion(event.target.value)}
              onPressEnter={(event) => event.currentTarget.blur()}
            />
            <div className="desk-buttons">
              {decisions.map((decision) => (
                <Button
                  key={decision}
                  type={decision === 'accepted' ? 'primary' : 'default'}
                  disabled={props.busy}
                  className="desk-button"
                  onClick={() => props.onDecide(decision)}
                >
                  <span className="grow">{t(`decide_.${decision}`)}</span>
                  <Keys keys={decisionKeys[decision].digit} />
                </Button>
              ))}
            </div>
          </section>
        ) : (
          <p className="faint small">{t('mayNotDecide')}</p>
        )}
        {props.error ? (
          <p role="alert" className="problem-inline">
            {problem.what} {problem.next}
          </p>
        ) : null}
      </footer>
    </div>
  );
});

function Parts({ item, finding, onFinding }: Pick<DecisionPanelProps, 'item' | 'finding' | 'onFinding'>) {
  const { t } = useTranslation(['video', 'review']);
  const algorithm = useAlgorithmName();
  return (
    <section aria-label={t('together')}>
      <h3 className="desk-sub">{t('togetherCount', { count: item.parts.length })}</h3>
      <ol className="desk-parts">
        {item.parts.map((part) => (
          <li key={part.id}>
            <button
              type="button"
              className={part.id === finding?.id ? 'desk-part is-open' : 'desk-part'}
              aria-pressed={part.id === finding?.id}
              onClick={() => onFinding(part)}
            >
              <time className="small faint">{formatClock(part.startedAt, Date.now(), item.timeZone).slice(-8)}</time>
              <span className="clip grow">{part.ruleName}</span>
              <span className="small faint clip">
                {part.decision ? t(`decision.${part.decision}`) : algorithm(part.algorithm)}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Decided({
  item,
  busy,
  onUndo,
  mayDecide,
}: {
  item: ReviewDetail;
  busy: boolean;
  onUndo: () => void;
  mayDecide: boolean;
}) {
  const { t } = useTranslation(['video', 'review']);
  const canUndo = mayDecide && item.undoUntil !== null && Date.parse(item.undoUntil) > Date.now();
  return (
    <section className="desk-decide" aria-label={t('decided')}>
      <Facts
        facts={[
          item.decision && { label: t('fact.decision'), value: t(`decision.${item.decision}`) },
          item.opinion && { label: t('opinion'), value: item.opinion },
          {
            label: t('fact.by'),
            value: (
              <>
                {item.decidedBy} · <RelativeTime time={item.decidedAt} zone={item.timeZone} />
              </>
            ),
          },
          item.duplicateOf && {
            label: t('fact.duplicateOf'),
            value: (
              <AppLink to={paths.review()} search={{ id: item.duplicateOf, state: 'all' }}>
                {t('openOther')}
              </AppLink>
            ),
          },
        ]}
      />
      {canUndo ? (
        <Button disabled={busy} onClick={onUndo} className="desk-button">
          <span className="grow">{t('undo')}</span>
          <Keys keys="z" />
        </Button>
      ) : null}
    </section>
  );
}
