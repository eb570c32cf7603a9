import { useTranslation } from 'react-i18next';
import type { CameraHall, CameraPlaces } from '../../../api/vision.js';
import { formatNumber } from '../../../format/number.js';
import { useLanguage } from '../../../i18n/use-language.js';
import { Proportion } from '../../../ui/Proportion.js';
import { StatusMark } from '../../../ui/StatusMark.js';
import { cameraTree, type RegionNode } from './camera-tree.js';
import { planOf } from './hall-plan.js';

interface CameraPlanProps {
  places: CameraPlaces;
  onChoose: (hallId: string) => void;
}

/** Every hall at a glance: where it is, how many of its cameras are watched, what its units can carry. */
export function CameraPlan({ places, onChoose }: CameraPlanProps) {
  const { t } = useTranslation('cameras');
  return (
    <div className="camera-plan">
      <HallMap halls={places.halls} onChoose={onChoose} />
      {cameraTree(places).map((region) => (
        <RegionHalls key={region.regionId} region={region} above={[]} onChoose={onChoose} />
      ))}
      <p className="small faint">{t('sum.slotsHint')}</p>
    </div>
  );
}

function RegionHalls({
  region,
  above,
  onChoose,
}: {
  region: RegionNode;
  above: string[];
  onChoose: (hallId: string) => void;
}) {
  const names = [...above, region.name];
  return (
    <>
      {region.halls.length > 0 ? (
        <section aria-label={names.join(' › ')}>
          <h2 className="plan-region">{names.join(' › ')}</h2>
          <ul className="plan-halls">
            {region.halls.map((hall) => (
              <HallCard key={hall.hallId} hall={hall} onChoose={onChoose} />
            ))}
          </ul>
        </section>
      ) : null}
      {region.regions.map((one) => (
        <RegionHalls key={one.regionId} region={one} above={names} onChoose={onChoose} />
      ))}
    </>
  );
}

function HallCard({ hall, onChoose }: { hall: CameraHall; onChoose: (hallId: string) => void }) {
  const { t } = useTranslation('cameras');
  const language = useLanguage();
  const { name, cameras, online, watching, trouble } = hall;
  return (
    <li className="plan-hall">
      <button
        type="button"
        className="plan-name"
        title={t('plan.open', { name })}
        onClick={() => onChoose(hall.hallId)}
      >
        <span className="grow clip">{name}</span>
        <span className="faint">{cameras}</span>
      </button>
      <Proportion
        label={name}
        parts={[
          { key: 'watching', count: watching, tone: 'accent', word: t('sum.watching') },
          { key: 'trouble', count: trouble, tone: 'warn', word: t('sum.trouble') },
          { key: 'rest', count: cameras - watching - trouble, tone: 'quiet', word: t('analysis.not_set_up') },
        ]}
      />
      <span className="row row-wrap small">
        <span className="soft">{t('tree.counts', { watching, cameras })}</span>
        {trouble > 0 ? (
          <StatusMark tone="warn" shape="triangle" word={t('tree.trouble', { count: trouble })} />
        ) : online < cameras ? (
          <span className="faint">
            {t('sum.online')} {online}
          </span>
        ) : null}
      </span>
      <ul className="plan-units small">
        {hall.units.map((unit) => (
          <li key={unit.unitId}>
            <span className="grow clip soft">{unit.name}</span>
            {unit.slotsMost === null ? (
              <span className="faint">{t('plan.noSlots')}</span>
            ) : (
              <span className="nowrap">
                {t('plan.slots', { used: unit.slotsUsed, most: unit.slotsMost })}
                {unit.busy === null ? null : (
                  <span className={unit.busy > 0.9 ? 'warn-text' : 'faint'}>
                    {' · '}
                    {t('plan.busy', { share: `${formatNumber(unit.busy * 100, language, 0)} %` })}
                  </span>
                )}
              </span>
            )}
          </li>
        ))}
      </ul>
    </li>
  );
}

/** More names than that would lie over one another: each shows when it is pointed at. */
const mostNamed = 12;

/** No tiles, no outside server: halls by their coordinates, as they lie to one another. */
function HallMap({ halls, onChoose }: { halls: readonly CameraHall[]; onChoose: (hallId: string) => void }) {
  const { t } = useTranslation('cameras');
  const plan = planOf(halls);
  if (!plan) return null;
  return (
    <figure className={plan.places.length > mostNamed ? 'hall-map is-crowded' : 'hall-map'}>
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing of buttons is a group, which no element of a form stands for */}
      <svg className="map-picture" viewBox={`0 0 ${plan.width} ${plan.height}`} role="group" aria-label={t('plan.map')}>
        {plan.places.map(({ hall, x, y, isLeft }) => {
          const isBad = hall.trouble > 0;
          return (
            // biome-ignore lint/a11y/useSemanticElements: inside a drawing there is no button element
            <g
              key={hall.hallId}
              className={isBad ? 'map-hall is-bad' : 'map-hall'}
              role="button"
              tabIndex={0}
              aria-label={`${hall.name}: ${t('tree.counts', { watching: hall.watching, cameras: hall.cameras })}`}
              onClick={() => onChoose(hall.hallId)}
              onKeyDown={(event) => (event.key === 'Enter' || event.key === ' ') && onChoose(hall.hallId)}
            >
              {isBad ? (
                <path d={`M${x} ${y - 8}l8 14h-16Z`} />
              ) : (
                <circle cx={x} cy={y} r={4 + Math.min(5, Math.sqrt(hall.cameras) / 2)} />
              )}
              <text x={x + (isLeft ? -15 : 15)} y={y + 4} textAnchor={isLeft ? 'end' : 'start'}>
                {hall.name} {hall.cameras}
              </text>
            </g>
          );
        })}
      </svg>
      <figcaption className="small faint">{t('plan.mapHint')}</figcaption>
    </figure>
  );
}
