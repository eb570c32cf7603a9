import { uuidv7 } from '@hallhub/shared/ids';
import { type Point, type VisionAlgorithm, type VisionRule, visionAlgorithms } from '@hallhub/shared/vision';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { App, Button, Dropdown, Input, InputNumber, Switch } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type CameraDocument,
  type CameraSetUp,
  type CameraView,
  cameraQuery,
  evidenceBytesQuery,
  saveCamera,
  templatesQuery,
} from '../../api/vision.js';
import { AppLink } from '../../app/AppLink.js';
import { PageLoading } from '../../app/PageStates.js';
import { useRights } from '../../app/session.js';
import { paths } from '../../paths.js';
import { Icon } from '../../ui/icons.js';
import { useKeys } from '../../ui/keys.js';
import { Page } from '../../ui/Page.js';
import { useProblemText } from '../../ui/problem-text.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { PresenceMark } from '../parts/marks.js';
import { CopyDialog } from './CopyDialog.js';
import { cameraProblems } from './camera-problems.js';
import { useObjectUrl } from './EvidenceStage.js';
import { HeatSection } from './HeatSection.js';
import { newRule } from './new-rule.js';
import { PrivacySection } from './PrivacySection.js';
import { RuleForm } from './RuleForm.js';
import { shapeOf } from './rule-fields.js';
import { ShapeEditor } from './ShapeEditor.js';
import { TemplateDialog } from './TemplateDialog.js';
import { useAlgorithmName } from './use-algorithm-name.js';
import { VideoTabs } from './VideoTabs.js';
import './cameras.css';
import './overview.css';

/** What one camera is watched for: views, zones and lines on its picture, rules. */
export default function CameraPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const query = useQuery(cameraQuery(id));
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <PageLoading />;
  // A draft begins anew where another version was saved.
  return <SetUp key={`${id} ${query.data.version}`} camera={query.data} />;
}

