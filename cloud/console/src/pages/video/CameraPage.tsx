import { uuidv7 } from '@hallhub/shared/ids';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CameraSetUp, type CameraView, cameraQuery } from '../../api/vision.js';
import { AppLink } from '../../app/AppLink.js';
import { PageLoading } from '../../app/PageStates.js';
import { useRights } from '../../app/session.js';
import { paths } from '../../paths.js';
import { HeldButton } from '../../ui/HeldButton.js';
import { Icon } from '../../ui/icons.js';
import { useKeys } from '../../ui/keys.js';
import { Page } from '../../ui/Page.js';
import { useProblemText } from '../../ui/problem-text.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { PresenceMark } from '../parts/marks.js';
import { CameraGeneral } from './CameraGeneral.js';
import { CopyDialog } from './CopyDialog.js';
import { cameraProblems } from './camera-problems.js';
import { CameraStanding } from './cameras/CameraStanding.js';
import { ConflictNote } from './cameras/ConflictNote.js';
import { LeaveGuard } from './cameras/LeaveGuard.js';
import { OverlaySection } from './cameras/OverlaySection.js';
import { useCameraDraft } from './cameras/use-camera-draft.js';
import { HeatSection } from './HeatSection.js';
import { PatrolFields } from './PatrolFields.js';
import { PrivacySection } from './PrivacySection.js';
import { VideoTabs } from './VideoTabs.js';
import { ViewEditor } from './ViewEditor.js';
import './cameras.css';
import './cameras/camera-page.css';
import './overview.css';
import { today } from '../../format/page-zone.js';

/** What one camera is watched for: views, zones and lines on its picture, rules. */
export default function CameraPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const query = useQuery(cameraQuery(id));
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <PageLoading />;
  return <SetUp key={id} camera={query.data} />;
}

function SetUp({ camera }: { camera: CameraSetUp }) {
  const { t } = useTranslation(['video', 'cameras']);
  const may = useRights();
  const { message } = App.useApp();
  const mayWrite = may('vision.write');
  const edited = useCameraDraft(camera, () => void message.success(t('camera.saved')));
  const { draft, isChanged, hasConflict, save, change, edit, undo, redo } = edited;
  const [viewId, setViewId] = useState(draft.views[0]?.id);
  const [copies, setCopies] = useState(false);
  const view = draft.views.find(({ id }) => id === viewId) ?? draft.views[0];
  const problems = cameraProblems(draft);
  const problem = useProblemText(save.error);
  const changeView = (of: string, part: Partial<CameraView>, tag?: string) =>
    edit((was) => ({ ...was, views: was.views.map((one) => (one.id === of ? { ...one, ...part } : one)) }), tag);
  const addView = () => {
    const made = { id: uuidv7(), name: t('view.new', { number: draft.views.length + 1 }), rules: [] };
    // Of several views all but one stand at a preset of the camera.
    change({
      views: [...draft.views, draft.views.length === 0 ? made : { ...made, preset: String(draft.views.length) }],
    });
    setViewId(made.id);
  };
  const canSave = mayWrite && isChanged && !hasConflict && problems.length === 0 && !save.isPending;
  useKeys([
    { key: 'mod+s', does: t('camera.save'), run: () => canSave && save.mutate(), inFields: true },
    { key: 'mod+z', does: t('cameras:undo'), run: undo },
    { key: 'mod+y', does: t('cameras:redo'), run: redo },
  ]);
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
            <HeldButton why={isChanged ? t('camera.saveFirst') : undefined} onClick={() => setCopies(true)}>
              {t('copy.label')}
            </HeldButton>
          ) : null}
          {mayWrite ? (
            <>
              <Button
                disabled={!edited.canUndo}
                aria-label={t('cameras:undo')}
                title={t('cameras:undo')}
                icon={<Icon name="undo" />}
                onClick={undo}
              />
              <Button
                disabled={!edited.canRedo}
                aria-label={t('cameras:redo')}
                title={t('cameras:redo')}
                icon={<Icon name="redo" />}
                onClick={redo}
              />
              <Button disabled={!isChanged || save.isPending} onClick={edited.discard}>
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
      {hasConflict ? (
        <ConflictNote by={camera.updatedBy} onTake={edited.takeTheirs} onKeep={edited.keepMine} />
      ) : save.error ? (
        <p role="alert" className="problem-inline camera-problem">
          {problem.what} {problem.next}
        </p>
      ) : null}
      {isChanged && problems.length > 0 ? (
        <p className="camera-problem warn-text">
          {problems.map(({ rule, what }) => t(`problem.${what}`, { rule })).join(' ')}
        </p>
      ) : null}
      <LeaveGuard when={isChanged} />
      <CameraStanding camera={camera} />
      <CameraGeneral camera={camera} draft={draft} readOnly={!mayWrite} onChange={change} />
      <PatrolFields draft={draft} readOnly={!mayWrite} onChange={change} />
      <div className="views">
        <div className="views-tabs" role="tablist" aria-label={t('view.label')}>
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
        </div>
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
          takenPresets={draft.views.flatMap((one) => (one.id === view.id ? [] : (one.preset ?? [])))}
          readOnly={!mayWrite}
          onChange={(part, tag) => changeView(view.id, part, tag)}
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
      <OverlaySection camera={camera} draft={draft} readOnly={!mayWrite} onChange={(overlay) => change({ overlay })} />
      <div className="camera-more">
        {view ? <HeatSection key={view.id} camera={camera} view={view} /> : null}
        <PrivacySection deviceId={camera.deviceId} today={today()} />
      </div>
      {copies && view ? <CopyDialog camera={camera} view={view} onClose={() => setCopies(false)} /> : null}
    </Page>
  );
}
