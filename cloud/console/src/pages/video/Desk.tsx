import { useQuery } from '@tanstack/react-query';
import type { InputRef } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Decision,
  decisions,
  type Finding,
  type FindingFile,
  type ReviewItem,
  reviewQuery,
} from '../../api/review.js';
import { useRights } from '../../app/session.js';
import { useKeys } from '../../ui/keys.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { LivePicture } from '../live/LivePicture.js';
import { DecisionPanel } from './DecisionPanel.js';
import { DuplicateDialog } from './DuplicateDialog.js';
import { decisionKeys } from './decision-keys.js';
import { EvidenceStage } from './EvidenceStage.js';
import { StageTools } from './StageTools.js';
import { useDeskActions } from './use-desk-actions.js';
import { useDecidedByOther, useOnlookers } from './use-onlookers.js';

interface DeskProps {
  itemId: string;
  items: ReviewItem[];
  onGo: (id: string | undefined) => void;
  /** Picks what is open, to be decided with others; left out where it cannot be. */
  onPick: (() => void) | undefined;
}

const firstFile = (finding: Finding | undefined): FindingFile | undefined =>
  finding?.evidence.find(({ role }) => role === 'overview') ?? finding?.evidence[0];

/** One item: its pictures and what to make of it. */
export function Desk({ itemId, items, onGo, onPick }: DeskProps) {
  const { t } = useTranslation(['video', 'review']);
  const may = useRights();
  const query = useQuery(reviewQuery(itemId));
  const item = query.data;
  const [findingId, setFindingId] = useState<string>();
  const [fileId, setFileId] = useState<string>();
  const [magnifies, setMagnifies] = useState(false);
  const [opinion, setOpinion] = useState('');
  const [asks, setAsks] = useState(false);
  const [live, setLive] = useState(false);
  const opinionField = useRef<InputRef>(null);
  const finding = item?.parts.find(({ id }) => id === findingId) ?? item?.parts[0];
  const file = finding?.evidence.find(({ id }) => id === fileId) ?? firstFile(finding);
  const mayDecide = may('review.write');

  const at = items.findIndex(({ id }) => id === itemId);
  const go = (by: 1 | -1) => {
    const next = items[at + by];
    if (next) onGo(next.id);
  };
  /** The next that waits: below, else above. */
  const nextOpen = () =>
    (
      items.slice(at + 1).find(({ state }) => state === 'open') ??
      items.slice(0, Math.max(at, 0)).find(({ state }) => state === 'open')
    )?.id;

  const { decision, undo } = useDeskActions({ item, nextOpen, onGo, onStale: () => void query.refetch() });
  const others = useOnlookers(itemId, item?.state === 'open');
  useDecidedByOther(item);
  const choose = (chosen: Decision) => {
    if (!item || item.state === 'decided' || !mayDecide || decision.isPending) return;
    if (chosen === 'duplicate') return setAsks(true);
    decision.mutate({ decision: chosen, ...(opinion.trim() ? { opinion: opinion.trim() } : {}) });
  };
  const files = finding?.evidence ?? [];
  const turnFile = () => {
    const index = files.findIndex(({ id }) => id === file?.id);
    setFileId(files[(index + 1) % Math.max(1, files.length)]?.id);
  };
  const turnFinding = () => {
    const parts = item?.parts ?? [];
    const index = parts.findIndex(({ id }) => id === finding?.id);
    setFindingId(parts[(index + 1) % Math.max(1, parts.length)]?.id);
    setFileId(undefined);
  };
  useKeys([
    { key: 'j', does: t('key.next'), run: () => go(1) },
    { key: 'k', does: t('key.previous'), run: () => go(-1) },
    ...(mayDecide
      ? decisions.flatMap((one) => [
          { key: decisionKeys[one].digit, does: t(`decision.${one}`), run: () => choose(one) },
          { key: decisionKeys[one].letter, does: t(`decision.${one}`), run: () => choose(one) },
        ])
      : []),
    ...(mayDecide ? [{ key: 'o', does: t('opinion'), run: () => opinionField.current?.focus() }] : []),
    ...(item?.state === 'decided' ? [{ key: 'z', does: t('undo'), run: () => undo.mutate(item) }] : []),
    ...(mayDecide && onPick ? [{ key: 'x', does: t('review:key.pick'), run: onPick }] : []),
    { key: 'v', does: t('review:key.live'), run: () => setLive((on) => !on) },
    { key: 'm', does: t('magnifier'), run: () => setMagnifies((on) => !on) },
    { key: 'c', does: t('key.file'), run: turnFile },
    { key: 'n', does: t('key.finding'), run: turnFinding },
  ]);
  // What is open may be in none of the pages that are loaded, or be gone with another.
  useEffect(() => {
    if (query.error && items[0] && items[0].id !== itemId && at >= 0) onGo(undefined);
  }, [query.error, items, itemId, at, onGo]);

  if (query.error) {
    return (
      <div className="desk-rest">
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      </div>
    );
  }
  return (
    <>
      <section className="stage" aria-label={t('stage.label')}>
        <div className={live ? 'stage-ground has-live' : 'stage-ground'}>
          {item ? (
            <EvidenceStage
              file={file}
              label={t('stage.alt', { rule: finding?.ruleName ?? '', camera: item.deviceName })}
              magnifies={magnifies}
              mayLook={may('evidence.read')}
            />
          ) : null}
          {item && live ? (
            <section className="stage-live" aria-label={t('review:live.label', { name: item.deviceName })}>
              <LivePicture deviceId={item.deviceId} name={item.deviceName} />
            </section>
          ) : null}
        </div>
        <StageTools
          files={files}
          shown={file}
          onShow={({ id }) => setFileId(id)}
          magnifies={magnifies}
          onMagnify={() => setMagnifies(!magnifies)}
          live={live}
          onLive={() => setLive(!live)}
        />
      </section>
      {item ? (
        <DecisionPanel
          ref={opinionField}
          item={item}
          finding={finding}
          onFinding={({ id }) => {
            setFindingId(id);
            setFileId(undefined);
          }}
          opinion={opinion}
          onOpinion={setOpinion}
          mayDecide={mayDecide}
          others={others}
          busy={decision.isPending || undo.isPending}
          error={decision.error ?? undo.error}
          onDecide={choose}
          onUndo={() => undo.mutate(item)}
        />
      ) : (
        <div className="desk-panel">
          <SkeletonLines lines={8} />
        </div>
      )}
      {item && asks ? (
        <DuplicateDialog
          item={item}
          onClose={() => setAsks(false)}
          onChoose={(duplicateOf) => {
            setAsks(false);
            decision.mutate({
              decision: 'duplicate',
              duplicateOf,
              ...(opinion.trim() ? { opinion: opinion.trim() } : {}),
            });
          }}
        />
      ) : null}
    </>
  );
}