function SetUp({ camera }: { camera: CameraSetUp }) {
  const { t } = useTranslation('video');
  const may = useRights();
  const client = useQueryClient();
  const { message } = App.useApp();
  const mayWrite = may('vision.write');
  const [draft, setDraft] = useState<CameraDocument>(camera.document);
  const [viewId, setViewId] = useState(draft.views[0]?.id);
  const [copies, setCopies] = useState(false);
  const view = draft.views.find(({ id }) => id === viewId) ?? draft.views[0];
  const isChanged = draft !== camera.document;
  const problems = cameraProblems(draft);
  const save = useMutation({
    mutationFn: () => saveCamera(camera, draft),
    onSuccess: (saved) => {
      client.setQueryData(['vision', 'one', camera.deviceId], saved);
      void client.invalidateQueries({ queryKey: ['vision', 'list'] });
      void message.success(t('camera.saved'));
    },
  });
  const problem = useProblemText(save.error);
  const change = (part: Partial<CameraDocument>) => setDraft((was) => ({ ...was, ...part }));
  const changeView = (of: string, part: Partial<CameraView>) =>
    setDraft((was) => ({ ...was, views: was.views.map((one) => (one.id === of ? { ...one, ...part } : one)) }));
  const addView = () => {
    const made = { id: uuidv7(), name: t('view.new', { number: draft.views.length + 1 }), rules: [] };
    // Of several views all but one stand at a preset of the camera.
    change({
      views: [...draft.views, draft.views.length === 0 ? made : { ...made, preset: String(draft.views.length) }],
    });
    setViewId(made.id);
  };
  const canSave = mayWrite && isChanged && problems.length === 0 && !save.isPending;
  useKeys([{ key: 'mod+s', does: t('camera.save'), run: () => canSave && save.mutate(), inFields: true }]);
  useEffect(() => {
    if (!isChanged) return;
    const hold = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', hold);
    return () => window.removeEventListener('beforeunload', hold);
  }, [isChanged]);
  return (
    <Page
      title={camera.name}
      trail={
        <>
          <AppLink to={paths.cameras()}>{t('cameras.title')}</AppLink> › {camera.hallName}
        </>
      }
      mark={<PresenceMark presence={camera.stale ? 'unknown' : camera.presence} />}
      tabs={<VideoTabs active="cameras" />}
      actions={
        <>
          {view && view.rules.length > 0 && mayWrite ? (
            <Button
              disabled={isChanged}
              title={isChanged ? t('camera.saveFirst') : undefined}
              onClick={() => setCopies(true)}
            >
              {t('copy.label')}
            </Button>
          ) : null}
          {mayWrite ? (
            <>
              <Button disabled={!isChanged || save.isPending} onClick={() => setDraft(camera.document)}>
                {t('camera.discard')}
              </Button>
              <Button type="primary" disabled={!canSave} loading={save.isPending} onClick={() => save.mutate()}>
                {t('camera.save')}
              </Button>
            </>
          ) : null}
        </>
      }
    >
      {save.error ? (
        <p role="alert" className="problem-inline camera-problem">
          {problem.what} {problem.next}
        </p>
      ) : null}
      {isChanged && problems.length > 0 ? (
        <p className="camera-problem warn-text">
          {problems.map(({ rule, what }) => t(`problem.${what}`, { rule })).join(' ')}
        </p>
      ) : null}
      <General camera={camera} draft={draft} readOnly={!mayWrite} onChange={change} />
      <div className="views" role="tablist" aria-label={t('view.label')}>
        {draft.views.map((one) => (
          <button
            type="button"
            role="tab"
            key={one.id}
            aria-selected={one.id === view?.id}
            className={one.id === view?.id ? 'view-tab is-active' : 'view-tab'}
            onClick={() => setViewId(one.id)}
          >
            {one.name} <span className="faint">{t('view.rules', { used: one.rules.length })}</span>
          </button>
        ))}
        {mayWrite && draft.views.length < 10 ? (
          <Button size="small" type="text" icon={<Icon name="plus" size={14} />} onClick={addView}>
            {t('view.add')}
          </Button>
        ) : null}
      </div>
      {view ? (
        <ViewEditor
          key={view.id}
          camera={camera}
          view={view}
          severalViews={draft.views.length > 1}
          readOnly={!mayWrite}
          onChange={(part) => changeView(view.id, part)}
          onRemove={() => {
            change({ views: draft.views.filter(({ id }) => id !== view.id) });
            setViewId(undefined);
          }}
        />
      ) : (
        <Empty
          icon="camera"
          title={t('camera.empty')}
          hint={t('camera.emptyHint')}
          action={
            mayWrite ? (
              <Button type="primary" onClick={addView}>
                {t('view.first')}
              </Button>
            ) : undefined
          }
        />
      )}
      <div className="camera-more">
        {view ? <HeatSection key={view.id} camera={camera} view={view} /> : null}
        <PrivacySection deviceId={camera.deviceId} today={today()} />
      </div>
      {copies && view ? <CopyDialog camera={camera} view={view} onClose={() => setCopies(false)} /> : null}
    </Page>
  );
}

/** As the browser's calendar says it. */
const today = (): string => {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
};

interface GeneralProps {
  camera: CameraSetUp;
  draft: CameraDocument;
  readOnly: boolean;
  onChange: (part: Partial<CameraDocument>) => void;
}

/** Once for the whole camera. */
function General({ camera, draft, readOnly, onChange }: GeneralProps) {
  const { t } = useTranslation('video');
  return (
    <section className="camera-general" aria-label={t('camera.general')}>
      <div className="camera-field">
        <span>{t('camera.enabled')}</span>
        <Switch
          aria-label={t('camera.enabled')}
          checked={draft.enabled}
          disabled={readOnly}
          onChange={(enabled) => onChange({ enabled })}
        />
      </div>
      <div className="camera-field grow">
        <span>{t('camera.purpose')}</span>
        <Input
          aria-label={t('camera.purpose')}
          value={draft.purpose}
          maxLength={500}
          disabled={readOnly}
          placeholder={t('camera.purposeHint')}
          onChange={({ target }) => onChange({ purpose: target.value })}
        />
      </div>
      <div className="camera-field">
        <span>{t('camera.fps')}</span>
        <InputNumber
          aria-label={t('camera.fps')}
          min={0.2}
          max={15}
          step={1}
          value={draft.analysisFps}
          disabled={readOnly}
          suffix={t('camera.fpsUnit')}
          onChange={(fps) => fps && onChange({ analysisFps: fps })}
        />
      </div>
      <div className="camera-field">
        <span>{t('camera.record')}</span>
        <InputNumber
          aria-label={t('camera.record')}
          min={0}
          max={2_160}
          value={draft.recordHours}
          disabled={readOnly}
          suffix={t('camera.hours')}
          onChange={(hours) => hours !== null && onChange({ recordHours: hours })}
        />
      </div>
      {camera.updatedAt ? (
        <span className="faint small camera-updated">
          {t('camera.by', { name: camera.updatedBy ?? '' })} <RelativeTime time={camera.updatedAt} />
        </span>
      ) : null}
    </section>
  );
}

