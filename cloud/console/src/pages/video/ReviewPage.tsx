import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, type InputRef } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import {
  type Decision,
  type DecisionInput,
  decide,
  decisions,
  type Finding,
  type FindingFile,
  type ReviewDetail,
  type ReviewItem,
  reviewQuery,
  reviewsQuery,
  undoDecision,
} from '../../api/vision.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { usePlace } from '../../app/use-place.js';
import { useKeys } from '../../ui/keys.js';
import { Page } from '../../ui/Page.js';
import { Skeleton, SkeletonLines } from '../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { useListing } from '../parts/list-state.js';
import { SeverityMark } from '../parts/marks.js';
import { DecisionMark } from './DecisionMark.js';
import { DecisionPanel, decisionKeys } from './DecisionPanel.js';
import { DuplicateDialog } from './DuplicateDialog.js';
import { EvidenceStage, StageTools } from './EvidenceStage.js';
import { ExportButton } from './ExportButton.js';
import { ReviewQueue } from './ReviewQueue.js';
import { VideoTabs } from './VideoTabs.js';
import './review.css';

const severities = ['critical', 'warning', 'notice', 'info'] as const;
const states = ['open', 'decided', 'all'] as const;

const searchSchema = z.object({
  state: oneOf(states),
  severity: oneOf(severities),
  decision: oneOf(decisions),
  device: anyText,
  rule: anyText,
  number: anyText,
  order: oneOf(['newest', 'oldest']),
  id: anyText,
});

/** What cameras found, one after the other: look, decide, next. Everything by keyboard. */
export default function ReviewPage() {
  const { t } = useTranslation('video');
  const { hallId } = usePlace();
  const [search, setSearch] = useSearchState(searchSchema);
  const state = search.state ?? 'open';
  const filter = {
    ...{ hallId, severity: search.severity, decision: search.decision, deviceId: search.device, ruleId: search.rule },
    ...{ number: search.number, state: state === 'all' ? undefined : state },
  };
  const list = useListing(reviewsQuery({ ...filter, order: search.order ?? 'newest' }));
  const items = list.rows ?? [];
  const openId = search.id ?? items[0]?.id;
  const filtered = Boolean(search.severity || search.decision || search.device || search.rule || search.number);
  return (
    <Page
      title={t('review.title')}
      tabs={<VideoTabs active="review" />}
      fill
      actions={<ExportButton filter={filter} />}
    >
      <div className="desk">
        <aside className="desk-list" aria-label={t('queue')}>
          <div className="desk-filters">
            <FilterChoice
              label={t('filter.state')}
              value={state}
              options={states.map((value) => ({ value, label: t(`filter.stateOf.${value}`) }))}
              onChange={(next) => setSearch({ state: next, id: undefined })}
            />
            <FilterChoice
              label={t('filter.severity')}
              value={search.severity}
              options={severities.map((value) => ({ value, label: <SeverityMark severity={value} /> }))}
              onChange={(severity) => setSearch({ severity, id: undefined })}
            />
            {state === 'open' ? null : (
              <FilterChoice
                label={t('filter.decision')}
                value={search.decision}
                options={decisions.map((value) => ({ value, label: <DecisionMark decision={value} /> }))}
                onChange={(decision) => setSearch({ decision, id: undefined })}
              />
            )}
            <span data-filter="">
              <Input.Search
                allowClear
                size="middle"
                defaultValue={search.number}
                placeholder={t('filter.number')}
                aria-label={t('filter.number')}
                onSearch={(number) => setSearch({ number: number.trim() || undefined, state: 'all', id: undefined })}
              />
            </span>
            <Button
              size="small"
              type="text"
              onClick={() => setSearch({ order: search.order === 'oldest' ? 'newest' : 'oldest', id: undefined })}
            >
              {t(`filter.order.${search.order ?? 'newest'}`)}
            </Button>
            {search.device || search.rule ? (
              <Button size="small" onClick={() => setSearch({ device: undefined, rule: undefined, id: undefined })}>
                {t('filter.one')} ✕
              </Button>
            ) : null}
          </div>
          {list.error ? (
            <ErrorState error={list.error} onRetry={list.onRetry} compact />
          ) : list.rows === undefined ? (
            <div className="queue-loading">
              <SkeletonLines lines={10} />
            </div>
          ) : items.length === 0 ? (
            filtered || state === 'decided' ? (
              <Empty icon="filter" title={t('none.title')} hint={t('none.hint')} />
            ) : (
              <Empty icon="check" title={t('empty.title')} hint={t('empty.hint')} />
            )
          ) : (
            <ReviewQueue items={items} openId={openId} onOpen={({ id }) => setSearch({ id })} more={list.more} />
          )}
        </aside>
        {openId ? (
          <Desk key={openId} itemId={openId} items={items} onGo={(id) => setSearch({ id })} />
        ) : (
          <div className="desk-rest">{list.rows === undefined ? <Skeleton width="100%" height={360} /> : null}</div>
        )}
      </div>
    </Page>
  );
}

interface DeskProps {
  itemId: string;
  items: ReviewItem[];
  onGo: (id: string | undefined) => void;
}

const firstFile = (finding: Finding | undefined): FindingFile | undefined =>
  finding?.evidence.find(({ role }) => role === 'overview') ?? finding?.evidence[0];

function Desk({ itemId, items, onGo }: DeskProps) {
  const { t } = useTranslation('video');
  const may = useRights();
  const client = useQueryClient();
  const { message } = App.useApp();
  const query = useQuery(reviewQuery(itemId));
  const item = query.data;
  const [findingId, setFindingId] = useState<string>();
  const [fileId, setFileId] = useState<string>();
  const [magnifies, setMagnifies] = useState(false);
  const [opinion, setOpinion] = useState('');
  const [asks, setAsks] = useState(false);
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

  const settle = (detail: ReviewDetail) => {
    client.setQueryData(['review', 'one', detail.id], detail);
    void client.invalidateQueries({ queryKey: ['review', 'list'] });
    void client.invalidateQueries({ queryKey: ['vision'] });
  };
  const undo = useMutation({
    mutationFn: (of: Pick<ReviewItem, 'id' | 'version'>) => undoDecision(of),
    onSuccess: (detail) => {
      settle(detail);
      onGo(detail.id);
    },
    onError: () => void client.invalidateQueries({ queryKey: ['review'] }),
  });
  const decision = useMutation({
    mutationFn: (input: DecisionInput) => decide(item as ReviewDetail, input),
    onSuccess: (detail) => {
      const next = nextOpen();
      settle(detail);
      void message.open({
        type: 'success',
        key: 'decided',
        duration: 6,
        content: (
          <span className="row">
            {t('done', { number: detail.number, decision: t(`decision.${detail.decision ?? 'open'}`) })}
            <Button size="small" type="link" onClick={() => undo.mutate(detail)}>
              {t('undo')}
            </Button>
          </span>
        ),
      });
      onGo(next ?? detail.id);
    },
    onError: () => void query.refetch(),
  });
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
        <div className="stage-ground">
          {item ? (
            <EvidenceStage
              file={file}
              label={t('stage.alt', { rule: finding?.ruleName ?? '', camera: item.deviceName })}
              magnifies={magnifies}
              mayLook={may('evidence.read')}
            />
          ) : null}
        </div>
        <StageTools
          files={files}
          shown={file}
          onShow={({ id }) => setFileId(id)}
          magnifies={magnifies}
          onMagnify={() => setMagnifies(!magnifies)}
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
