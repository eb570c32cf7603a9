import { useTranslation } from 'react-i18next';
import type { CameraHall } from '../../../api/vision.js';
import { StatusMark } from '../../../ui/StatusMark.js';

/** All cameras within reach in one line, and what their units can carry. */
export function CameraSums({ halls, onTrouble }: { halls: readonly CameraHall[]; onTrouble: () => void }) {
  const { t } = useTranslation('cameras');
  const sum = (of: 'cameras' | 'online' | 'watching' | 'trouble') => halls.reduce((all, hall) => all + hall[of], 0);
  const units = halls.flatMap((hall) => hall.units);
  const told = units.filter(({ slotsMost }) => slotsMost !== null);
  const slots = (of: 'slotsMost' | 'slotsUsed') => told.reduce((all, unit) => all + (unit[of] ?? 0), 0);
  const trouble = sum('trouble');
  return (
    <dl className="camera-sums" aria-label={t('sum.label')}>
      {(['cameras', 'online', 'watching'] as const).map((of) => (
        <div key={of}>
          <dt>{t(`sum.${of}`)}</dt>
          <dd>{sum(of)}</dd>
        </div>
      ))}
      <div>
        <dt>{t('sum.trouble')}</dt>
        <dd>
          {trouble === 0 ? (
            0
          ) : (
            <button type="button" className="link-button" onClick={onTrouble}>
              <StatusMark tone="warn" shape="triangle" word={String(trouble)} />
            </button>
          )}
        </dd>
      </div>
      {told.length > 0 ? (
        <div title={t('sum.slotsHint')}>
          <dt>{t('sum.slots')}</dt>
          <dd>
            {slots('slotsUsed')} <span className="faint">/ {slots('slotsMost')}</span>
          </dd>
        </div>
      ) : null}
    </dl>
  );
}