interface ViewEditorProps {
  camera: CameraSetUp;
  view: CameraView;
  severalViews: boolean;
  readOnly: boolean;
  onChange: (part: Partial<CameraView>) => void;
  onRemove: () => void;
}

function ViewEditor({ camera, view, severalViews, readOnly, onChange, onRemove }: ViewEditorProps) {
  const { t } = useTranslation('video');
  const algorithm = useAlgorithmName();
  const templates = useQuery(templatesQuery);
  const [ruleId, setRuleId] = useState(view.rules[0]?.id);
  const [keeps, setKeeps] = useState(false);
  const rule = view.rules.find(({ id }) => id === ruleId);
  const setRules = (rules: VisionRule[]) => onChange({ rules });
  const changeRule = (id: string, part: Record<string, unknown>) =>
    setRules(view.rules.map((one) => (one.id === id ? clean({ ...one, ...part }) : one)));
  const add = (made: VisionRule[]) => {
    setRules([...view.rules, ...made]);
    setRuleId(made[0]?.id);
  };
  const addOne = (kind: VisionAlgorithm) => add([newRule(kind, algorithm(kind))]);
  const used = templates.data?.items ?? [];
  return (
    <div className="view-editor">
      <div className="view-left">
        <Drawing
          camera={camera}
          view={view}
          ruleId={ruleId}
          readOnly={readOnly}
          onActivate={setRuleId}
          onDraw={(id, kind, points) => changeRule(id, { [kind]: points })}
        />
        {rule && shapeOf(rule.algorithm).kind !== 'none' && !readOnly ? (
          <p className="small faint">{t(`draw.hint.${shapeOf(rule.algorithm).kind as 'zone'}`)}</p>
        ) : null}
        <div className="row row-wrap view-name">
          <Input
            value={view.name}
            maxLength={100}
            disabled={readOnly}
            aria-label={t('view.name')}
            onChange={({ target }) => onChange({ name: target.value })}
          />
          {severalViews ? (
            <Input
              value={view.preset ?? ''}
              maxLength={64}
              disabled={readOnly}
              aria-label={t('view.preset')}
              placeholder={t('view.presetHint')}
              onChange={({ target }) => onChange(target.value === '' ? withoutPreset(view) : { preset: target.value })}
            />
          ) : null}
          {readOnly ? null : (
            <Button danger type="text" onClick={onRemove}>
              {t('view.remove')}
            </Button>
          )}
        </div>
      </div>
      <div className="view-right">
        <div className="row rules-head">
          <h2 className="grow">{t('rule.all', { used: view.rules.length, most: 32 })}</h2>
          {readOnly ? null : (
            <>
              {view.rules.length > 0 ? (
                <Button size="small" type="text" onClick={() => setKeeps(true)}>
                  {t('template.keep')}
                </Button>
              ) : null}
              <Dropdown
                trigger={['click']}
                disabled={view.rules.length >= 32}
                menu={{
                  className: 'rule-menu',
                  items: [
                    ...(used.length > 0
                      ? [
                          {
                            key: 'templates',
                            type: 'group' as const,
                            label: t('template.all'),
                            children: used.map((one) => ({
                              key: one.id,
                              label: one.name,
                              onClick: () =>
                                add(
                                  one.rules.slice(0, 32 - view.rules.length).map((each) => ({ ...each, id: uuidv7() })),
                                ),
                            })),
                          },
                        ]
                      : []),
                    {
                      key: 'algorithms',
                      type: 'group' as const,
                      label: t('rule.watchFor'),
                      children: visionAlgorithms.map((kind) => ({
                        key: kind,
                        label: algorithm(kind),
                        onClick: () => addOne(kind),
                      })),
                    },
                  ],
                }}
              >
                <Button size="small" icon={<Icon name="plus" size={14} />}>
                  {t('rule.add')}
                </Button>
              </Dropdown>
            </>
          )}
        </div>
        {view.rules.length === 0 ? <Empty title={t('rule.none')} hint={t('rule.noneHint')} /> : null}
        <ul className="rules">
          {view.rules.map((one) => (
            <li key={one.id} className={one.id === ruleId ? 'rule is-open' : 'rule'}>
              <div className="row rule-line">
                <button
                  type="button"
                  className="rule-open grow"
                  aria-expanded={one.id === ruleId}
                  onClick={() => setRuleId(one.id === ruleId ? undefined : one.id)}
                >
                  <span className={one.enabled ? 'clip' : 'clip faint'}>{one.name || algorithm(one.algorithm)}</span>
                  <span className="small faint clip">{algorithm(one.algorithm)}</span>
                </button>
                <Switch
                  size="small"
                  checked={one.enabled}
                  disabled={readOnly}
                  aria-label={t('rule.enabled', { rule: one.name })}
                  onChange={(enabled) => changeRule(one.id, { enabled })}
                />
                {readOnly ? null : (
                  <Button
                    type="text"
                    size="small"
                    icon={<Icon name="close" size={14} />}
                    aria-label={t('rule.remove', { rule: one.name })}
                    onClick={() => setRules(view.rules.filter(({ id }) => id !== one.id))}
                  />
                )}
              </div>
              {one.id === ruleId ? (
                <RuleForm
                  rule={one}
                  unitId={camera.unitId}
                  readOnly={readOnly}
                  onChange={(part) => changeRule(one.id, part)}
                />
              ) : null}
            </li>
          ))}
        </ul>
      </div>
      {keeps ? <TemplateDialog rules={view.rules} onClose={() => setKeeps(false)} /> : null}
    </div>
  );
}

