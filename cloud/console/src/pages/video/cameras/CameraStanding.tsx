import { useTranslation } from 'react-i18next';
import type { CameraSetUp } from '../../../api/vision.js';
import { formatNumber } from '../../../format/number.js';
import { useLanguage } from '../../../i18n/use-language.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import { AnalysisMark } from './AnalysisMark.js';

const troubles: readonly string[] = ['no_pictures', 'no_model', 'no_address'];
const ills = ['black', 'frozen', 'covered', 'moved', 'blurred'] as const;

/** What the unit really does with this camera, by its own word: which version it works by, how it fares, what to do. */
export function CameraStanding({ camera }: { camera: CameraSetUp }) {
  const { t } = useTranslation(['cameras', 'video']);
  const language = useLanguage();
  const { analysis, applied, version } = camera;
  const isApplied = applied.version === version;
  const isTrouble = troubles.includes(analysis);
  const ill = ills.find((one) => one === camera.health);
  return (
    <section className={isTrouble ? 'standing is-trouble' : 'standing'} aria-label={t('standing.label')}>
      <div className="row row-wrap standing-line">
        <AnalysisMark state={analysis} />
        {version === 0 ? null : applied.version === null && applied.reportedAt === null ? (
          <span className="soft">{t('standing.never')}</span>
        ) : isApplied ? (
          <span>
            {t('standing.applied', { version })} {applied.at ? <RelativeTime time={applied.at} /> : null}
          </span>
        ) : (
          <span>
            {t('standing.waits', { version })}
            {applied.version === null ? null : (
              <span className="soft">
                {' · '}
                {t('standing.works', { version: applied.version })}
              </span>
            )}
          </span>
        )}
        {analysis === 'watching' && applied.fps !== null ? (
          <span className="soft">{t('standing.fps', { fps: formatNumber(applied.fps, language, 1) })}</span>
        ) : null}
        {analysis === 'watching' && applied.model ? (
          <span className="soft">
            {applied.model}
            {applied.inferenceMs === null
              ? null
              : ` · ${t('standing.inference', { ms: formatNumber(applied.inferenceMs, language, 0) })}`}
          </span>
        ) : null}
        {applied.reportedAt ? (
          <span className="faint small standing-when">
            {t('standing.reported')} <RelativeTime time={applied.reportedAt} />
          </span>
        ) : null}
      </div>
      {analysis === 'watching' && !ill ? null : <p className="standing-say">{t(`standing.say.${analysis}`)}</p>}
      {ill ? <p className="warn-text">{t('standing.health', { what: t(`video:option.${ill}`) })}</p> : null}
      {isTrouble && applied.reason ? (
        <p className="small soft">{t('standing.reason', { reason: applied.reason })}</p>
      ) : null}
      {isTrouble && applied.hint ? (
        <p className="small">
          {t('standing.do')} <code>{applied.hint}</code>
        </p>
      ) : null}
      {applied.problem ? <p className="warn-text">{t('standing.problem', { problem: applied.problem })}</p> : null}
      {applied.source === 'file' ? <p className="soft">{t('standing.file')}</p> : null}
    </section>
  );
}