/** What was emptied is left out: the contract knows no `undefined`. */
const clean = (rule: Record<string, unknown>): VisionRule =>
  Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined)) as unknown as VisionRule;

const withoutPreset = ({ id, name, rules }: CameraView): Partial<CameraView> => ({
  id,
  name,
  rules,
  preset: undefined,
});

interface DrawingProps {
  camera: CameraSetUp;
  view: CameraView;
  ruleId: string | undefined;
  readOnly: boolean;
  onActivate: (ruleId: string) => void;
  onDraw: (ruleId: string, kind: 'zone' | 'line', points: Point[]) => void;
}

function Drawing({ camera, view, ruleId, readOnly, onActivate, onDraw }: DrawingProps) {
  const { t } = useTranslation('video');
  const { picture } = camera;
  const bytes = useQuery({ ...evidenceBytesQuery(picture?.evidenceId ?? ''), enabled: picture !== null });
  const url = useObjectUrl(bytes.data);
  const [natural, setNatural] = useState<{ width: number; height: number }>();
  useEffect(() => {
    if (!url) return;
    const image = new Image();
    image.onload = () => setNatural({ width: image.naturalWidth, height: image.naturalHeight });
    image.src = url;
  }, [url]);
  const frame = frameOf(picture, natural);
  const shapes = view.rules.flatMap((rule) => {
    const { kind } = shapeOf(rule.algorithm);
    if (kind === 'none') return [];
    const points = ('zone' in rule ? rule.zone : 'line' in rule ? rule.line : undefined) ?? [];
    return [{ id: rule.id, kind, name: rule.name, points, off: !rule.enabled }];
  });
  return (
    <figure className="drawing">
      <ShapeEditor
        shapes={shapes}
        activeId={ruleId}
        width={frame.width}
        height={frame.height}
        picture={url}
        crop={frame.crop}
        readOnly={readOnly}
        onActivate={onActivate}
        onChange={(id, points) =>
          onDraw(id, shapes.find((shape) => shape.id === id)?.kind === 'line' ? 'line' : 'zone', points)
        }
      />
      <figcaption className="small faint">
        {picture ? (
          <>
            {t('picture.from')} <RelativeTime time={picture.at} />
          </>
        ) : (
          t('picture.none')
        )}
      </figcaption>
    </figure>
  );
}

/** The camera's own picture in the file: a band of text may have been put above or below it. */
const frameOf = (picture: CameraSetUp['picture'], natural: { width: number; height: number } | undefined) => {
  if (!picture?.width || !picture.height) {
    return { width: natural?.width ?? 1_280, height: natural?.height ?? 720, crop: undefined };
  }
  const size = { width: picture.width, height: picture.height };
  if (!natural || picture.band === 'none' || picture.band === 'on') return { ...size, crop: undefined };
  const share = Math.min(1, (natural.width * picture.height) / picture.width / natural.height);
  return { ...size, crop: share > 0.995 ? undefined : { share, top: picture.band === 'above' ? 1 - share : 0 } };
};
